#pragma once

#include <string>
#include <vector>

#include "schemas/error.h"

namespace lockkeeper {

/// Files of the work tree at `location` that its branch's commit does not hold as they are on the disk, new
/// ones among them, as far as `paths` (files, folders and globs) cover them; sorted. None for a bare
/// repository, and where the work tree is on another branch than `branch`.
Result<std::vector<std::string>> UncommittedFiles(const std::string& location, const std::string& branch,
                                                  const std::vector<std::string>& paths);

}  // namespace lockkeeper
