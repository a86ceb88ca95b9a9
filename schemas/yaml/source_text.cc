#include "schemas/yaml/source_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace lockkeeper {
namespace {

// The length of the UTF-8 sequence at `rest` and its code point; length 0 if it is none (RFC 3629: no
// overlong forms, no surrogates, nothing past U+10FFFF).
struct CodePoint {
  size_t length = 0;
  char32_t value = 0;
};

CodePoint DecodeUtf8(std::string_view rest) {
  auto byte = [&](size_t i) { return static_cast<uint8_t>(rest[i]); };
  auto continues = [&](size_t i) { return i < rest.size() && (byte(i) & 0xC0U) == 0x80U; };
  const uint8_t first = byte(0);
  if (first < 0x80) return {1, first};
  size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4) return {};
  char32_t value = first & (0xFFU >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if (!continues(i)) return {};
    value = (value << 6U) | (byte(i) & 0x3FU);
  }
  if (length == 3 && (value < 0x800 || (value >= 0xD800 && value <= 0xDFFF))) return {};
  if (length == 4 && (value < 0x10000 || value > 0x10FFFF)) return {};
  return {length, value};
}

bool IsAllowed(char32_t c) {
  if (c < 0x20) return c == '\t' || c == '\n' || c == '\r';
  if (c >= 0x7F && c < 0xA0) return c == 0x85;
  return c != 0xFEFF && c != 0xFFFE && c != 0xFFFF;
}

// libfyaml keeps some 400 bytes for every bracket that is open before it says anything; no file needs as
// many.
constexpr size_t kOpenBracketsMax = 50'000;

// The first bracket past that limit. Brackets in quotes and in text count as well, so this is far above the
// depth that is allowed.
std::optional<size_t> FindTooManyBrackets(std::string_view text) {
  size_t open = 0;
  for (size_t at = text.find_first_of("[]{}"); at != std::string_view::npos;
       at = text.find_first_of("[]{}", at + 1)) {
    if (text[at] == '[' || text[at] == '{') {
      if (++open > kOpenBracketsMax) return at;
    } else if (open > 0) {
      --open;
    }
  }
  return std::nullopt;
}

YamlError EncodingError(std::string_view text, size_t offset, std::string message) {
  return {LineIndex(text.substr(0, offset + 1)).At(offset), "yaml-encoding", std::move(message)};
}

}  // namespace

// Eight bytes at a time, since nearly all text is of that kind.
size_t SkipPlainText(std::string_view text, size_t i) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr uint64_t kHighs = 0x80 * kOnes;
  for (; i + sizeof(uint64_t) <= text.size(); i += sizeof(uint64_t)) {
    uint64_t bytes = 0;
    std::memcpy(&bytes, text.data() + i, sizeof(bytes));
    // In each, the high bit of a byte is the answer; none carries into its neighbour.
    const uint64_t at_least_space = (bytes | kHighs) - 0x20 * kOnes;
    const uint64_t delete_byte = (bytes & ~kHighs) + kOnes;
    const uint64_t no_line_feed = ((bytes ^ ('\n' * kOnes)) & ~kHighs) + 0x7F * kOnes;
    if (((bytes | delete_byte | (~at_least_space & no_line_feed)) & kHighs) != 0) break;
  }
  while (i < text.size() && ((text[i] >= 0x20 && text[i] < 0x7F) || text[i] == '\n')) ++i;
  return i;
}

std::optional<YamlError> CheckYamlText(std::string_view text, const YamlLimits& limits) {
  if (text.size() > limits.bytes_max) {
    return YamlError{
        {1, 1},
        "yaml-limit",
        fmt::format("the text has {} bytes; at most {} are read", text.size(), limits.bytes_max)};
  }
  size_t i = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  while ((i = SkipPlainText(text, i)) < text.size()) {
    const auto byte = static_cast<uint8_t>(text[i]);
    if (byte == '\r' && (i + 1 == text.size() || text[i + 1] != '\n')) {
      // YAML takes it for a line end, yaml-cpp and people's editors do not.
      return EncodingError(text, i, "a carriage return without a line feed; end lines with LF or CRLF");
    }
    const CodePoint point = DecodeUtf8(text.substr(i, 4));
    if (point.length == 0) {
      return EncodingError(text, i,
                           fmt::format("byte 0x{:02X} is not valid UTF-8; save the file as UTF-8", byte));
    }
    if (!IsAllowed(point.value)) {
      return EncodingError(
          text, i,
          fmt::format("the character U+{:04X} may not stand in YAML; remove it, or write it as an "
                      "escape in double quotes",
                      static_cast<uint32_t>(point.value)));
    }
    i += point.length;
  }
  if (text.size() <= kOpenBracketsMax) return std::nullopt;
  if (auto at = FindTooManyBrackets(text)) {
    return YamlError{LineIndex(text.substr(0, *at + 1)).At(*at), "yaml-limit",
                     fmt::format("more than {} brackets are open here", kOpenBracketsMax)};
  }
  return std::nullopt;
}

LineIndex::LineIndex(std::string_view text) {
  begins_.reserve(text.size() / 24 + 4);
  begins_.push_back(text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0);
  for (size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n', end + 1)) {
    begins_.push_back(end + 1);
  }
}

Mark LineIndex::At(size_t offset) const {
  auto next = std::ranges::upper_bound(begins_, offset);
  if (next == begins_.begin()) return {1, 1};
  const size_t begin = *(next - 1);
  return {static_cast<int>(next - begins_.begin()), static_cast<int>(offset - begin) + 1};
}

size_t LineIndex::LineBegin(int line) const {
  const size_t i = line < 1 ? 0 : std::min(static_cast<size_t>(line) - 1, begins_.size() - 1);
  return begins_[i];
}

}  // namespace lockkeeper
