#include "gitops/remote/shared_history.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "gitops/repository/git_library.h"

namespace lockkeeper {
namespace {

constexpr size_t kCommitBytesMax = size_t{1} << 20;
constexpr int kStepsMax = 256;
constexpr int kRefsMax = 1000;
constexpr std::string_view kParent = "\nparent ";

Result<GitOdbHandle> OpenObjects(const std::string& git_dir) {
  UseLibgit2();
  GitOdbHandle odb;
  const std::string path = git_dir + "/objects";
  if (const int code = git_odb_open(Out(odb), path.c_str()); code < 0) return GitFailure(code, path);
  return odb;
}

bool Has(git_odb* odb, const ObjectId& id) {
  const git_oid oid = ToGitOid(id);
  return git_odb_exists(odb, &oid) == 1;
}

// Of a commit whose first parent is here too.
std::optional<ObjectId> FirstParent(git_odb* odb, const ObjectId& id) {
  const git_oid oid = ToGitOid(id);
  GitOdbObjectHandle object;
  size_t size = 0;
  git_object_t type = GIT_OBJECT_INVALID;
  if (git_odb_read_header(&size, &type, odb, &oid) != 0 || type != GIT_OBJECT_COMMIT ||
      size > kCommitBytesMax || git_odb_read(Out(object), odb, &oid) != 0) {
    git_error_clear();
    return std::nullopt;
  }
  const std::string_view text(static_cast<const char*>(git_odb_object_data(object.get())),
                              git_odb_object_size(object.get()));
  // Behind the line of the tree, and nowhere else.
  const size_t line = text.find('\n');
  if (line == std::string_view::npos || !text.substr(line).starts_with(kParent)) return std::nullopt;
  const auto parent = ParseObjectId(text.substr(line + kParent.size(), 2 * ObjectId::kBytes));
  return parent && Has(odb, *parent) ? parent : std::nullopt;
}

void AddRefs(const std::string& git_dir, git_odb* odb, std::vector<ObjectId>& commits) {
  GitRepositoryHandle repository;
  GitReferenceIteratorHandle references;
  if (git_repository_open_bare(Out(repository), git_dir.c_str()) == 0 &&
      git_reference_iterator_new(Out(references), repository.get()) == 0) {
    for (int i = 0; i < kRefsMax && commits.size() < kSharedHistoryMax; ++i) {
      GitReferenceHandle reference;
      if (git_reference_next(Out(reference), references.get()) != 0) break;
      const git_oid* target = git_reference_target(reference.get());
      if (target == nullptr) continue;
      const ObjectId id = FromGitOid(*target);
      if (Has(odb, id) && std::ranges::find(commits, id) == commits.end()) commits.push_back(id);
    }
  }
  // Without refs there is more to fetch, and nothing is wrong.
  git_error_clear();
}

}  // namespace

Result<std::vector<ObjectId>> FindSharedHistory(const std::string& git_dir, const std::string& known) {
  auto odb = OpenObjects(git_dir);
  if (!odb) return std::unexpected(odb.error());
  std::vector<ObjectId> commits;
  std::optional<ObjectId> at = ParseObjectId(known);
  if (at && !Has(odb->get(), *at)) at.reset();
  for (int step = 0; at && step <= kStepsMax; ++step) {
    const bool power_of_two = (step & (step - 1)) == 0;
    if (step < 8 || power_of_two) commits.push_back(*at);
    at = FirstParent(odb->get(), *at);
  }
  AddRefs(git_dir, odb->get(), commits);
  return commits;
}

Result<bool> HasCommit(const std::string& git_dir, const ObjectId& id) {
  auto odb = OpenObjects(git_dir);
  if (!odb) return std::unexpected(odb.error());
  const git_oid oid = ToGitOid(id);
  size_t size = 0;
  git_object_t type = GIT_OBJECT_INVALID;
  const int code = git_odb_read_header(&size, &type, odb->get(), &oid);
  if (code == GIT_ENOTFOUND) {
    git_error_clear();
    return false;
  }
  if (code != 0) return GitFailure(code, git_dir);
  if (type == GIT_OBJECT_COMMIT) return true;
  return Invalid(
      fmt::format("{} is a {}, where a branch must name a commit", id.Hex(), git_object_type2string(type)));
}

}  // namespace lockkeeper
