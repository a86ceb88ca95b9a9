#pragma once

#include <string>
#include <vector>

#include "gitops/repository/repository.h"

namespace lockkeeper {

/// All files below a folder that Git would take into a commit, in path order, without ids; see OpenFolder. At
/// most kFolderFilesMax, past that kInvalid.
Result<std::vector<TreeEntry>> ListFolder(const std::string& folder);
inline constexpr size_t kFolderFilesMax = 5'000'000;

}  // namespace lockkeeper
