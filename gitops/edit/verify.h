#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "schemas/yaml/text_level.h"

namespace lockkeeper {

/// Bytes [begin, end) of a text give way to `bytes`.
struct Splice {
  size_t begin = 0;
  size_t end = 0;
  std::string bytes;
};

/// What an edit means to do to one text: to a file, or to a text embedded in it.
struct TextChange {
  struct Leaf {
    std::string value;
    ScalarStyle style = ScalarStyle::kPlain;
  };
  /// A field that is new in a mapping.
  struct Insertion {
    size_t index = 0;  ///< among the mapping's fields, as they are then
    std::string key;
    std::string value;
    bool operator==(const Insertion&) const = default;
  };
  std::vector<Splice> splices;
  std::map<const YamlNode*, Leaf> leaves;                ///< scalars that get a new value
  std::map<const YamlNode*, const TextLevel*> embedded;  ///< scalars whose text is changed inside
  std::map<const YamlNode*, Insertion> insertions;       ///< mappings that get a field
  std::string text;                                      ///< the new text
};

using TextChanges = std::map<const TextLevel*, TextChange>;

/// Reads the new text of `file` and of every changed text in it with both parsers and compares with the old:
/// each planned value and field is there, and nothing else differs. The message says what does not hold;
/// nullopt if all does.
std::optional<std::string> FindUnplannedChange(const TextLevel& file, const TextChanges& changes);

}  // namespace lockkeeper
