#include "schemas/manifest/core_json.h"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "schemas/manifest/words.h"

namespace lockkeeper {
namespace {

constexpr std::string_view kCoreTagPrefix = "tag:yaml.org,2002:";

bool IsCoreTag(const YamlNode& node, std::string_view name) {
  std::string_view tag = node.tag;
  if (tag.starts_with(kCoreTagPrefix)) return tag.substr(kCoreTagPrefix.size()) == name;
  return tag.starts_with("!!") && tag.substr(2) == name;
}

bool AllDigits(std::string_view text, int base) {
  if (text.empty()) return false;
  for (char c : text) {
    bool digit = base == 16  ? (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')
                 : base == 8 ? c >= '0' && c <= '7'
                             : c >= '0' && c <= '9';
    if (!digit) return false;
  }
  return true;
}

bool IsInteger(std::string_view text) {
  if (text.starts_with("0x")) return AllDigits(text.substr(2), 16);
  if (text.starts_with("0o")) return AllDigits(text.substr(2), 8);
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return AllDigits(text, 10);
}

/// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool IsNumber(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  if (text == ".inf" || text == ".Inf" || text == ".INF" || text == ".nan" || text == ".NaN" ||
      text == ".NAN") {
    return true;
  }
  size_t mantissa = text.find_first_of("eE");
  if (mantissa != std::string_view::npos) {
    std::string_view exponent = text.substr(mantissa + 1);
    if (exponent.starts_with('-') || exponent.starts_with('+')) exponent.remove_prefix(1);
    if (!AllDigits(exponent, 10)) return false;
    text = text.substr(0, mantissa);
  }
  size_t dot = text.find('.');
  if (dot == std::string_view::npos) return AllDigits(text, 10);
  std::string_view whole = text.substr(0, dot);
  std::string_view fraction = text.substr(dot + 1);
  if (whole.empty()) return AllDigits(fraction, 10);
  return AllDigits(whole, 10) && (fraction.empty() || AllDigits(fraction, 10));
}

bool IsFlag(std::string_view text) {
  return text == "true" || text == "True" || text == "TRUE" || text == "false" || text == "False" ||
         text == "FALSE";
}

std::optional<int64_t> IntegerOf(std::string_view text) {
  int base = text.starts_with("0x") ? 16 : text.starts_with("0o") ? 8 : 10;
  if (base != 10) text.remove_prefix(2);
  if (text.starts_with('+')) text.remove_prefix(1);
  int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

nlohmann::json NumberOf(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  // Infinities have no form in JSON; as a text they fail wherever a number is wanted.
  if (error != std::errc{} || !std::isfinite(value)) return std::string{Prefix(text, kJudgedTextBytes)};
  return value;
}

nlohmann::json TextOf(const YamlNode& node, LongText long_text) {
  if (!IsPrintable(node.value)) return nullptr;
  if (long_text == LongText::kKeep) return node.value;
  return std::string{Prefix(node.value, kJudgedTextBytes)};
}

}  // namespace

CoreType CoreTypeOf(const YamlNode& node) {
  if (node.is_mapping()) return CoreType::kMapping;
  if (node.is_sequence()) return CoreType::kList;
  if (!node.is_scalar()) return CoreType::kNull;
  if (node.style != ScalarStyle::kPlain || IsCoreTag(node, "str")) return CoreType::kText;
  if (node.is_null()) return CoreType::kNull;
  if (IsFlag(node.value)) return CoreType::kFlag;
  if (IsInteger(node.value)) return CoreType::kInteger;
  return IsNumber(node.value) ? CoreType::kNumber : CoreType::kText;
}

std::string_view CoreTypeName(CoreType type) {
  switch (type) {
    case CoreType::kNull:
      return "empty";
    case CoreType::kFlag:
      return "true or false";
    case CoreType::kInteger:
      return "a whole number";
    case CoreType::kNumber:
      return "a number";
    case CoreType::kText:
      return "text";
    case CoreType::kList:
      return "a list";
    case CoreType::kMapping:
      return "a mapping";
  }
  return "unknown";
}

nlohmann::json ToJson(const YamlNode& node, LongText long_text) {
  switch (CoreTypeOf(node)) {
    case CoreType::kNull:
      return nullptr;
    case CoreType::kFlag:
      return node.value.front() == 't' || node.value.front() == 'T';
    case CoreType::kInteger:
      if (auto value = IntegerOf(node.value)) return *value;
      return NumberOf(node.value);
    case CoreType::kNumber:
      return NumberOf(node.value);
    case CoreType::kText:
      return TextOf(node, long_text);
    case CoreType::kList: {
      nlohmann::json list = nlohmann::json::array();
      for (const YamlNode& item : node.children) list.push_back(ToJson(item, long_text));
      return list;
    }
    case CoreType::kMapping: {
      nlohmann::json mapping = nlohmann::json::object();
      for (size_t i = 0; i < node.keys.size(); ++i) {
        const YamlNode& key = node.keys[i];
        if (!key.is_scalar() || !IsPrintable(key.value)) continue;
        mapping[key.value] = ToJson(node.children[i], long_text);
      }
      return mapping;
    }
  }
  return nullptr;
}

}  // namespace lockkeeper
