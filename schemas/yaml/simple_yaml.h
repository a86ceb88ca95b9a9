#pragma once

#include <optional>
#include <string_view>

#include "schemas/yaml/limits.h"
#include "schemas/yaml/node.h"

namespace lockkeeper {

/// Reads the YAML that nearly all manifests consist of, several times faster than a whole parser: printable
/// ASCII, block mappings and lists, scalars on one line without escapes, literal blocks, comments. nullopt at
/// the first sign of anything else, errors included: then the whole parser reads the text from its beginning.
/// What it does read is, field by field, what libfyaml would have read; only where a block collection ends,
/// which nobody asks, may differ.
std::optional<YamlStream> ParseSimpleYaml(std::string_view text, const YamlLimits& limits);

/// ParseUserYaml without the short way, to compare with.
std::expected<YamlStream, YamlError> ParseWithLibfyaml(std::string_view text, const YamlLimits& limits);

}  // namespace lockkeeper
