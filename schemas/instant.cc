#include "schemas/instant.h"

#include <fmt/format.h>

#include <array>
#include <optional>

namespace lockkeeper {
namespace {

using std::chrono::local_days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr Seconds kMaxDuration = std::chrono::hours{24 * 366 * 100};

/// Reads exactly `width` digits and moves on; nullopt leaves `text` anywhere.
std::optional<int> TakeDigits(std::string_view& text, size_t width) {
  if (text.size() < width) return std::nullopt;
  int value = 0;
  for (size_t i = 0; i < width; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(width);
  return value;
}

bool TakeChar(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

std::unexpected<Error> NotATime(std::string_view text, std::string_view why) {
  return Invalid(fmt::format("'{}' is not an RFC 3339 time such as 2026-03-01T22:00:00Z: {}", text, why));
}

std::optional<local_days> TakeDate(std::string_view& text) {
  auto year = TakeDigits(text, 4);
  if (!year || *year == 0 || !TakeChar(text, '-')) return std::nullopt;
  auto month = TakeDigits(text, 2);
  if (!month || !TakeChar(text, '-')) return std::nullopt;
  auto day = TakeDigits(text, 2);
  if (!day) return std::nullopt;
  year_month_day date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                      std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  return local_days{date};
}

}  // namespace

bool IsWritable(Instant instant) {
  static constexpr Instant kBegin = sys_days{std::chrono::year{1} / 1 / 1};
  static constexpr Instant kEnd = sys_days{std::chrono::year{10'000} / 1 / 1};
  return kBegin <= instant && instant < kEnd;
}

Result<WrittenTime> ParseWrittenTime(std::string_view text) {
  std::string_view rest = text;
  auto date = TakeDate(rest);
  if (!date) return NotATime(text, "it must begin with a date that exists, YYYY-MM-DD");
  if (rest.empty()) return NotATime(text, "the time of day is missing");
  if (!TakeChar(rest, 'T') && !TakeChar(rest, 't') && !TakeChar(rest, ' ')) {
    return NotATime(text, "a 'T' must stand between date and time");
  }
  auto hour = TakeDigits(rest, 2);
  if (!hour || !TakeChar(rest, ':')) return NotATime(text, "the time of day must be hh:mm:ss");
  auto minute = TakeDigits(rest, 2);
  if (!minute || !TakeChar(rest, ':')) return NotATime(text, "the time of day must be hh:mm:ss");
  auto second = TakeDigits(rest, 2);
  if (!second) return NotATime(text, "the time of day must be hh:mm:ss");
  if (*hour > 23) return NotATime(text, "hours go from 00 to 23; write 00:00:00 of the next day");
  if (*minute > 59) return NotATime(text, "minutes go from 00 to 59");
  if (*second > 59) return NotATime(text, "seconds go from 00 to 59; leap seconds are not supported");
  if (TakeChar(rest, '.')) {
    if (rest.empty() || rest.front() < '0' || rest.front() > '9')
      return NotATime(text, "digits must follow '.'");
    while (TakeChar(rest, '0')) {
    }
    if (!rest.empty() && rest.front() >= '1' && rest.front() <= '9') {
      return NotATime(text, "fractions of a second are not supported");
    }
  }
  CivilTime civil = *date + std::chrono::hours{*hour} + std::chrono::minutes{*minute} + Seconds{*second};
  if (rest.empty()) return civil;
  Instant as_utc{civil.time_since_epoch()};
  if (rest == "Z" || rest == "z") return as_utc;
  int sign = rest.front() == '+' ? 1 : rest.front() == '-' ? -1 : 0;
  if (sign == 0) return NotATime(text, "after the seconds comes Z or an offset such as +01:00");
  rest.remove_prefix(1);
  auto offset_hours = TakeDigits(rest, 2);
  if (!offset_hours || !TakeChar(rest, ':')) return NotATime(text, "the offset must be +hh:mm or -hh:mm");
  auto offset_minutes = TakeDigits(rest, 2);
  if (!offset_minutes || !rest.empty() || *offset_hours > 23 || *offset_minutes > 59) {
    return NotATime(text, "the offset must be +hh:mm or -hh:mm");
  }
  const Instant instant =
      as_utc - sign * (std::chrono::hours{*offset_hours} + std::chrono::minutes{*offset_minutes});
  if (!IsWritable(instant)) return NotATime(text, "in UTC it lies outside the years 0001 to 9999");
  return instant;
}

Result<Instant> ParseInstant(std::string_view text) {
  auto time = ParseWrittenTime(text);
  if (!time) return std::unexpected(time.error());
  if (const Instant* instant = std::get_if<Instant>(&*time)) return *instant;
  return NotATime(text, "it needs Z or an offset such as +01:00, no time zone is known here");
}

Result<local_days> ParseDate(std::string_view text) {
  std::string_view rest = text;
  auto date = TakeDate(rest);
  if (!date || !rest.empty()) return Invalid(fmt::format("'{}' is not a date that exists, YYYY-MM-DD", text));
  return *date;
}

Result<Seconds> ParseDuration(std::string_view text) {
  struct Unit {
    char letter;
    int64_t seconds;
  };
  static constexpr std::array<Unit, 5> kUnits{
      {{'w', 604800}, {'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}}};
  auto bad = [&](std::string_view why) {
    return Invalid(
        fmt::format("'{}' is not a duration such as 90s, 45m, 6h, 7d, 2w or 1d12h: {}", text, why));
  };
  Seconds total{0};
  size_t next_unit = 0;
  std::string_view rest = text;
  while (!rest.empty()) {
    int64_t number = 0;
    size_t digits = 0;
    for (; digits < rest.size() && rest[digits] >= '0' && rest[digits] <= '9'; ++digits) {
      if (digits == 12) return bad("the number is too large");
      number = number * 10 + (rest[digits] - '0');
    }
    if (digits == 0) return bad("a number must come before each unit");
    if (digits == rest.size()) return bad("the unit (s, m, h, d, w) is missing");
    while (next_unit < kUnits.size() && kUnits[next_unit].letter != rest[digits]) ++next_unit;
    if (next_unit == kUnits.size()) return bad("units are w, d, h, m, s, each once, from large to small");
    if (number > kMaxDuration.count() / kUnits[next_unit].seconds) return bad("it is longer than 100 years");
    total += Seconds{number * kUnits[next_unit].seconds};
    ++next_unit;
    rest.remove_prefix(digits + 1);
  }
  if (total <= Seconds{0}) return bad("it must be longer than zero");
  if (total > kMaxDuration) return bad("it is longer than 100 years");
  return total;
}

namespace {

void AppendNumber(unsigned number, unsigned digits, std::string& out) {
  const size_t end = out.size() + digits;
  out.resize(end);
  for (size_t i = 0; i < digits; ++i) {
    out[end - 1 - i] = static_cast<char>('0' + number % 10);
    number /= 10;
  }
}

// By hand, because status files hold hundreds of thousands of instants.
void AppendCivil(CivilTime time, std::string& out) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const year_month_day date{day};
  const auto second = static_cast<unsigned>((time - day).count());
  const int year = static_cast<int>(date.year());
  if (year < 0 || year > 9999) {
    out += fmt::format("{:04}", year);
  } else {
    AppendNumber(static_cast<unsigned>(year), 4, out);
  }
  out += '-';
  AppendNumber(static_cast<unsigned>(date.month()), 2, out);
  out += '-';
  AppendNumber(static_cast<unsigned>(date.day()), 2, out);
  out += 'T';
  AppendNumber(second / 3600, 2, out);
  out += ':';
  AppendNumber(second / 60 % 60, 2, out);
  out += ':';
  AppendNumber(second % 60, 2, out);
}

}  // namespace

std::string FormatCivil(CivilTime time) {
  std::string out;
  AppendCivil(time, out);
  return out;
}

void AppendInstant(Instant instant, std::string& out) {
  AppendCivil(CivilTime{instant.time_since_epoch()}, out);
  out += 'Z';
}

std::string FormatInstant(Instant instant) {
  std::string out;
  AppendInstant(instant, out);
  return out;
}

std::string FormatDuration(Seconds duration) {
  if (duration <= Seconds{0}) return "0s";
  struct Unit {
    char letter;
    int64_t seconds;
  };
  std::string out;
  int64_t rest = duration.count();
  for (Unit unit : {Unit{'w', 604800}, Unit{'d', 86400}, Unit{'h', 3600}, Unit{'m', 60}, Unit{'s', 1}}) {
    // Weeks only where they say it all: people read 10d more easily than 1w3d.
    if (unit.letter == 'w' && rest % unit.seconds != 0) continue;
    if (rest >= unit.seconds) {
      out += fmt::format("{}{}", rest / unit.seconds, unit.letter);
      rest %= unit.seconds;
    }
  }
  return out;
}

}  // namespace lockkeeper
