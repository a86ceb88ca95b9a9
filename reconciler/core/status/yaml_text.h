#pragma once

#include <string>
#include <string_view>

namespace lockkeeper {

/// A scalar as YAML: plain where every parser reads it as this very string, else double-quoted.
std::string YamlScalar(std::string_view text);

}  // namespace lockkeeper
