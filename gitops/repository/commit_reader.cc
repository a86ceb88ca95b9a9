#include "gitops/repository/commit_reader.h"

#include <fmt/format.h>

#include <utility>

#include "gitops/repository/commit_chain.h"
#include "gitops/repository/commit_object.h"
#include "gitops/repository/file_io.h"
#include "gitops/repository/resolve_revision.h"
#include "gitops/repository/tree_walk.h"

namespace lockkeeper {
namespace {

constexpr size_t kShallowFileMax = size_t{16} << 20;

}  // namespace

Result<ObjectId> RequireObjectId(std::string_view what, std::string_view text) {
  if (auto id = ParseObjectId(text)) return *id;
  return Invalid(fmt::format("'{}' is no {} id: 40 hexadecimal digits are needed", text, what));
}

CommitReader::CommitReader(ObjectStore store, Options options)
    : store_(std::move(store)), options_(std::move(options)) {}

Result<ObjectId> CommitReader::TreeOf(const std::string& commit) {
  auto id = RequireObjectId("commit", commit);
  if (!id) return id;
  return ReadTreeOfCommit(store_, *id);
}

Result<std::vector<TreeDifference>> CommitReader::Diff(const std::string& from, const std::string& to) {
  ObjectId from_tree;
  if (!from.empty()) {
    auto tree = TreeOf(from);
    if (!tree) return std::unexpected(tree.error());
    from_tree = *tree;
  }
  auto to_tree = TreeOf(to);
  if (!to_tree) return std::unexpected(to_tree.error());
  auto differences = DiffTrees(store_, from_tree, *to_tree);
  if (!differences)
    differences.error().message = fmt::format("commit {}: {}", to, differences.error().message);
  return differences;
}

Result<std::string_view> CommitReader::ReadBlob(const std::string& id) {
  blob_ = ObjectBytes();
  auto object_id = RequireObjectId("blob", id);
  if (!object_id) return std::unexpected(object_id.error());
  auto bytes = store_.Read(*object_id, ObjectType::kBlob, options_.blob_bytes_max);
  if (!bytes) return std::unexpected(bytes.error());
  blob_ = std::move(*bytes);
  return blob_.view();
}

Result<TreeEntry> CommitReader::FindFile(const std::string& commit, std::string_view path) {
  auto tree = TreeOf(commit);
  if (!tree) return std::unexpected(tree.error());
  return FindInTree(store_, *tree, path);
}

Result<std::string_view> CommitReader::ReadCommit(const std::string& id) {
  blob_ = ObjectBytes();
  auto object_id = RequireObjectId("commit", id);
  if (!object_id) return std::unexpected(object_id.error());
  auto bytes = store_.Read(*object_id, ObjectType::kCommit, kMaxCommitBytes);
  if (!bytes) return std::unexpected(bytes.error());
  blob_ = std::move(*bytes);
  return blob_.view();
}

std::unexpected<Error> CommitReader::MissingParent(const ObjectId& id, const ObjectId& child) const {
  if (!options_.shallow_path.empty()) {
    auto boundary = ReadSmallFile(options_.shallow_path, kShallowFileMax);
    if (!boundary && boundary.error().kind != ErrorKind::kNotFound) return std::unexpected(boundary.error());
    if (boundary && boundary->find(child.Hex()) != std::string::npos) {
      return Invalid(
          fmt::format("{}: the clone is shallow, its history ends at {}: run 'git fetch --unshallow' there",
                      options_.location, child.Hex()));
    }
  }
  return Fail(ErrorKind::kTransient,
              fmt::format("{}: the history is broken: the parent {} of {} is missing (run 'git fsck' there)",
                          options_.location, id.Hex(), child.Hex()));
}

Result<void> CommitReader::WalkHistory(const std::string& from,
                                       const std::function<bool(const CommitRecord&)>& visit) {
  auto next = RequireObjectId("commit", from);
  if (!next) return std::unexpected(next.error());
  ObjectId child;
  for (ObjectId id = *next; !id.IsNone();) {
    auto bytes = store_.Read(id, ObjectType::kCommit, kMaxCommitBytes);
    if (!bytes && bytes.error().kind == ErrorKind::kNotFound && !child.IsNone())
      return MissingParent(id, child);
    if (!bytes) return std::unexpected(bytes.error());
    auto commit = ParseCommit(id, bytes->view(), WithRecord::kYes);
    if (!commit) return std::unexpected(commit.error());
    if (!visit(commit->record)) return {};
    child = id;
    id = commit->parents.empty() ? ObjectId{} : commit->parents.front();
  }
  return {};
}

Result<std::string> CommitReader::Resolve(
    const std::string& revision, const std::function<Result<ObjectId>(const std::string&)>& of_name) {
  auto id = ResolveRevision(store_, revision, of_name);
  if (id) return id->Hex();
  id.error().message = fmt::format("{}: {}", options_.location, id.error().message);
  return std::unexpected(id.error());
}

}  // namespace lockkeeper
