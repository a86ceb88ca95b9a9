#include "gitops/repository/local_repository.h"

#include <fmt/format.h>

#include <utility>

#include "gitops/repository/commit_chain.h"
#include "gitops/repository/commit_object.h"
#include "gitops/repository/file_io.h"
#include "gitops/repository/location.h"
#include "gitops/repository/open_checks.h"
#include "gitops/repository/resolve_revision.h"
#include "gitops/repository/tree_walk.h"

namespace lockkeeper {
namespace {

constexpr std::string_view kBranchPrefix = "refs/heads/";
constexpr size_t kBranchesListedMax = 10;
constexpr int kSymbolicDepthMax = 5;
constexpr size_t kShallowFileMax = size_t{16} << 20;

std::string WithoutSlash(const char* path) {
  std::string text = path;
  while (text.size() > 1 && text.ends_with('/')) text.pop_back();
  return text;
}

Result<ObjectId> RequireId(std::string_view what, std::string_view text) {
  if (auto id = ParseObjectId(text)) return *id;
  return Invalid(fmt::format("'{}' is no {} id: 40 hexadecimal digits are needed", text, what));
}

}  // namespace

LocalRepository::LocalRepository(GitRepositoryHandle repository, ObjectStore store, OpenOptions options)
    : repository_(std::move(repository)),
      store_(std::move(store)),
      location_(std::move(options.location)),
      git_dir_(WithoutSlash(git_repository_path(repository_.get()))),
      common_dir_(WithoutSlash(git_repository_commondir(repository_.get()))),
      branch_(std::move(options.branch)),
      blob_bytes_max_(options.blob_bytes_max) {}

Result<std::unique_ptr<Repository>> LocalRepository::Open(const OpenOptions& options) {
  auto path = PathOfLocation(options.location);
  if (!path) return std::unexpected(path.error());
  auto repository = OpenGitRepository(*path);
  if (!repository) return std::unexpected(repository.error());
  auto store = ObjectStore::Open(WithoutSlash(git_repository_commondir(repository->get())) + "/objects");
  if (!store) return std::unexpected(store.error());
  std::unique_ptr<LocalRepository> local(
      new LocalRepository(std::move(*repository), std::move(*store), options));
  if (auto chosen = local->ChooseBranch(); !chosen) return std::unexpected(chosen.error());
  return local;
}

Result<void> LocalRepository::ChooseBranch() {
  if (!branch_.empty()) {
    std::string ref = std::string(kBranchPrefix) + branch_;
    int valid = 0;
    if (git_reference_name_is_valid(&valid, ref.c_str()) == 0 && valid != 0) return {};
    return Invalid(fmt::format("'{}' cannot be the name of a branch", branch_));
  }
  GitReferenceHandle head;
  int code = git_reference_lookup(Out(head), repository_.get(), "HEAD");
  if (code != 0) return GitFailure(code, location_);
  const char* target = git_reference_symbolic_target(head.get());
  if (target == nullptr || !std::string_view(target).starts_with(kBranchPrefix)) {
    return NotFound(
        fmt::format("{}: HEAD names no branch; say which one is meant ({})", location_, BranchList()));
  }
  branch_ = target + kBranchPrefix.size();
  return {};
}

std::string LocalRepository::BranchList() const {
  std::string list;
  size_t count = 0;
  GitReferenceIteratorHandle iterator;
  if (git_reference_iterator_glob_new(Out(iterator), repository_.get(), "refs/heads/*") == 0) {
    const char* name = nullptr;
    for (; git_reference_next_name(&name, iterator.get()) == 0; ++count) {
      if (count < kBranchesListedMax)
        list += fmt::format("{}{}", count > 0 ? ", " : "", name + kBranchPrefix.size());
    }
  }
  git_error_clear();
  if (count == 0) return "the repository has no commits yet";
  if (count > kBranchesListedMax) list += fmt::format(" and {} more", count - kBranchesListedMax);
  return "branches: " + list;
}

Result<LocalRepository::Target> LocalRepository::ResolveBranch() const {
  Target target{.ref = std::string(kBranchPrefix) + branch_, .id = {}};
  for (int depth = 0; depth < kSymbolicDepthMax; ++depth) {
    GitReferenceHandle reference;
    int code = git_reference_lookup(Out(reference), repository_.get(), target.ref.c_str());
    if (code == GIT_ENOTFOUND) {
      git_error_clear();
      return target;
    }
    if (code != 0) return GitFailure(code, fmt::format("{}: {}", location_, target.ref));
    if (const git_oid* oid = git_reference_target(reference.get())) {
      target.id = FromGitOid(*oid);
      return target;
    }
    target.ref = git_reference_symbolic_target(reference.get());
    if (!target.ref.starts_with(kBranchPrefix)) {
      return Invalid(fmt::format("{}: the branch '{}' points to {}, which is no branch", location_, branch_,
                                 target.ref));
    }
  }
  return Invalid(fmt::format("{}: the branch '{}' points to itself", location_, branch_));
}

Result<std::string> LocalRepository::Fetch() {
  auto target = ResolveBranch();
  if (!target) return std::unexpected(target.error());
  if (target->id.IsNone()) {
    return NotFound(fmt::format("{}: there is no branch '{}' ({})", location_, branch_, BranchList()));
  }
  auto commit = store_.Read(target->id, ObjectType::kCommit, kMaxCommitBytes);
  if (commit) return target->id.Hex();
  return Fail(ErrorKind::kTransient,
              fmt::format("{}: the branch '{}' has no readable commit: {} (the repository may be "
                          "damaged: run 'git fsck' there)",
                          location_, branch_, commit.error().message));
}

Result<std::string> LocalRepository::Resolve(const std::string& revision) {
  auto id = ResolveRevision(repository_.get(), store_, revision);
  if (id) return id->Hex();
  id.error().message = fmt::format("{}: {}", location_, id.error().message);
  return std::unexpected(id.error());
}

Result<ObjectId> LocalRepository::TreeOf(const std::string& commit) {
  auto id = RequireId("commit", commit);
  if (!id) return id;
  return ReadTreeOfCommit(store_, *id);
}

Result<std::vector<TreeDifference>> LocalRepository::Diff(const std::string& from, const std::string& to) {
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

Result<std::string_view> LocalRepository::ReadBlob(const std::string& id) {
  blob_ = ObjectBytes();
  auto object_id = RequireId("blob", id);
  if (!object_id) return std::unexpected(object_id.error());
  auto bytes = store_.Read(*object_id, ObjectType::kBlob, blob_bytes_max_);
  if (!bytes) return std::unexpected(bytes.error());
  blob_ = std::move(*bytes);
  return blob_.view();
}

Result<TreeEntry> LocalRepository::FindFile(const std::string& commit, std::string_view path) {
  auto tree = TreeOf(commit);
  if (!tree) return std::unexpected(tree.error());
  return FindInTree(store_, *tree, path);
}

Result<std::string_view> LocalRepository::ReadCommit(const std::string& id) {
  blob_ = ObjectBytes();
  auto object_id = RequireId("commit", id);
  if (!object_id) return std::unexpected(object_id.error());
  auto bytes = store_.Read(*object_id, ObjectType::kCommit, kMaxCommitBytes);
  if (!bytes) return std::unexpected(bytes.error());
  blob_ = std::move(*bytes);
  return blob_.view();
}

Result<bool> LocalRepository::IsShallowBoundary(const ObjectId& commit) const {
  auto boundary = ReadSmallFile(common_dir_ + "/shallow", kShallowFileMax);
  if (!boundary && boundary.error().kind == ErrorKind::kNotFound) return false;
  if (!boundary) return std::unexpected(boundary.error());
  return boundary->find(commit.Hex()) != std::string::npos;
}

Result<void> LocalRepository::WalkHistory(const std::string& from,
                                          const std::function<bool(const CommitRecord&)>& visit) {
  auto next = RequireId("commit", from);
  if (!next) return std::unexpected(next.error());
  ObjectId child;
  for (ObjectId id = *next; !id.IsNone();) {
    auto bytes = store_.Read(id, ObjectType::kCommit, kMaxCommitBytes);
    if (!bytes && bytes.error().kind == ErrorKind::kNotFound && !child.IsNone()) {
      auto shallow = IsShallowBoundary(child);
      if (!shallow) return std::unexpected(shallow.error());
      if (*shallow) {
        return Invalid(
            fmt::format("{}: the clone is shallow, its history ends at {}: run 'git fetch --unshallow' there",
                        location_, child.Hex()));
      }
      return Fail(
          ErrorKind::kTransient,
          fmt::format("{}: the history is broken: the parent {} of {} is missing (run 'git fsck' there)",
                      location_, id.Hex(), child.Hex()));
    }
    if (!bytes) return std::unexpected(bytes.error());
    auto commit = ParseCommit(id, bytes->view(), WithRecord::kYes);
    if (!commit) return std::unexpected(commit.error());
    if (!visit(commit->record)) return {};
    child = id;
    id = commit->parents.empty() ? ObjectId{} : commit->parents.front();
  }
  return {};
}

Result<std::unique_ptr<Repository>> OpenLocalRepository(const OpenOptions& options) {
  return LocalRepository::Open(options);
}

}  // namespace lockkeeper
