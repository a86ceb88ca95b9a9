#include "schemas/yaml/scalar_decoder.h"

#include <algorithm>
#include <charconv>

namespace lockkeeper {
namespace {

bool IsBlankByte(char c) { return c == ' ' || c == '\t'; }

void AppendUtf8(std::string& out, char32_t c) {
  auto byte = [&](char32_t bits) { out += static_cast<char>(static_cast<unsigned char>(bits)); };
  if (c < 0x80) return byte(c);
  if (c < 0x800) {
    byte(0xC0U | (c >> 6U));
  } else if (c < 0x10000) {
    byte(0xE0U | (c >> 12U));
    byte(0x80U | ((c >> 6U) & 0x3FU));
  } else {
    byte(0xF0U | (c >> 18U));
    byte(0x80U | ((c >> 12U) & 0x3FU));
    byte(0x80U | ((c >> 6U) & 0x3FU));
  }
  byte(0x80U | (c & 0x3FU));
}

// YAML 1.2, 5.7: what one character behind a backslash stands for; 0xFFFFFFFF if nothing.
char32_t NamedEscape(char c) {
  constexpr std::string_view kNames = "0abtnvfre \"/\\N_LP\t";
  constexpr char32_t kValues[] = {0x00, 0x07, 0x08, 0x09, 0x0A, 0x0B, 0x0C,   0x0D,   0x1B,
                                  0x20, 0x22, 0x2F, 0x5C, 0x85, 0xA0, 0x2028, 0x2029, 0x09};
  const size_t i = kNames.find(c);
  return i == std::string_view::npos ? 0xFFFFFFFF : kValues[i];
}

std::optional<char32_t> HexDigits(std::string_view text, size_t count) {
  uint32_t value = 0;
  if (text.size() < count) return std::nullopt;
  text = text.substr(0, count);
  auto [end, error] = std::from_chars(text.begin(), text.end(), value, 16);
  if (error != std::errc() || end != text.end() || value > 0x10FFFF) return std::nullopt;
  return value;
}

bool IsHighSurrogate(char32_t c) { return c >= 0xD800 && c < 0xDC00; }
bool IsLowSurrogate(char32_t c) { return c >= 0xDC00 && c < 0xE000; }

// Where the line ends: at a line feed or a carriage return, or with the text. Far faster than find_first_of.
size_t FindBreak(std::string_view source, size_t begin) {
  const std::string_view line = source.substr(begin, source.find('\n', begin) - begin);
  return begin + std::min(line.find('\r'), line.size());
}

}  // namespace

void ScalarDecoder::SkipSpace() {
  while (at_ < source_.size() && IsBlankByte(source_[at_])) ++at_;
}

void ScalarDecoder::Copy(size_t begin, size_t length) {
  if (keep_runs_) {
    if (!runs.empty() && runs.back().source + runs.back().length == begin &&
        runs.back().decoded + runs.back().length == value.size()) {
      runs.back().length += length;
    } else {
      runs.push_back({value.size(), begin, length});
    }
  }
  value += source_.substr(begin, length);
}

bool ScalarDecoder::Flow(ScalarStyle style) {
  const std::string_view special = style == ScalarStyle::kDoubleQuoted   ? "\\ \t\r\n"
                                   : style == ScalarStyle::kSingleQuoted ? "' \t\r\n"
                                                                         : " \t\r\n";
  while (at_ < source_.size()) {
    const size_t stop = std::min(source_.find_first_of(special, at_), source_.size());
    if (stop > at_) Copy(at_, stop - at_);
    at_ = stop;
    if (at_ == source_.size()) break;
    if (source_[at_] == '\'') {
      value += '\'';
      at_ += 2;
    } else if (source_[at_] == '\\') {
      if (!Escape()) return false;
    } else {
      Blank();
    }
  }
  return true;
}

// Space stands for itself, unless a line ends behind it. One line break becomes a space, of several the first
// one goes.
void ScalarDecoder::Blank() {
  const size_t begin = at_;
  SkipSpace();
  if (!AtBreak()) return Copy(begin, at_ - begin);
  size_t breaks = 0;
  for (; AtBreak(); ++breaks) {
    SkipBreak();
    SkipSpace();
  }
  if (breaks == 1) value += ' ';
  AppendBreaks(breaks - 1);
}

bool ScalarDecoder::Escape() {
  ++at_;
  if (at_ >= source_.size()) return false;
  if (AtBreak()) {
    SkipBreak();
    SkipSpace();
    for (; AtBreak(); AppendBreaks(1)) {
      SkipBreak();
      SkipSpace();
    }
    return true;
  }
  const char name = source_[at_++];
  const size_t digits = name == 'x' ? 2 : name == 'u' ? 4 : name == 'U' ? 8 : 0;
  if (digits == 0) {
    const char32_t c = NamedEscape(name);
    if (c == 0xFFFFFFFF) return false;
    AppendUtf8(value, c);
    return true;
  }
  auto c = HexDigits(source_.substr(at_), digits);
  if (!c || IsLowSurrogate(*c)) return false;
  at_ += digits;
  if (IsHighSurrogate(*c)) {
    // JSON writes characters past U+FFFF as two escapes.
    const bool second = digits == 4 && source_.substr(at_).starts_with("\\u");
    const auto low = second ? HexDigits(source_.substr(at_ + 2), 4) : std::nullopt;
    if (!low || !IsLowSurrogate(*low)) return false;
    c = 0x10000 + ((*c - 0xD800) << 10U) + (*low - 0xDC00);
    at_ += 6;
  }
  AppendUtf8(value, *c);
  return true;
}

void ScalarDecoder::Block(ScalarStyle style, size_t indentation) {
  size_t breaks = 0;  // since the last text
  bool first = true;
  bool spaced_before = false;
  while (at_ < source_.size()) {
    const size_t begin = at_;
    at_ = FindBreak(source_, begin);
    const size_t length = at_ - begin;
    const bool ended = AtBreak();
    if (ended) SkipBreak();
    if (length > indentation) {
      const size_t text = begin + indentation;
      const bool spaced = IsBlankByte(source_[text]);
      const bool folds = style == ScalarStyle::kFolded && !first && !spaced && !spaced_before;
      // Two lines of text: one break between them becomes a space, of several the first one goes.
      if (folds && breaks == 1) value += ' ';
      AppendBreaks(folds ? breaks - 1 : breaks);
      Copy(text, length - indentation);
      breaks = 0;
      first = false;
      spaced_before = spaced;
    }
    if (ended) ++breaks;
  }
  final_breaks = breaks;
}

std::optional<BlockHeader> FindBlockHeader(std::string_view source, size_t from, size_t begin) {
  size_t at = from;
  while (at < begin && source[at] != '|' && source[at] != '>') {
    // A comment may stand between a key and its value.
    at = source[at] == '#' ? std::min(source.find('\n', at), begin) : at + 1;
  }
  if (at >= begin) return std::nullopt;
  BlockHeader header;
  for (++at; at < begin; ++at) {
    const char c = source[at];
    if (c == '+' || c == '-') {
      header.chomping = c;
    } else if (c >= '1' && c <= '9') {
      header.indentation = static_cast<size_t>(c - '0');
    } else {
      break;
    }
  }
  return header;
}

size_t DetectIndentation(std::string_view source, size_t begin, size_t end) {
  source = source.substr(0, end);
  for (size_t line = begin; line < source.size();) {
    const size_t text = std::min(source.find_first_not_of(' ', line), source.size());
    if (text == source.size()) break;
    if (source[text] != '\n' && source[text] != '\r') return text - line;
    line = std::min(source.find('\n', text), source.size() - 1) + 1;
  }
  return end - begin;
}

}  // namespace lockkeeper
