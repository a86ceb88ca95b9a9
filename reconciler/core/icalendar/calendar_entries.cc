#include "reconciler/core/icalendar/calendar_entries.h"

#include <fmt/format.h>

#include <algorithm>

#include "reconciler/core/time/recurrence.h"
#include "reconciler/core/time/schedule_item.h"
#include "reconciler/core/time/zone.h"

namespace lockkeeper {
namespace {

constexpr Seconds kReachMax = std::chrono::days{400};

std::string Uid(std::string_view kind, std::string_view what) {
  return fmt::format("{}/{}@lockkeeper", kind, what);
}

Interval Whole(const ScheduleCalendar& calendar, const Interval& clipped, Interval span) {
  Interval whole = clipped;
  const auto around = calendar.Around(clipped.start, kEveryScope);
  if (!around) return whole;
  if (clipped.start == span.start && span.start - around->interval.start <= kReachMax)
    whole.start = around->interval.start;
  if (clipped.end == span.end && around->interval.end != Instant::max() &&
      around->interval.end - span.end <= kReachMax) {
    whole.end = around->interval.end;
  }
  return IsWritable(whole.start) && IsWritable(whole.end) ? whole : clipped;
}

}  // namespace

void AddWindows(const MaintenanceSchedule& schedule, const ScheduleCalendar& calendar, Interval span,
                std::vector<CalendarEntry>& out) {
  const std::string name = schedule.name.str();
  const std::string& zone = schedule.time_zone.value;
  for (const Interval& clipped : calendar.Intervals(span.start, span.end, kEveryScope)) {
    if (out.size() > kCalendarEntriesMax) return;
    const Interval whole = Whole(calendar, clipped, span);
    const std::string window = calendar.WindowAt(whole.start).value_or("");
    out.push_back({.uid = Uid("window", fmt::format("{}/{}", name, FormatInstant(whole.start))),
                   .start = whole.start,
                   .end = whole.end,
                   .summary = window.empty() ? fmt::format("Maintenance window of {}", name)
                                             : fmt::format("Maintenance window {} of {}", window, name),
                   .description = fmt::format(
                       "Clusters that MaintenanceSchedule {} governs may be upgraded from {} to {}.", name,
                       FormatInZone(whole.start, zone), FormatInZone(whole.end, zone)),
                   .category = "maintenance window"});
  }
}

void AddBumps(const Plan& plan, Interval span, std::vector<CalendarEntry>& out) {
  for (const Decision& decision : plan.decisions) {
    if (out.size() > kCalendarEntriesMax) return;
    const bool is_due = decision.action == Action::kBump;
    if (!is_due && decision.action != Action::kWait) continue;
    const auto at = is_due ? std::optional{plan.at} : decision.until;
    if (!at || *at < span.start || *at >= span.end) continue;
    const std::string from = decision.from.empty() ? "" : fmt::format(" from {}", decision.from);
    std::string why = "It is due.";
    if (!is_due) {
      why = fmt::format("As far as is known at {}, all gates pass then; now gate {} does not.",
                        FormatInstant(plan.at), decision.reason);
    }
    out.push_back(
        {.uid = Uid("bump", fmt::format("{}/{}/{}", decision.upgrade.str(), decision.cluster, decision.hop)),
         .start = *at,
         .end = *at,
         .summary = fmt::format("Upgrade {}{} to {}", decision.cluster, from, decision.hop),
         .description = fmt::format("Asked for by ClusterUpgrade {}.\n{}", decision.upgrade.str(), why),
         .category = "upgrade"});
  }
}

Result<void> AddTask(const MaintenanceTask& task, Interval span, std::vector<CalendarEntry>& out) {
  auto wrong = [&](Mark mark, const Error& error) {
    return Invalid(fmt::format("{}:{}: MaintenanceTask {}: {}", task.origin.file,
                               mark == Mark{} ? task.origin.mark.line : mark.line, task.name.str(),
                               error.message));
  };
  auto zone = Zone::Load(task.time_zone.value);
  if (!zone) return wrong(task.time_zone.mark, zone.error());
  const auto* civil = std::get_if<CivilTime>(&task.start.value);
  const CivilTime start = civil != nullptr ? *civil : zone->Civil(std::get<Instant>(task.start.value));
  Recurrence dates = Recurrence::Once(start);
  if (!task.recurrence.value.empty()) {
    auto rule = ParseRecurrenceRule(task.recurrence.value);
    if (!rule) return wrong(task.recurrence.mark, rule.error());
    const auto until = UntilOnTheWall(*rule, *zone);
    dates = Recurrence(std::move(*rule), start, until);
  }
  std::string description = fmt::format("MaintenanceTask {} falls due.", task.name.str());
  if (task.due_within)
    description += fmt::format(" {} later it is overdue.", FormatDuration(*task.due_within));
  if (task.match.written) description += "\nOne for each of its clusters.";
  for (const std::string& point : task.checklist) description += "\n- " + point;
  // Wall-clock times that a skipped hour makes one instant are one before the span's start at most.
  for (auto date = dates.NextAtOrAfter(zone->LastStart(span.start - Seconds{1}) + Seconds{1}); date;
       date = dates.NextAtOrAfter(*date + Seconds{1})) {
    const Instant due = zone->Start(*date);
    if (due >= span.end || out.size() > kCalendarEntriesMax) break;
    out.push_back({.uid = Uid("task", fmt::format("{}/{}", task.name.str(), FormatCivil(*date))),
                   .start = due,
                   .end = due,
                   .summary = fmt::format("Task {} falls due", task.name.str()),
                   .description = description,
                   .category = "task"});
  }
  return {};
}

}  // namespace lockkeeper
