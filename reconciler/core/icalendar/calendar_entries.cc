#include "reconciler/core/icalendar/calendar_entries.h"

#include <fmt/format.h>

#include <algorithm>

#include "reconciler/core/task/task_calendar.h"
#include "schemas/assert.h"

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
  Diagnostics findings;
  const auto calendar = TaskCalendar::Compile(task, findings);
  if (!calendar) {
    const auto error = std::ranges::find(findings, Severity::kError, &Diagnostic::severity);
    LK_ASSERT(error != findings.end());
    return Invalid(
        fmt::format("MaintenanceTask {} has errors: {}", task.name.str(), FormatDiagnostic(*error)));
  }
  std::string description = fmt::format("MaintenanceTask {} falls due.", task.name.str());
  if (task.due_within)
    description += fmt::format(" {} later it is overdue.", FormatDuration(*task.due_within));
  if (task.match.written) description += "\nOne for each of its clusters.";
  for (const std::string& point : task.checklist) description += "\n- " + point;
  for (const TaskChange& change : task.changes) {
    description += fmt::format("\nSets {} in {} to {}.", change.path.value, change.file.value, change.value);
  }
  for (auto next = calendar->FirstAfter(span.start - Seconds{1}); next && next->due < span.end;
       next = calendar->FirstAfter(next->due)) {
    if (out.size() > kCalendarEntriesMax) break;
    const std::string date = FormatCivil(next->date).substr(0, 10);
    out.push_back({.uid = Uid("task", fmt::format("{}/{}", task.name.str(), date)),
                   .start = next->due,
                   .end = next->due,
                   .summary = fmt::format("Task {} falls due", task.name.str()),
                   .description = description,
                   .category = "task"});
  }
  return {};
}

void AddTaskChanges(const TaskPlan& plan, Instant now, Interval span, std::vector<CalendarEntry>& out) {
  auto add = [&](const TaskKey& key, Instant at, std::string why) {
    if (at < span.start || at >= span.end || out.size() > kCalendarEntriesMax) return;
    const std::string whose = key.cluster.empty() ? "" : " for " + key.cluster;
    const std::string date = FormatDate(key.date);
    out.push_back({.uid = Uid("task-change", fmt::format("{}/{}/{}", key.task.str(), date, key.cluster)),
                   .start = at,
                   .end = at,
                   .summary = fmt::format("Task {} of {} makes its changes{}", key.task.str(), date, whose),
                   .description = std::move(why),
                   .category = "task"});
  };
  for (const DueChanges& due : plan.to_try) {
    if (due.is_open) add(due.key, now, "They are due.");
  }
  for (const WaitingChanges& waiting : plan.waiting) {
    if (!waiting.until) continue;
    add(waiting.key, *waiting.until,
        fmt::format("As far as is known at {}. Until then: {}: {}.", FormatInstant(now), waiting.gate,
                    waiting.why));
  }
}

}  // namespace lockkeeper
