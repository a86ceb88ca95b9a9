// Any bytes as an iCalendar file: it is refused with findings that people can read, or a schedule with it
// answers every question, and what it says is the same when it is exported and read back.
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "reconciler/core/icalendar/calendar_entries.h"
#include "reconciler/core/time/schedule_calendar.h"
#include "schemas/assert.h"
#include "schemas/calendar/decode_calendar.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {
namespace {

MaintenanceSchedule ScheduleOf(bool allows) {
  MaintenanceSchedule schedule;
  schedule.name.name = "fuzz";
  schedule.time_zone.value = "Europe/Stockholm";
  schedule.calendars.push_back({.name = "c", .path = {"c.ics", {1, 1}}, .allows = allows});
  return schedule;
}

void CheckAnswers(const ScheduleCalendar& calendar) {
  Instant at = *ParseInstant("2026-01-01T00:00:00Z");
  for (int i = 0; i < 5; ++i) {
    auto opening = calendar.NextOpen(at, kEveryScope);
    if (!opening) return;
    LK_ASSERT(*opening >= at && calendar.Open(*opening, kEveryScope));
    auto around = calendar.Around(*opening, kEveryScope);
    LK_ASSERT(around && around->interval.start <= *opening && around->interval.end > *opening);
    LK_ASSERT(IsPrintable(around->name));
    if (around->interval.end == Instant::max()) return;
    LK_ASSERT(!calendar.Open(around->interval.end, kEveryScope));
    at = around->interval.end;
  }
}

void CheckRoundTrip(const MaintenanceSchedule& schedule, const ScheduleCalendar& calendar) {
  const Instant from = *ParseInstant("2026-01-01T00:00:00Z");
  const Interval span{from, from + std::chrono::days{60}};
  std::vector<CalendarEntry> entries;
  AddWindows(schedule, calendar, span, entries);
  if (entries.size() > kCalendarEntriesMax) return;
  CalendarFiles files;
  files.emplace("c.ics", DecodeCalendar("c.ics", FormatCalendar("fuzz", entries, from)));
  Diagnostics findings;
  auto back = ScheduleCalendar::Compile(ScheduleOf(true), files, findings);
  LK_ASSERT(back.has_value());
  LK_ASSERT(back->Intervals(span.start, span.end, kEveryScope) ==
            calendar.Intervals(span.start, span.end, kEveryScope));
}

}  // namespace
}  // namespace lockkeeper

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lockkeeper;
  CalendarFiles files;
  files.emplace("c.ics", DecodeCalendar("c.ics", {reinterpret_cast<const char*>(data), size}));
  for (bool allows : {true, false}) {
    const MaintenanceSchedule schedule = ScheduleOf(allows);
    Diagnostics findings;
    const auto calendar = ScheduleCalendar::Compile(schedule, files, findings);
    LK_ASSERT(findings.size() <= 2 * kCalendarFindingsMax);
    for (const Diagnostic& finding : findings) {
      LK_ASSERT(finding.mark.line > 0 && finding.file == "c.ics");
      LK_ASSERT(!finding.code.empty() && IsPrintable(finding.message));
    }
    const bool has_error = std::ranges::count(findings, Severity::kError, &Diagnostic::severity) != 0;
    LK_ASSERT(calendar.has_value() != has_error);
    if (!calendar) continue;
    CheckAnswers(*calendar);
    CheckRoundTrip(schedule, *calendar);
  }
  return 0;
}
