#pragma once

#include <string>

#include "gitops/repository/git_library.h"
#include "schemas/error.h"

namespace lockkeeper {

/// Opens the repository at a path, or above it where the path lies in a work tree, once it is known that we
/// can work in it; see OpenLocalRepository.
Result<GitRepositoryHandle> OpenGitRepository(const std::string& path);

}  // namespace lockkeeper
