#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace lockkeeper {

/// One disagreement between a document and its schema, in the words of the JSON Schema library. `steps` lead
/// to the value: keys and indices.
struct SchemaVerdict {
  std::vector<std::string> steps;
  std::string description;
};

/// Judges a document by the schema of `kind`; empty: it fits. Not a single verdict is left out where it does
/// not fit.
std::vector<SchemaVerdict> JudgeBySchema(std::string_view kind, const nlohmann::json& document);

/// The schema itself, parsed once. `kind` must be known (SchemaText).
const nlohmann::json& ParsedSchema(std::string_view kind);

}  // namespace lockkeeper
