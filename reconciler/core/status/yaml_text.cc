#include "reconciler/core/status/yaml_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

#include "reconciler/core/status/utf8.h"

namespace lockkeeper {
namespace {

constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }

constexpr std::array<bool, 256> kWordBytes = [] {
  std::array<bool, 256> table{};
  for (size_t c = 0; c < 256; ++c) {
    table[c] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_' || c == '.' || c == '/' || c == '+' || c == ':';
  }
  return table;
}();

std::string Lower(std::string_view text) {
  std::string lower{text};
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

bool IsTypedWord(std::string_view text) {
  static constexpr std::array<std::string_view, 9> kWords{"true", "false", "yes", "no", "on",
                                                          "off",  "null",  "y",   "n"};
  return text.size() <= 5 && std::ranges::find(kWords, Lower(text)) != kWords.end();
}

/// Text in small letters that begins with a digit and that some YAML version reads as a number or a time.
bool IsTypedNumber(std::string_view text) {
  auto all = [&](std::string_view part, std::string_view letters) {
    return std::ranges::all_of(part, [&](char c) { return IsDigit(c) || letters.contains(c); });
  };
  // 12, 1_000, 12:30, 2026-03-01; but 1.20.1 and 10.0.0.1 are text to everybody.
  if (all(text, "._:+-")) return std::ranges::count(text, '.') < 2;
  if (text.starts_with("0x")) return all(text.substr(2), "abcdef_");
  if (text.starts_with("0o") || text.starts_with("0b")) return all(text.substr(2), "_");
  size_t letter = text.find_first_not_of("0123456789._:-");
  if (text[letter] == 't' && std::ranges::count(text.substr(0, letter), '-') == 2)
    return true;  // 2026-03-01t..
  return text[letter] == 'e' && all(text.substr(letter + 1), "+-_");
}

bool IsPlain(std::string_view text) {
  if (text.empty() || text.back() == ':') return false;
  // '-' may begin a list item, '.' and '+' a number, ':' a key.
  if (std::string_view{"-.+:"}.contains(text.front())) return false;
  if (!std::ranges::all_of(text, [](char c) { return kWordBytes[static_cast<unsigned char>(c)]; }))
    return false;
  return IsDigit(text.front()) ? !IsTypedNumber(Lower(text)) : !IsTypedWord(text);
}

/// Not to stand as themselves between double quotes: control characters, and what some parsers take for line
/// breaks, a byte order mark or nothing at all.
bool NeedsEscape(uint32_t code) {
  return code < 0x20 || code == '"' || code == '\\' || (code >= 0x7f && code < 0xa0) || code == 0x2028 ||
         code == 0x2029 || code == 0xfeff || code == 0xfffe || code == 0xffff;
}

void AppendEscape(uint32_t code, std::string& out) {
  if (code == '"' || code == '\\') {
    out += '\\';
    out += static_cast<char>(code);
  } else if (code == '\n') {
    out += "\\n";
  } else if (code == '\t') {
    out += "\\t";
  } else if (code < 0x100) {
    fmt::format_to(std::back_inserter(out), "\\x{:02x}", code);
  } else {
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", code);
  }
}

}  // namespace

void AppendYamlScalar(std::string_view text, std::string& out) {
  if (IsPlain(text)) {
    out += text;
    return;
  }
  out += '"';
  while (!text.empty()) {
    const Utf8Character next = TakeUtf8(text);
    if (!next.valid) {
      AppendUtf8(kReplacementCharacter, out);
    } else if (NeedsEscape(next.code)) {
      AppendEscape(next.code, out);
    } else {
      out += next.bytes;
    }
  }
  out += '"';
}

std::string YamlScalar(std::string_view text) {
  std::string out;
  AppendYamlScalar(text, out);
  return out;
}

}  // namespace lockkeeper
