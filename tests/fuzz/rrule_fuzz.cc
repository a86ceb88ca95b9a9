// Any bytes as a rule: it is refused with a printable message, or every question about it is answered and the
// answers agree with each other.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "reconciler/core/time/recurrence.h"
#include "reconciler/core/time/schedule_calendar.h"
#include "schemas/assert.h"

namespace lockkeeper {
namespace {

void CheckStarts(const RecurrenceRule& rule, CivilTime start) {
  std::optional<CivilTime> until;
  if (rule.until && std::holds_alternative<CivilTime>(*rule.until)) until = std::get<CivilTime>(*rule.until);
  const Recurrence recurrence{rule, start, until};
  CivilTime at = start;
  for (int i = 0; i < 20; ++i) {
    auto next = recurrence.NextAtOrAfter(at);
    if (!next) break;
    LK_ASSERT(*next >= at);
    LK_ASSERT(recurrence.NextAtOrAfter(*next) == next);
    LK_ASSERT(recurrence.LastAtOrBefore(*next) == next);
    auto before = recurrence.LastAtOrBefore(*next - Seconds{1});
    LK_ASSERT(!before || *before < at);
    at = *next + Seconds{1};
  }
}

void CheckCalendar(std::string_view text) {
  MaintenanceSchedule schedule;
  schedule.time_zone.value = "Europe/Stockholm";
  WindowItem item;
  item.start.value = *ParseWrittenTime("2024-03-30T22:00:00");
  item.duration = {Seconds{6 * 3'600}, {}};
  item.recurrence.value = text;
  schedule.windows.push_back(item);
  Diagnostics findings;
  const auto calendar = ScheduleCalendar::Compile(schedule, findings);
  LK_ASSERT(calendar.has_value());
  Instant at = *ParseInstant("2024-03-31T00:00:00Z");
  for (int i = 0; i < 5; ++i) {
    auto opening = calendar->NextOpen(at, kEveryScope);
    if (!opening) return;
    LK_ASSERT(*opening >= at && calendar->Open(*opening, kEveryScope));
    auto around = calendar->Around(*opening, kEveryScope);
    LK_ASSERT(around && around->interval.start <= *opening && around->interval.end > *opening);
    if (around->interval.end == Instant::max()) return;
    LK_ASSERT(!calendar->Open(around->interval.end, kEveryScope));
    at = around->interval.end;
  }
}

}  // namespace
}  // namespace lockkeeper

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lockkeeper;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  auto rule = ParseRecurrenceRule(text);
  if (!rule) {
    for (char c : rule.error().message) LK_ASSERT(c >= 0x20 && c <= 0x7e);
    return 0;
  }
  if (text.empty()) return 0;
  for (const char* start : {"2024-02-29T22:00:00", "1905-12-31T00:00:00", "9998-12-31T23:59:59"}) {
    CheckStarts(*rule, std::get<CivilTime>(*ParseWrittenTime(start)));
  }
  CheckCalendar(text);
  return 0;
}
