#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <variant>

#include "schemas/error.h"

namespace lockkeeper {

using Seconds = std::chrono::seconds;

/// A point on the one time line, whole seconds since 1970-01-01T00:00:00Z. Years 1 to 9999.
using Instant = std::chrono::sys_seconds;

/// What a clock on a wall shows. It needs a zone to become an Instant.
using CivilTime = std::chrono::local_seconds;

/// What a manifest says: with an offset it is an instant, without one it is wall-clock time in some zone.
using WrittenTime = std::variant<Instant, CivilTime>;

/// Half open: `end` is outside.
struct Interval {
  Instant start;
  Instant end;
  auto operator<=>(const Interval&) const = default;
};

/// What ParseInstant gives and FormatInstant can write: years 1 to 9999 in UTC.
bool IsWritable(Instant instant);

/// RFC 3339 with an offset. Refuses the hour 24, leap seconds, days that do not exist and fractions other
/// than zero.
Result<Instant> ParseInstant(std::string_view text);

/// RFC 3339 with or without an offset (`2024-01-01T02:00:00`); otherwise as ParseInstant.
Result<WrittenTime> ParseWrittenTime(std::string_view text);

/// `YYYY-MM-DD`.
Result<std::chrono::local_days> ParseDate(std::string_view text);

/// SPEC 2: `90s`, `45m`, `6h`, `7d`, `2w`, or combined from large to small, `1d12h`; at least 1 s, at most
/// 100 years.
Result<Seconds> ParseDuration(std::string_view text);

/// `2021-03-11T07:00:00Z`.
std::string FormatInstant(Instant instant);
void AppendInstant(Instant instant, std::string& out);

/// `2021-03-11T07:00:00`.
std::string FormatCivil(CivilTime time);

/// The shortest text that ParseDuration reads back to the same: `1d12h`. `0s` for zero.
std::string FormatDuration(Seconds duration);

}  // namespace lockkeeper
