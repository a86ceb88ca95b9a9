#include "reconciler/cli/output/display_width.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace lockkeeper {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// Of Unicode 15: marks that are drawn over the character before them, and what has no width at all.
constexpr std::array kNoWidth = {
    Range{0x0300, 0x036F},   Range{0x0483, 0x0489},   Range{0x0591, 0x05BD}, Range{0x0610, 0x061A},
    Range{0x064B, 0x065F},   Range{0x06D6, 0x06DC},   Range{0x0900, 0x0902}, Range{0x093C, 0x093C},
    Range{0x0941, 0x0948},   Range{0x094D, 0x094D},   Range{0x0E31, 0x0E31}, Range{0x0E34, 0x0E3A},
    Range{0x0E47, 0x0E4E},   Range{0x1AB0, 0x1AFF},   Range{0x1DC0, 0x1DFF}, Range{0x200B, 0x200F},
    Range{0x20D0, 0x20FF},   Range{0x3099, 0x309A},   Range{0xFE00, 0xFE0F}, Range{0xFE20, 0xFE2F},
    Range{0x1F3FB, 0x1F3FF}, Range{0xE0100, 0xE01EF},
};

constexpr std::array kWide = {
    Range{0x1100, 0x115F},   Range{0x231A, 0x231B},   Range{0x23E9, 0x23EC},   Range{0x25FD, 0x25FE},
    Range{0x2614, 0x2615},   Range{0x2648, 0x2653},   Range{0x26A1, 0x26A1},   Range{0x2705, 0x2705},
    Range{0x270A, 0x270B},   Range{0x2728, 0x2728},   Range{0x274C, 0x274C},   Range{0x2753, 0x2755},
    Range{0x2795, 0x2797},   Range{0x2E80, 0x303E},   Range{0x3041, 0x3098},   Range{0x309B, 0xA4CF},
    Range{0xA960, 0xA97C},   Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},   Range{0xFE30, 0xFE6F},
    Range{0xFF00, 0xFF60},   Range{0xFFE0, 0xFFE6},   Range{0x16FE0, 0x18CFF}, Range{0x1B000, 0x1B2FF},
    Range{0x1F004, 0x1F004}, Range{0x1F0CF, 0x1F0CF}, Range{0x1F18E, 0x1F18E}, Range{0x1F191, 0x1F19A},
    Range{0x1F200, 0x1F3FA}, Range{0x1F400, 0x1F64F}, Range{0x1F680, 0x1F6FF}, Range{0x1F7E0, 0x1F7EB},
    Range{0x1F90C, 0x1FAFF}, Range{0x20000, 0x3FFFD},
};

// What changes the order in which a terminal shows the characters after it.
constexpr std::array kReorders = {Range{0x061C, 0x061C}, Range{0x200E, 0x200F}, Range{0x202A, 0x202E},
                                  Range{0x2066, 0x2069}};

template <size_t N>
bool IsIn(const std::array<Range, N>& ranges, char32_t c) {
  auto after = std::ranges::upper_bound(ranges, c, {}, &Range::first);
  return after != ranges.begin() && c <= std::prev(after)->last;
}

struct Character {
  char32_t code = 0;
  size_t bytes = 1;
  bool valid = false;
};

// RFC 3629; `text` is not empty.
Character FirstOf(std::string_view text) {
  auto byte = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : uint8_t{0}; };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return {.code = lead, .bytes = 1, .valid = true};
  const size_t bytes = lead >= 0xF0 ? 4 : (lead >= 0xE0 ? 3 : 2);
  if (lead < 0xC2 || lead > 0xF4) return {};
  char32_t code = lead & (0xFFU >> (bytes + 1));
  for (size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    code = (code << 6) | (byte(i) & 0x3FU);
  }
  const char32_t least = bytes == 4 ? 0x10000 : (bytes == 3 ? 0x800 : 0x80);
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < least || code > 0x10FFFF || surrogate) return {};
  return {.code = code, .bytes = bytes, .valid = true};
}

std::string Escaped(std::string_view text, bool keep_line_ends) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Character first = FirstOf(text);
    const std::string_view bytes = text.substr(0, first.bytes);
    const bool control = first.code < 0x20 || (first.code >= 0x7F && first.code < 0xA0);
    if (first.code == '\n' && keep_line_ends) {
      out += '\n';
    } else if (!first.valid || (control && first.code < 0x80)) {
      out += fmt::format("\\x{:02x}", static_cast<uint8_t>(bytes[0]));
    } else if (control || IsIn(kReorders, first.code) || first.code == 0x2028 || first.code == 0x2029) {
      out += fmt::format("\\u{:04x}", static_cast<uint32_t>(first.code));
    } else {
      out += bytes;
    }
    text.remove_prefix(first.bytes);
  }
  return out;
}

}  // namespace

size_t DisplayWidth(std::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const Character first = FirstOf(text);
    if (!first.valid || !IsIn(kNoWidth, first.code)) width += first.valid && IsIn(kWide, first.code) ? 2 : 1;
    text.remove_prefix(first.bytes);
  }
  return width;
}

std::string ForTerminal(std::string_view text) { return Escaped(text, false); }
std::string LinesForTerminal(std::string_view text) { return Escaped(text, true); }

}  // namespace lockkeeper
