#pragma once

#include <memory>
#include <optional>
#include <string>

#include "gitops/repository/repository.h"

namespace lockkeeper {

/// Where a Git repository's files are.
struct RepositoryPlace {
  std::string work_tree;  ///< its root, without final '/'; empty: the repository is bare
  std::string folder;     ///< with the objects and refs: `.git`, or the bare repository itself
  bool operator==(const RepositoryPlace&) const = default;
};

/// The repository that `path` is in; nullopt where it is in none. Refuses the same repositories as
/// OpenLocalRepository.
Result<std::optional<RepositoryPlace>> FindRepository(const std::string& path);

/// The files of a folder as they are on the disk at this moment, seen as the one commit of a repository: for
/// what is to be judged before it is committed. In a work tree what .gitignore names is left out unless it is
/// tracked; `.git` always is. Nothing can be published to it, and it has no history.
Result<std::unique_ptr<Repository>> OpenFolder(const std::string& folder);

}  // namespace lockkeeper
