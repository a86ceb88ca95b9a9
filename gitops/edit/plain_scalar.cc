#include "gitops/edit/plain_scalar.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace lockkeeper {
namespace {

enum class Type : unsigned char {
  kText,
  kNull,
  kBool,
  kInt,         // decimal as every printer writes it
  kIntOther,    // 0123, 0x1F, 0o17, +1, 1_000, 12:30:00
  kFloat,       // digits on both sides of a point
  kFloatOther,  // 1e5, .5, 5., .inf
  kTimestamp,
  kMerge,
};

struct Types {
  Type core;      // YAML 1.2
  Type version1;  // YAML 1.1
  bool operator==(const Types&) const = default;
};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

template <size_t N>
bool IsOneOf(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::ranges::find(words, text) != words.end();
}

bool IsAll(std::string_view text, std::string_view alphabet) {
  return !text.empty() && text.find_first_not_of(alphabet) == std::string_view::npos;
}

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kDigitsAndBar = "0123456789_";

std::string_view WithoutSign(std::string_view text) {
  return text.starts_with('-') || text.starts_with('+') ? text.substr(1) : text;
}

// Type of a number by the core schema; kText if it is none.
Type CoreNumber(std::string_view text) {
  if (text.starts_with("0x"))
    return IsAll(text.substr(2), "0123456789abcdefABCDEF") ? Type::kIntOther : Type::kText;
  if (text.starts_with("0o")) return IsAll(text.substr(2), "01234567") ? Type::kIntOther : Type::kText;
  const std::string_view number = WithoutSign(text);
  const bool plus = text.starts_with('+');
  if (IsOneOf(number, std::array<std::string_view, 3>{".inf", ".Inf", ".INF"}) ||
      IsOneOf(text, std::array<std::string_view, 3>{".nan", ".NaN", ".NAN"})) {
    return Type::kFloatOther;
  }
  if (IsAll(number, kDigits)) {
    return plus || (number.size() > 1 && number[0] == '0') ? Type::kIntOther : Type::kInt;
  }
  // digits? (. digits*)? (e sign? digits)?
  const size_t e = number.find_first_of("eE");
  const std::string_view mantissa = number.substr(0, e);
  if (e != std::string_view::npos && !IsAll(WithoutSign(number.substr(e + 1)), kDigits)) return Type::kText;
  const size_t point = mantissa.find('.');
  const std::string_view whole = mantissa.substr(0, point);
  const std::string_view part =
      point == std::string_view::npos ? std::string_view() : mantissa.substr(point + 1);
  if (!(whole.empty() || IsAll(whole, kDigits)) || !(part.empty() || IsAll(part, kDigits)))
    return Type::kText;
  if (whole.empty() && part.empty()) return Type::kText;
  const bool printed = e == std::string_view::npos && !plus && !whole.empty() && !part.empty() &&
                       (whole.size() == 1 || whole[0] != '0');
  return printed ? Type::kFloat : Type::kFloatOther;
}

// 190:20:30 and 190:20:30.15: numbers to the base of 60 in YAML 1.1.
Type Sexagesimal(std::string_view number) {
  const size_t colon = number.find(':');
  if (colon == std::string_view::npos || !IsDigit(number[0])) return Type::kText;
  const size_t point = number.find('.');
  std::string_view rest = number.substr(0, point);
  if (point != std::string_view::npos &&
      number.find_first_not_of(kDigitsAndBar, point + 1) != std::string_view::npos) {
    return Type::kText;
  }
  if (!IsAll(rest.substr(0, colon), kDigitsAndBar)) return Type::kText;
  rest.remove_prefix(std::min(colon, rest.size()));
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::string_view part = rest.substr(0, rest.find(':'));
    if (!IsAll(part, kDigits) || part.size() > 2 || (part.size() == 2 && part[0] > '5')) return Type::kText;
    rest.remove_prefix(part.size());
  }
  return point == std::string_view::npos ? Type::kIntOther : Type::kFloatOther;
}

