#include "reconciler/cli/output/value_text.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

namespace lockkeeper {
namespace {

using nlohmann::ordered_json;

std::string OneLine(const ordered_json& scalar) {
  return scalar.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// JSON's quoting is YAML's double quoting, but for a few characters that YAML does not let stand there as
// they are.
std::string Quoted(const std::string& text) {
  const std::string json = OneLine(text);
  std::string out;
  for (size_t i = 0; i < json.size(); ++i) {
    const std::string_view two = std::string_view(json).substr(i, 2);
    if (json[i] == 0x7F) {
      out += "\\x7f";
    } else if (two >= "\xC2\x80" && two <= "\xC2\x9F") {
      constexpr std::string_view kDigits = "0123456789abcdef";
      const auto code = static_cast<unsigned char>(two[1]);
      out += std::string("\\x") + kDigits[code >> 4] + kDigits[code & 0xF];
      ++i;
    } else {
      out += json[i];
    }
  }
  return out;
}

// Plain only what every YAML reader takes for text.
std::string TextScalar(const std::string& text) {
  constexpr size_t kPlainMax = 200;
  constexpr std::array<std::string_view, 10> kWords = {"true", "false", "null", "yes", "no",
                                                       "on",   "off",   "y",    "n",   "nan"};
  std::string lower = text;
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  bool plain = !text.empty() && text.size() <= kPlainMax && IsLetter(text[0]) && text.back() != ' ' &&
               std::ranges::find(kWords, lower) == kWords.end();
  for (char c : text) {
    const bool digit = c >= '0' && c <= '9';
    plain =
        plain && (IsLetter(c) || digit || std::string_view(" _-./+()'").find(c) != std::string_view::npos);
  }
  return plain ? text : Quoted(text);
}

std::string Scalar(const ordered_json& value) {
  if (value.is_string()) return TextScalar(value.get_ref<const std::string&>());
  return OneLine(value);
}

/// `indent` is that of the value's own lines; the first line begins where `out` stands.
void Append(const ordered_json& value, size_t indent, std::string& out) {
  bool first = true;
  auto begin_line = [&] {
    if (!first) out.append(indent, ' ');
    first = false;
  };
  if (!value.is_structured() || value.empty()) {
    out += Scalar(value) + "\n";
  } else if (value.is_array()) {
    for (const ordered_json& item : value) {
      begin_line();
      out += "- ";
      Append(item, indent + 2, out);
    }
  } else {
    for (const auto& [key, member] : value.items()) {
      begin_line();
      out += TextScalar(key) + ":";
      if (!member.is_structured() || member.empty()) {
        out += " " + Scalar(member) + "\n";
        continue;
      }
      // As kubectl does it: a list's dashes stand under the key.
      const size_t inner = member.is_array() ? indent : indent + 2;
      out += "\n" + std::string(inner, ' ');
      Append(member, inner, out);
    }
  }
}

}  // namespace

std::string JsonText(const ordered_json& value) {
  return value.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

std::string YamlText(const ordered_json& value) {
  std::string out;
  Append(value, 0, out);
  return out;
}

}  // namespace lockkeeper
