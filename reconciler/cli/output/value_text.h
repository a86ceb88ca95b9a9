#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace lockkeeper {

/// Two spaces a level, members in the order in which they were added, a final line end. Bytes that are no
/// UTF-8 are replaced.
std::string JsonText(const nlohmann::ordered_json& value);

/// The same value as YAML: block style, texts that could be read as anything else in double quotes.
std::string YamlText(const nlohmann::ordered_json& value);

}  // namespace lockkeeper
