#pragma once

#include <string_view>

#include "schemas/error.h"

namespace lockkeeper {

/// One word for logs and metrics: `invalid`, `not_found`, `conflict`, `denied`, `transient`.
std::string_view Name(ErrorKind kind);

}  // namespace lockkeeper
