#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "reconciler/core/time/schedule_calendar.h"
#include "reconciler/core/time/schedule_item.h"

namespace lockkeeper {
namespace {

using std::chrono::days;

constexpr days kLookAhead{400};

struct ItemLint {
  const WindowItem& item;
  const ScheduleItem& compiled;
  const ItemPlace& place;
  Diagnostics& findings;

  void Warn(Mark mark, std::string code, std::string_view field, std::string_view message) const {
    findings.push_back({.file = place.file,
                        .mark = mark == Mark{} ? item.mark : mark,
                        .severity = Severity::kWarning,
                        .code = std::move(code),
                        .message = fmt::format("{}.{}: {}", place.field, field, message)});
  }

  void CheckStart() const {
    auto first = compiled.runs.starts().NextAtOrAfter(compiled.start);
    if (first == compiled.start) return;
    if (!first) {
      Warn(item.recurrence.mark, "never-recurs", "recurrence",
           fmt::format("'{}' never produces a date at or after startTime {}", item.recurrence.value,
                       FormatCivil(compiled.start)));
      return;
    }
    Warn(item.start.mark, "start-not-in-rule", "startTime",
         fmt::format("{} is not a date of '{}'; the first one is {}", FormatCivil(compiled.start),
                     item.recurrence.value, FormatCivil(*first)));
  }

  /// A length that was taken from instants on both sides of a clock change is not the one that people meant.
  void CheckClockChange() const {
    const auto first = compiled.runs.starts().NextAtOrAfter(compiled.start);
    if (!first) return;
    const Zone& zone = compiled.runs.zone();
    const Instant start = zone.Start(*first);
    const Instant end = zone.End(*first + compiled.runs.length());
    if (end - start == compiled.runs.length()) return;
    Warn(
        item.start.mark, "crosses-clock-change", "startTime",
        fmt::format(
            "the first window, {} to {} on the wall, lasts {} because the clock of {} changes in it; windows "
            "without a change last {}",
            FormatCivil(*first), FormatCivil(*first + compiled.runs.length()), FormatDuration(end - start),
            zone.name(), FormatDuration(compiled.runs.length())));
  }

  void CheckEnd() const {
    const CivilTime end = compiled.start + compiled.runs.length();
    auto last_second = [](Seconds since_epoch) { return (since_epoch + Seconds{1}) % days{1} == Seconds{0}; };
    const auto* instant = item.end ? std::get_if<Instant>(&item.end->value) : nullptr;
    const bool written_so = instant != nullptr && last_second(instant->time_since_epoch());
    if (!written_so && !last_second(end.time_since_epoch())) return;
    const Mark mark = item.end ? item.end->mark : item.duration ? item.duration->mark : Mark{};
    Warn(mark, "last-second", item.end ? "endTime" : "duration",
         fmt::format(
             "it ends at {}, which leaves the second before midnight out; write 00:00:00 of the next day",
             written_so ? FormatInstant(*instant) : FormatCivil(end)));
  }
};

void LintItems(const std::vector<WindowItem>& items, bool exclusion, const std::string& file,
               const std::optional<Zone>& zone, Diagnostics& findings) {
  for (size_t i = 0; i < items.size(); ++i) {
    const ItemPlace place{.file = file, .field = ItemField(exclusion, i)};
    Diagnostics reported_by_compile;
    const auto compiled = CompileItem(items[i], place, zone, reported_by_compile);
    if (!compiled) continue;
    const ItemLint lint{.item = items[i], .compiled = *compiled, .place = place, .findings = findings};
    lint.CheckStart();
    lint.CheckClockChange();
    lint.CheckEnd();
  }
}

}  // namespace

void LintSchedule(const MaintenanceSchedule& schedule, const ScheduleCalendar& calendar, Instant now,
                  Diagnostics& findings) {
  const std::string& file = schedule.origin.file;
  auto loaded = Zone::Load(schedule.time_zone.value);
  const auto zone = loaded ? std::optional{std::move(*loaded)} : std::nullopt;
  LintItems(schedule.windows, false, file, zone, findings);
  LintItems(schedule.exclusions, true, file, zone, findings);

  auto warn = [&](Mark mark, std::string code, std::string message) {
    if (mark == Mark{}) mark = schedule.origin.mark;
    findings.push_back({file, mark, Severity::kWarning, std::move(code), std::move(message)});
  };
  for (size_t i = 0; i < schedule.calendars.size(); ++i) {
    const CalendarReference& reference = schedule.calendars[i];
    if (!calendar.CalendarIsOver(i, now)) continue;
    warn(reference.path.mark, "calendar-is-over",
         fmt::format(
             "spec.calendars[{}]: no event of {} ends after {}, so it {}; put the next year's events into it",
             i, reference.path.value, FormatInstant(now),
             reference.allows ? "opens nothing any more" : "keeps nothing closed any more"));
  }
  const auto allowing = std::ranges::find(schedule.calendars, true, &CalendarReference::allows);
  if (!schedule.windows.empty() || allowing != schedule.calendars.end()) {
    // A change of no scope passes all exclusions: only the windows count.
    constexpr ChangeScopes kNoScope = 0;
    const auto opening = calendar.NextOpen(now, kNoScope);
    const auto around = opening ? calendar.Around(*opening, kNoScope) : std::nullopt;
    if (around && around->interval.end == Instant::max()) {
      const bool of_items = !schedule.windows.empty();
      warn(of_items ? schedule.windows.front().mark : allowing->path.mark, "windows-never-close",
           fmt::format("spec.{}: the windows merge for ever from {} on, so that they limit nothing; "
                       "shorten them, or leave them out if that is meant",
                       of_items ? "maintenanceWindows" : "calendars", FormatInstant(around->interval.start)));
    }
  }
  const auto next = calendar.NextOpen(now, kEveryScope);
  if (!next || *next >= now + kLookAhead) {
    warn({}, "no-opening",
         fmt::format("spec: the schedule has no opening in the {} days after {}; {}", kLookAhead.count(),
                     FormatInstant(now),
                     next ? "the next one is " + FormatInstant(*next) : "it never opens again"));
  }
}

}  // namespace lockkeeper
