#pragma once

#include <string>
#include <string_view>

#include "schemas/error.h"

namespace lockkeeper {

/// The path that a location means: a file:// URL without its percent signs, or a path as it is. kInvalid for
/// URLs of other machines. `~` is the shell's business.
Result<std::string> PathOfLocation(std::string_view location);

}  // namespace lockkeeper
