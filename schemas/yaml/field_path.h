#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schemas/error.h"
#include "schemas/yaml/node.h"

namespace lockkeeper {

/// A Kustomize field path, SPEC 2.2: dots; `\.` or `[a.b/c]` for keys with dots; `[name=node]` picks the list
/// element whose field has that value; `[0]` or `0` an index; a backslash takes the next character as it is.
/// Where it goes on below a string value, that string is read as YAML and the path continues inside.
struct FieldPathStep {
  enum class Kind : uint8_t { kKey, kIndex, kMatch } kind = Kind::kKey;
  std::string key{};    ///< kKey: the key; kMatch: the field that is compared
  std::string value{};  ///< kMatch
  size_t index = 0;     ///< kIndex; of a mapping: the key with these digits
  bool operator==(const FieldPathStep&) const = default;
};

struct FieldPath {
  std::vector<FieldPathStep> steps;
  bool operator==(const FieldPath&) const = default;
};

/// kInvalid names the column and what was expected. At most 4096 bytes and 100 steps.
Result<FieldPath> ParseFieldPath(std::string_view text);

/// The text that ParseFieldPath reads back to the same steps.
std::string FormatFieldPath(const FieldPath& path);

/// Why a path does not lead to a value that may be changed.
/// missing | alias | duplicate-key | ambiguous (two list elements match) | not-a-scalar | null | unreadable
/// (embedded text is no YAML) | multi-line | folded | encoded (the bytes are not the decoded value)
struct PathProblem {
  std::string code;
  std::string message;
  Mark mark;
};

/// Where a path leads. Spans and marks are those of the *outermost* text, however deep the embedding.
struct PathTarget {
  std::string value;  ///< decoded
  ScalarStyle style = ScalarStyle::kPlain;
  Mark mark;
  size_t begin = 0;
  size_t end = 0;
  int embedded = 0;  ///< how many strings were entered
};

/// Follows `path` from `root`, a document of ParseUserYaml(text). Enters embedded YAML or JSON where it must.
/// The result's bytes [begin, end) of `text` equal its value, or it is refused with a problem.
std::expected<PathTarget, PathProblem> Locate(std::string_view text, const YamlNode& root,
                                              const FieldPath& path);

}  // namespace lockkeeper
