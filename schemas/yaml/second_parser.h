#pragma once

#include "schemas/yaml/node.h"

namespace lockkeeper {

/// Equal scalar keys in one mapping.
enum class DuplicateKeys : uint8_t { kRefuse, kKeep };

/// What yaml-cpp alone sees in a text. It takes much that is no YAML; use it only beside ParseUserYaml, to
/// have a second opinion. Nodes have marks but no byte spans. Bounded for any bytes, never throws.
std::expected<YamlStream, YamlError> ParseWithYamlCpp(std::string_view text, const YamlLimits& limits,
                                                      DuplicateKeys duplicate_keys);

}  // namespace lockkeeper
