#include "reconciler/core/status/yaml_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace lockkeeper {
namespace {

bool IsWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' ||
         c == '/' || c == '+' || c == ':';
}

/// Text that some YAML version reads as a number, a boolean, null or a time. Timestamps with a 'T' are left plain: every
/// reader of these files wants them so, and SPEC 5 shows them so.
bool LooksTyped(std::string_view text) {
  static constexpr std::array<std::string_view, 8> kWords{"true", "false", "yes", "no", "on", "off", "null", "~"};
  std::string lower{text};
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (lower == "y" || lower == "n" || lower == ".nan" || lower == ".inf") return true;
  if (std::ranges::find(kWords, lower) != kWords.end()) return true;
  bool timestamp = lower.size() == 20 && lower[10] == 't' && lower[19] == 'z';
  if (timestamp) return false;
  // Digits with at most one dot, exponents, hexadecimal, octal, 1_000, 12:30.
  bool digits_only = std::ranges::all_of(
      lower, [](char c) { return (c >= '0' && c <= '9') || c == '.' || c == '_' || c == ':' || c == '+' || c == '-'; });
  if (digits_only) return std::ranges::count(lower, '.') < 2;
  bool hex_or_exponent = std::ranges::all_of(lower, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == 'x' || c == 'o' || c == '.' || c == '+' || c == '-' || c == '_';
  });
  return hex_or_exponent && lower[0] >= '0' && lower[0] <= '9' && std::ranges::count(lower, '.') < 2;
}

}  // namespace

std::string YamlScalar(std::string_view text) {
  bool plain = !text.empty() && std::ranges::all_of(text, IsWord) && text.back() != ':' && text.front() != ':' &&
               text.front() != '-' && text.front() != '.' && text.front() != '+' && !LooksTyped(text);
  if (plain) return std::string{text};
  std::string out = "\"";
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace lockkeeper
