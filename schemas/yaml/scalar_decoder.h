#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/yaml/node.h"

namespace lockkeeper {

/// Bytes that are the same in a scalar's value and in its source.
struct SourceRun {
  size_t decoded;
  size_t source;
  size_t length;
};

/// What YAML 1.2 makes of the bytes between the ends of a scalar (as in YamlNode: inside the quotes, or all
/// lines after the header of a block), and which of them stand for themselves. Our own, because libfyaml
/// 0.7.12 misreads two escaped quotes in a row, quoted text whose last line is empty and empty lines before
/// indented ones in folded blocks, and leaks memory on the way.
class ScalarDecoder {
 public:
  enum class Runs : uint8_t { kSkip, kKeep };
  ScalarDecoder(std::string_view source, size_t begin, size_t end, Runs keep)
      : source_(source.substr(0, end)), at_(begin), keep_runs_(keep == Runs::kKeep) {
    value.reserve(source_.size() - begin);
  }

  /// Plain, single- or double-quoted. False on an escape that YAML does not know; the parser refuses those
  /// before.
  bool Flow(ScalarStyle style);
  /// Literal or folded, every line without its first `indentation` bytes; the line breaks at the end are only
  /// counted.
  void Block(ScalarStyle style, size_t indentation);

  std::string value;
  std::vector<SourceRun> runs;
  size_t final_breaks = 0;

 private:
  bool AtBreak() const { return at_ < source_.size() && (source_[at_] == '\n' || source_[at_] == '\r'); }
  void SkipBreak() { at_ += source_[at_] == '\r' && source_.substr(at_ + 1).starts_with('\n') ? 2 : 1; }
  void SkipSpace();
  void Copy(size_t begin, size_t length);
  void Blank();
  bool Escape();
  void AppendBreaks(size_t count) { value.append(count, '\n'); }

  std::string_view source_;
  size_t at_;
  bool keep_runs_;
};

/// The indicators behind | or >.
struct BlockHeader {
  size_t indentation = 0;  ///< 0: none, the first line with text sets it
  char chomping = 0;       ///< 0, + or -
};

/// The header before the lines of a block scalar at `begin`, not before `from`, the end of what precedes it.
std::optional<BlockHeader> FindBlockHeader(std::string_view source, size_t from, size_t begin);

/// Spaces before the first text in the lines [begin, end); more than any of them has if there is no text.
size_t DetectIndentation(std::string_view source, size_t begin, size_t end);

}  // namespace lockkeeper
