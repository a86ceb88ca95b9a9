#include "schemas/calendar/calendar_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "schemas/manifest/words.h"

namespace lockkeeper {
namespace {

constexpr Seconds kDurationMax = std::chrono::days{366 * 100};

bool AreDigits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::string WithDashes(std::string_view date) {
  return fmt::format("{}-{}-{}", date.substr(0, 4), date.substr(4, 2), date.substr(6, 2));
}

/// A whole number in front of a unit's letter.
std::optional<int64_t> TakeNumber(std::string_view& text) {
  constexpr size_t kDigitsMax = 10;
  size_t digits = 0;
  int64_t number = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
    if (digits == kDigitsMax) return std::nullopt;
    number = number * 10 + (text[digits] - '0');
  }
  if (digits == 0) return std::nullopt;
  text.remove_prefix(digits);
  return number;
}

}  // namespace

Result<CalendarTime> ParseCalendarTime(std::string_view text, std::string_view zone) {
  auto bad = [&](std::string_view why) {
    return Invalid(fmt::format("{} is no time such as 20261224T220000Z, 20261224T220000 or 20261224: {}",
                               Quoted(text), why));
  };
  CalendarTime out;
  if (text.size() == 8 && AreDigits(text)) {
    auto day = ParseDate(WithDashes(text));
    if (!day) return bad("there is no such day");
    out.wall = *day;
    out.form = CalendarTimeForm::kDate;
    return out;
  }
  std::string_view rest = text;
  const bool is_utc = rest.ends_with('Z');
  if (is_utc) rest.remove_suffix(1);
  if (rest.size() != 15 || rest[8] != 'T' || !AreDigits(rest.substr(0, 8)) || !AreDigits(rest.substr(9))) {
    return bad("it has another form");
  }
  const auto time = ParseWrittenTime(fmt::format("{}T{}:{}:{}", WithDashes(rest.substr(0, 8)),
                                                 rest.substr(9, 2), rest.substr(11, 2), rest.substr(13, 2)));
  if (!time) return bad("there is no such time of day, or no such day");
  out.wall = std::get<CivilTime>(*time);
  if (is_utc) {
    // RFC 5545 3.2.19 forbids a TZID here; where there is one all the same, the Z is what readers go by.
    out.form = CalendarTimeForm::kUtc;
  } else if (!zone.empty()) {
    out.form = CalendarTimeForm::kZoned;
    out.zone = zone;
  }
  return out;
}

Result<Seconds> ParseCalendarDuration(std::string_view text) {
  struct Unit {
    char letter;
    bool of_day;  ///< behind the T
    int64_t seconds;
  };
  static constexpr std::array<Unit, 5> kUnits{
      {{'W', false, 604'800}, {'D', false, 86'400}, {'H', true, 3'600}, {'M', true, 60}, {'S', true, 1}}};
  auto bad = [&](std::string_view why) {
    return Invalid(fmt::format("{} is no duration such as PT1H30M or P7D: {}", Quoted(text), why));
  };
  std::string_view rest = text;
  if (rest.starts_with('-')) return bad("it goes back in time");
  if (rest.starts_with('+')) rest.remove_prefix(1);
  if (!rest.starts_with('P') || rest.size() == 1) return bad("it must begin with P and say how long");
  rest.remove_prefix(1);
  Seconds total{0};
  bool of_day = false;
  size_t next_unit = 0;
  while (!rest.empty()) {
    if (rest.front() == 'T' && !of_day && rest.size() > 1) {
      of_day = true;
      rest.remove_prefix(1);
    }
    const auto number = TakeNumber(rest);
    if (!number || rest.empty()) return bad("it needs a number in front of each unit");
    while (next_unit < kUnits.size() &&
           (kUnits[next_unit].letter != rest.front() || kUnits[next_unit].of_day != of_day)) {
      ++next_unit;
    }
    if (next_unit == kUnits.size())
      return bad("units are W, D and, behind a T, H, M, S, from large to small");
    if (*number > kDurationMax.count() / kUnits[next_unit].seconds) return bad("it is longer than 100 years");
    total += Seconds{*number * kUnits[next_unit].seconds};
    ++next_unit;
    rest.remove_prefix(1);
  }
  if (total > kDurationMax) return bad("it is longer than 100 years");
  return total;
}

Result<Seconds> ParseUtcOffset(std::string_view text) {
  auto bad = [&] { return Invalid(fmt::format("{} is no offset such as +0100 or -033000", Quoted(text))); };
  const bool is_signed = text.starts_with('+') || text.starts_with('-');
  if (!is_signed) return bad();
  const int sign = text.front() == '-' ? -1 : 1;
  text.remove_prefix(1);
  if ((text.size() != 4 && text.size() != 6) || !AreDigits(text)) return bad();
  auto number = [&](size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); };
  const int hours = number(0);
  const int minutes = number(2);
  const int seconds = text.size() == 6 ? number(4) : 0;
  if (hours > 23 || minutes > 59 || seconds > 59) return bad();
  return Seconds{sign * ((hours * 60 + minutes) * 60 + seconds)};
}

}  // namespace lockkeeper
