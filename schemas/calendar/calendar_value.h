#pragma once

#include <string_view>

#include "schemas/error.h"
#include "schemas/instant.h"
#include "schemas/kinds/calendar.h"

namespace lockkeeper {

/// `20261224`, `20261224T220000` or the latter with Z. `zone` is the line's TZID, which counts for the second
/// form only; empty: there is none.
Result<CalendarTime> ParseCalendarTime(std::string_view text, std::string_view zone);

/// RFC 5545 3.3.6, such as `PT1H30M` or `P7D`: not negative, at most 100 years.
Result<Seconds> ParseCalendarDuration(std::string_view text);

/// RFC 5545 3.3.14, such as `+0100` or `-033000`: less than 24 hours.
Result<Seconds> ParseUtcOffset(std::string_view text);

}  // namespace lockkeeper
