#include "reconciler/core/status/yaml_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

#include "schemas/utf8.h"

namespace lockkeeper {
namespace {

constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }

constexpr char ToLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

enum ByteKind : uint8_t {
  kEscaped,   ///< or the beginning of something that may have to be
  kQuoted,    ///< stands for itself between quotes
  kWord,      ///< stands for itself anywhere
  kIndicator  ///< as kWord, but not at the front: '-' may begin a list item, '.' and '+' a number, ':' a key
};

constexpr std::array<ByteKind, 256> kKinds = [] {
  std::array<ByteKind, 256> kinds{};
  for (size_t c = ' '; c < 0x7f; ++c) {
    if (c != '"' && c != '\\') kinds[c] = kQuoted;
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter || (c >= '0' && c <= '9') || c == '_' || c == '/') kinds[c] = kWord;
    if (c == '-' || c == '.' || c == '+' || c == ':') kinds[c] = kIndicator;
  }
  return kinds;
}();

ByteKind KindOf(char c) { return kKinds[static_cast<unsigned char>(c)]; }

bool IsTypedWord(std::string_view text) {
  static constexpr std::array<std::string_view, 9> kWords{"true", "false", "yes", "no", "on",
                                                          "off",  "null",  "y",   "n"};
  return text.size() <= 5 && std::ranges::any_of(kWords, [&](std::string_view word) {
           return std::ranges::equal(word, text, {}, {}, ToLower);
         });
}

/// Text that begins with a digit and that some YAML version reads as a number or a time.
bool IsTypedNumber(std::string_view text) {
  auto all = [&](std::string_view part, std::string_view letters) {
    return std::ranges::all_of(part, [&](char c) { return IsDigit(c) || letters.contains(ToLower(c)); });
  };
  const size_t letter = text.find_first_not_of("0123456789._:+-");
  // 12, 1_000, 12:30, 2026-03-01; but 1.20.1 and 10.0.0.1 are text to everybody.
  if (letter == std::string_view::npos) return std::ranges::count(text, '.') < 2;
  const char kind = ToLower(text[letter]);
  const std::string_view rest = text.substr(letter + 1);
  if (letter == 1 && text[0] == '0' && kind == 'x') return all(rest, "abcdef_");
  if (letter == 1 && text[0] == '0' && (kind == 'o' || kind == 'b')) return all(rest, "_");
  if (kind == 't' && std::ranges::count(text.substr(0, letter), '-') == 2) return true;  // 2026-03-01T..
  return kind == 'e' && all(rest, "+-_");
}

bool IsPlain(std::string_view text) {
  if (text.empty() || text.back() == ':' || KindOf(text.front()) != kWord) return false;
  if (!std::ranges::all_of(text, [](char c) { return KindOf(c) >= kWord; })) return false;
  return IsDigit(text.front()) ? !IsTypedNumber(text) : !IsTypedWord(text);
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
  for (;;) {
    size_t run = 0;
    while (run < text.size() && KindOf(text[run]) != kEscaped) ++run;
    out += text.substr(0, run);
    text.remove_prefix(run);
    if (text.empty()) break;
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
