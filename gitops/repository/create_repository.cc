#include "gitops/repository/create_repository.h"

#include <fmt/format.h>

#include <filesystem>

#include "gitops/repository/git_library.h"

namespace lockkeeper {

Result<void> CreateBareRepository(const std::string& path, const std::string& branch) {
  UseLibgit2();
  std::error_code error;
  const bool empty = !std::filesystem::exists(path, error) || std::filesystem::is_empty(path, error);
  if (error) return Fail(ErrorKind::kDenied, fmt::format("{}: {}", path, error.message()));
  if (!empty) {
    return Fail(ErrorKind::kConflict,
                fmt::format("{}: there is something already; name a folder that is new or empty", path));
  }
  git_repository_init_options options;
  if (int code = git_repository_init_options_init(&options, GIT_REPOSITORY_INIT_OPTIONS_VERSION); code < 0) {
    return GitFailure(code, path);
  }
  options.flags = GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_MKPATH;
  options.initial_head = branch.c_str();
  GitRepositoryHandle repository;
  if (int code = git_repository_init_ext(Out(repository), path.c_str(), &options); code < 0)
    return GitFailure(code, path);
  return {};
}

}  // namespace lockkeeper
