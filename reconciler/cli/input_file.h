#pragma once

#include <cstddef>
#include <string>

#include "schemas/error.h"

namespace lockkeeper {

/// All bytes of a file, or of stdin where `path` is `-`. kInvalid past `bytes_max`, and for folders; reading
/// ends there, so a pipe without end does no harm.
Result<std::string> ReadInput(const std::string& path, size_t bytes_max);

}  // namespace lockkeeper
