#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "schemas/diagnostic.h"
#include "schemas/yaml/limits.h"
#include "schemas/yaml/node.h"

namespace lockkeeper {

/// The UTF-8 byte order mark, which may only stand at the very beginning.
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// The first byte from `begin` on that is no visible ASCII character, space or line feed; the text's size
/// where all are.
size_t SkipPlainText(std::string_view text, size_t begin);

/// What must hold before a parser sees the text, because both go wrong silently otherwise: not too big, valid
/// UTF-8, none of the control characters that YAML forbids, no lone CR. yaml-limit or yaml-encoding with the
/// place.
std::optional<YamlError> CheckYamlText(std::string_view text, const YamlLimits& limits);

/// Turns byte offsets into places; a byte order mark takes no column. Refers to the text no longer than the
/// constructor runs.
class LineIndex {
 public:
  explicit LineIndex(std::string_view text);
  Mark At(size_t offset) const;
  /// Where a line (counted from 1) begins; past the last line, its begin.
  size_t LineBegin(int line) const;
  int lines() const { return static_cast<int>(begins_.size()); }

 private:
  std::vector<size_t> begins_;
};

}  // namespace lockkeeper