Type Version1Number(std::string_view text) {
  const std::string_view number = WithoutSign(text);
  if (number.empty()) return Type::kText;
  if (number.starts_with("0b")) return IsAll(number.substr(2), "01_") ? Type::kIntOther : Type::kText;
  if (number.starts_with("0x")) {
    return IsAll(number.substr(2), "0123456789abcdefABCDEF_") ? Type::kIntOther : Type::kText;
  }
  const Type core = CoreNumber(text);
  if (core != Type::kText) return core;
  if (Type sixty = Sexagesimal(number); sixty != Type::kText) return sixty;
  if (IsDigit(number[0]) && IsAll(number, kDigitsAndBar)) return Type::kIntOther;
  const size_t point = number.find('.');
  if (point == std::string_view::npos || number.size() == 1) return Type::kText;
  const std::string_view part = number.substr(point + 1, number.find_first_of("eE") - point - 1);
  const bool whole_fits = point == 0 || (IsDigit(number[0]) && IsAll(number.substr(0, point), kDigitsAndBar));
  if (!whole_fits || !(part.empty() || IsAll(part, kDigitsAndBar))) return Type::kText;
  const size_t e = number.find_first_of("eE");
  if (e != std::string_view::npos && !IsAll(WithoutSign(number.substr(e + 1)), kDigits)) return Type::kText;
  return Type::kFloatOther;
}

// 2001-12-14, or with a time of day behind.
bool IsTimestamp(std::string_view text) {
  size_t at = 0;
  auto digits = [&](size_t min, size_t max) {
    const size_t begin = at;
    while (at < text.size() && IsDigit(text[at]) && at - begin < max) ++at;
    return at - begin >= min;
  };
  auto dash = [&] { return at < text.size() && text[at++] == '-'; };
  if (!digits(4, 4) || !dash() || !digits(1, 2) || !dash() || !digits(1, 2)) return false;
  if (at == text.size()) return true;
  // Whatever looks like a time of day is taken for one: quotes do no harm to text.
  const char c = text[at];
  return (c == 'T' || c == 't' || c == ' ' || c == '\t') && at + 1 < text.size() && IsDigit(text[at + 1]);
}

Types TypesOf(std::string_view text) {
  if (IsOneOf(text, std::array<std::string_view, 5>{"", "~", "null", "Null", "NULL"}))
    return {Type::kNull, Type::kNull};
  if (IsOneOf(text, std::array<std::string_view, 6>{"true", "True", "TRUE", "false", "False", "FALSE"})) {
    return {Type::kBool, Type::kBool};
  }
  if (IsOneOf(text, std::array<std::string_view, 16>{"yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON",
                                                     "off", "Off", "OFF", "y", "Y", "n", "N"})) {
    return {Type::kText, Type::kBool};
  }
  if (text == "<<" || text == "=") return {Type::kText, Type::kMerge};
  if (IsTimestamp(text)) return {Type::kText, Type::kTimestamp};
  return {CoreNumber(text), Version1Number(text)};
}

bool IsNumber(Type type) { return type >= Type::kInt && type <= Type::kFloatOther; }

}  // namespace

bool FitsPlain(std::string_view value, bool in_flow) {
  if (value.empty() || value.starts_with("---") || value.starts_with("...")) return false;
  if (std::string_view(",[]{}#&*!|>'\"%@` \t").contains(value.front())) return false;
  // These are indicators only before a space, but yaml-cpp takes them for some between brackets always.
  const bool indicator = std::string_view("-?:").contains(value.front());
  if (indicator && (value.size() == 1 || value[1] == ' ' || (in_flow && value.front() != '-'))) return false;
  if (value.back() == ' ' || value.back() == ':') return false;
  if (value.contains(": ") || value.contains(" #") || value.contains('\t')) return false;
  return !in_flow || (value.find_first_of(",[]{}") == std::string_view::npos && !value.starts_with("-,"));
}

bool KeepsPlainType(std::string_view old_value, std::string_view value) {
  const Types before = TypesOf(old_value);
  const Types after = TypesOf(value);
  if (after == Types{Type::kText, Type::kText} || after == before) return true;
  // `yes` was meant as what `true` is for everybody.
  if (after.core == Type::kBool && before.version1 == Type::kBool) return true;
  if (!IsNumber(before.core) || after.core != after.version1) return false;
  return after.core == Type::kInt || (after.core == Type::kFloat && !value.ends_with('0'));
}

}  // namespace lockkeeper
