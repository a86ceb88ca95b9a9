#pragma once

#include <string>

#include "schemas/error.h"

namespace lockkeeper {

/// Makes an empty bare repository whose HEAD names `branch`, and the folders above it. kConflict: there is
/// something already.
Result<void> CreateBareRepository(const std::string& path, const std::string& branch);

}  // namespace lockkeeper
