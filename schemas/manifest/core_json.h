#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>

#include "schemas/yaml/node.h"

namespace lockkeeper {

/// What YAML 1.2's core schema makes of a node.
enum class CoreType : uint8_t { kNull, kFlag, kInteger, kNumber, kText, kList, kMapping };

/// Quoted and block scalars are text, as is every plain one that no other type's form fits: `yes`, times,
/// `0x`.
CoreType CoreTypeOf(const YamlNode& node);

/// `a mapping`, `text` ...
std::string_view CoreTypeName(CoreType type);

enum class LongText : uint8_t {
  kKeep,
  kCut,  ///< to kJudgedTextBytes, for a judge whose cost (and stack) grows with a text's length
};
inline constexpr size_t kJudgedTextBytes = 1'024;

/// The node as JSON. Aliases and texts that are no valid UTF-8 become null, entries under a key that is no
/// text are left out: CheckShape has reported them. Recursion is as deep as the document, which the parser
/// bounds.
nlohmann::json ToJson(const YamlNode& node, LongText long_text);

}  // namespace lockkeeper
