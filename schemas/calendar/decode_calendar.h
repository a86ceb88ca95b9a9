#pragma once

#include <cstddef>
#include <string_view>

#include "schemas/kinds/calendar.h"

namespace lockkeeper {

inline constexpr size_t kCalendarBytesMax = size_t{4} << 20;
inline constexpr size_t kCalendarEventsMax = 20'000;
/// EXDATEs and RDATEs of a file together.
inline constexpr size_t kCalendarListedMax = 200'000;
/// RRULEs of a file together: each costs some 50 microseconds whenever a schedule is compiled.
inline constexpr size_t kCalendarRulesMax = 2'000;
/// RRULEs of one event; RFC 5545 wants no more than one.
inline constexpr size_t kEventRulesMax = 10;
inline constexpr size_t kCalendarFindingsMax = 100;
inline constexpr size_t kSummaryBytesMax = 200;

/// The VEVENTs and VTIMEZONEs of an iCalendar file (RFC 5545), one VCALENDAR or several. What is wrong is a
/// finding `bad-calendar` with `path` and its line; nothing is guessed. Alarms, tasks, free-busy times and
/// properties that say nothing about time are passed over, however they look. Never throws, is linear in the
/// text, and knows no zone and no rule: these are taken as they are written.
CalendarFile DecodeCalendar(std::string_view path, std::string_view text);

}  // namespace lockkeeper
