#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "schemas/diagnostic.h"

namespace lockkeeper {

/// A message of the form `file:line:column: text` in its parts, so that the place is not told twice.
std::pair<Mark, std::string> SplitPlace(std::string_view file, const std::string& message);

}  // namespace lockkeeper
