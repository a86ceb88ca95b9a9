#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/diagnostic.h"
#include "schemas/error.h"
#include "schemas/shared_text.h"
#include "schemas/yaml/limits.h"

namespace lockkeeper {

enum class ScalarStyle : uint8_t { kPlain, kSingleQuoted, kDoubleQuoted, kLiteral, kFolded };
enum class NodeKind : uint8_t { kScalar, kMapping, kSequence, kAlias };

/// One node of a YAML document as it was written: aliases stay aliases (never followed, so no bombs and no
/// cycles), duplicate keys stay both there, scalars stay text.
struct YamlNode {
  NodeKind kind = NodeKind::kScalar;
  ScalarStyle style = ScalarStyle::kPlain;
  bool flow = false;  ///< inside [] or {}, or a collection that is written so itself
  std::string value;  ///< decoded text of a scalar; the anchor's name of an alias
  SharedText tag;     ///< as resolved (tag:yaml.org,2002:str): empty where none was written
  SharedText anchor;  ///< empty: none
  Mark mark;          ///< first byte of the value: inside the quotes of a quoted scalar
  /// Bytes [begin, end) of the source that hold the value, inside the quotes; of a block scalar all lines
  /// after its header. begin == end == npos when the parser cannot tell (yaml-cpp) and for a value that is
  /// not there (`a:`).
  size_t begin = std::string_view::npos;
  size_t end = std::string_view::npos;
  std::vector<YamlNode> keys;      ///< of a mapping, parallel to `children`
  std::vector<YamlNode> children;  ///< values of a mapping, items of a sequence

  /// The value of the first key that equals `key`; nullptr if there is none or this is no mapping.
  const YamlNode* Find(std::string_view key) const;
  bool is_mapping() const { return kind == NodeKind::kMapping; }
  bool is_sequence() const { return kind == NodeKind::kSequence; }
  bool is_scalar() const { return kind == NodeKind::kScalar; }
  /// A plain scalar that YAML 1.2's core schema reads as null (empty, ~, null ...).
  bool is_null() const;
};

/// The documents of one text. A document may be empty (root null).
struct YamlStream {
  std::vector<YamlNode> documents;
};

/// A YAML error and its place; `message` has no place in it.
struct YamlError {
  Mark mark;
  std::string code;  ///< yaml-syntax | yaml-limit | yaml-encoding | yaml-duplicate-key
  std::string message;
};

/// Users' files: libfyaml, exact byte spans. Keeps duplicate keys (see YamlNode).
std::expected<YamlStream, YamlError> ParseUserYaml(std::string_view text, const YamlLimits& limits = {});

/// Our own manifests: what libfyaml finds to be YAML, read by yaml-cpp's event API behind guards; refuses
/// duplicate keys. No byte spans. `~` and `null` have an empty value here, since yaml-cpp does not report
/// their text.
std::expected<YamlStream, YamlError> ParseManifestYaml(std::string_view text, const YamlLimits& limits = {});

}  // namespace lockkeeper
