#include "reconciler/core/task/task_calendar.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "reconciler/core/time/schedule_item.h"

namespace lockkeeper {
namespace {

using std::chrono::days;
using std::chrono::floor;

/// A file is named after its date, so there is one due date a day at most.
bool HasSeveralADay(const MaintenanceTask& task) {
  if (task.recurrence.value.empty()) return false;
  auto rule = ParseRecurrenceRule(task.recurrence.value);
  if (!rule) return false;
  return std::max({rule->hours.size(), rule->minutes.size(), rule->seconds.size()}) > 1;
}

}  // namespace

std::optional<TaskCalendar> TaskCalendar::Compile(const MaintenanceTask& task, Diagnostics& findings) {
  WindowItem item;
  item.start = task.start;
  item.recurrence = task.recurrence;
  item.time_zone = task.time_zone;
  item.mark = task.origin.mark;
  // Only its starts matter here; a window has a length.
  item.duration = Field<Seconds>{Seconds{1}, task.origin.mark};
  const ItemPlace place{.file = task.origin.file, .field = "spec"};
  auto compiled = CompileItem(item, place, std::nullopt, findings);
  bool sound = compiled.has_value();
  auto refuse = [&](Mark mark, std::string code, std::string message) {
    findings.push_back({task.origin.file, mark, Severity::kError, std::move(code), std::move(message)});
    sound = false;
  };
  if (HasSeveralADay(task)) {
    refuse(task.recurrence.mark, "bad-recurrence",
           "spec.recurrence: BYHOUR, BYMINUTE or BYSECOND give several due dates in one day; a task has one "
           "a day at most: write one task for each time of day");
  }
  if (!sound) return std::nullopt;
  return TaskCalendar{compiled->runs.zone(), compiled->runs.starts(), compiled->start};
}

std::optional<DueDate> TaskCalendar::Mapped(std::optional<CivilTime> time) const {
  if (!time) return std::nullopt;
  const DueDate due{.date = floor<days>(*time), .due = zone_.Start(*time)};
  // The end of the calendar: what cannot be written never comes.
  if (!IsWritable(due.due)) return std::nullopt;
  return due;
}

std::optional<DueDate> TaskCalendar::LastAtOrBefore(Instant at) const {
  return Mapped(starts_.LastAtOrBefore(zone_.LastStart(at)));
}

std::optional<DueDate> TaskCalendar::FirstAfter(Instant at) const {
  return Mapped(starts_.NextAtOrAfter(zone_.LastStart(at) + Seconds{1}));
}

std::optional<DueDate> TaskCalendar::Before(std::chrono::local_days date) const {
  return Mapped(starts_.LastAtOrBefore(CivilTime{date} - Seconds{1}));
}

std::optional<DueDate> TaskCalendar::After(std::chrono::local_days date) const {
  return Mapped(starts_.NextAtOrAfter(CivilTime{date} + days{1}));
}

}  // namespace lockkeeper
