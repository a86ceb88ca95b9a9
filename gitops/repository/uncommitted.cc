#include "gitops/repository/uncommitted.h"

#include "gitops/repository/git_library.h"
#include "gitops/repository/location.h"
#include "gitops/repository/open_checks.h"

namespace lockkeeper {
namespace {

bool IsOnBranch(git_repository* repository, const std::string& branch) {
  GitReferenceHandle head;
  if (git_reference_lookup(Out(head), repository, "HEAD") != 0) return false;
  const char* target = git_reference_symbolic_target(head.get());
  return target != nullptr && target == "refs/heads/" + branch;
}

}  // namespace

Result<std::vector<std::string>> UncommittedFiles(const std::string& location, const std::string& branch,
                                                  const std::vector<std::string>& paths) {
  auto path = PathOfLocation(location);
  if (!path) return std::unexpected(path.error());
  auto repository = OpenGitRepository(*path);
  if (!repository) return std::unexpected(repository.error());
  if (git_repository_workdir(repository->get()) == nullptr || !IsOnBranch(repository->get(), branch))
    return std::vector<std::string>{};

  std::vector<char*> patterns;
  // The library only reads them.
  for (const std::string& one : paths) patterns.push_back(const_cast<char*>(one.c_str()));
  git_status_options options = GIT_STATUS_OPTIONS_INIT;
  options.flags = GIT_STATUS_OPT_INCLUDE_UNTRACKED | GIT_STATUS_OPT_RECURSE_UNTRACKED_DIRS;
  options.pathspec = {patterns.data(), patterns.size()};
  GitStatusListHandle list;
  int code = git_status_list_new(Out(list), repository->get(), &options);
  if (code != 0) return GitFailure(code, location);
  std::vector<std::string> files;
  for (size_t i = 0; i < git_status_list_entrycount(list.get()); ++i) {
    const git_status_entry* entry = git_status_byindex(list.get(), i);
    const git_diff_delta* delta =
        entry->index_to_workdir != nullptr ? entry->index_to_workdir : entry->head_to_index;
    if (entry->status == GIT_STATUS_IGNORED || delta == nullptr) continue;
    files.emplace_back(delta->new_file.path != nullptr ? delta->new_file.path : delta->old_file.path);
  }
  return files;
}

}  // namespace lockkeeper
