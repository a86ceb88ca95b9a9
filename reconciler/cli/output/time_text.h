#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "schemas/instant.h"

namespace lockkeeper {

/// `2026-03-11 07:00 UTC`; seconds only where they are not zero. `never` for Instant::max().
std::string UtcText(Instant at);
/// `in 3 days`, `5 minutes ago`, `now`: the largest unit that says enough, rounded towards now.
std::string RelativeText(Instant at, Instant now);
/// `2026-03-11 07:00 UTC (in 3 days)`.
std::string WhenText(Instant at, Instant now);
/// The same beside the wall clock of a zone that is not UTC: `2026-03-11 08:00 CET, 07:00 UTC (in 3 days)`.
std::string WhenText(Instant at, Instant now, const std::string& zone);
/// `Wed`, of a text that begins with a date; empty for any other.
std::string Weekday(std::string_view text);
/// `10 hours`, `1 day 4 hours`, `45 minutes`.
std::string LengthText(Seconds length);

}  // namespace lockkeeper
