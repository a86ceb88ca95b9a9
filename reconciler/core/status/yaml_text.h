#pragma once

#include <string>
#include <string_view>

namespace lockkeeper {

/// A scalar as YAML, on one line: plain where every parser reads it as this very string, else double-quoted.
/// What is no UTF-8 becomes U+FFFD; everything else is read back as it was.
std::string YamlScalar(std::string_view text);
void AppendYamlScalar(std::string_view text, std::string& out);

}  // namespace lockkeeper
