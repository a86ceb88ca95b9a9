#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "schemas/diagnostic.h"
#include "schemas/instant.h"
#include "schemas/kinds/calendar.h"
#include "schemas/kinds/schedule.h"

namespace lockkeeper {

/// Which item makes it so, for people.
struct OpenWindow {
  Interval interval;  ///< the whole open interval around the instant, exclusions cut out
  /// Of the window item, or of a calendar and its event; empty where the schedule has no windows.
  std::string name;
};

/// A MaintenanceSchedule made ready for questions (SPEC 3). Immutable to its users; safe to share between
/// threads. Every question ends in bounded time for every rule. Intervals are merged: touching windows are
/// one.
class ScheduleCalendar {
 public:
  static constexpr size_t kIntervalsMax = 1'000'000;

  /// All problems of its rules, zones and times go to `findings` with the schedule's file and marks, those of
  /// its calendars with the calendar's; nullopt if one of them is an error. A calendar that `files` lacks is
  /// one: leaving it out could open a freeze.
  static std::optional<ScheduleCalendar> Compile(const MaintenanceSchedule& schedule,
                                                 const CalendarFiles& files, Diagnostics& findings);
  /// Of a schedule on its own, without the repository that its calendars are in.
  static std::optional<ScheduleCalendar> Compile(const MaintenanceSchedule& schedule, Diagnostics& findings) {
    return Compile(schedule, {}, findings);
  }

  ~ScheduleCalendar();
  ScheduleCalendar(ScheduleCalendar&&) noexcept;
  ScheduleCalendar& operator=(ScheduleCalendar&&) noexcept;

  /// Exclusions whose scope has nothing in common with `change` do not count.
  bool Open(Instant at, ChangeScopes change) const;
  /// The open interval around `at`; nullopt when closed. Its end is Instant::max() where it never closes.
  std::optional<OpenWindow> Around(Instant at, ChangeScopes change) const;
  /// The first open instant at or after `at`; nullopt: never again.
  std::optional<Instant> NextOpen(Instant at, ChangeScopes change) const;
  /// Open intervals that overlap [from, to), sorted, clipped to it; the first kIntervalsMax of them, which no
  /// rule with less than a start a minute reaches in two years.
  std::vector<Interval> Intervals(Instant from, Instant to, ChangeScopes change) const;
  /// The exclusion in force at `at` that blocks this change, by name; nullopt: none.
  std::optional<std::string> ExclusionAt(Instant at, ChangeScopes change) const;
  /// Name of the window that is open at `at` before exclusions; nullopt: none.
  std::optional<std::string> WindowAt(Instant at) const;
  /// True where no event of the schedule's calendar of this index ends after `at`.
  bool CalendarIsOver(size_t index, Instant at) const;

 private:
  struct Impl;
  explicit ScheduleCalendar(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// SPEC 3's warnings for `validate`, and one for calendars that have come to their end: startTime that its
/// rule does not produce, a first window that crosses a clock change, 23:59:59 ends, windows that merge for
/// ever, no opening in the 400 days after `now`. (The age of the zone database is reported once, by its
/// caller, through ZoneDatabaseVersion.)
void LintSchedule(const MaintenanceSchedule& schedule, const ScheduleCalendar& calendar, Instant now,
                  Diagnostics& findings);

/// `2025b`, which begins with the year it was published in; empty if unknown.
std::string ZoneDatabaseVersion();

/// For text output: `2021-03-11 08:00 CET`. An unknown zone falls back to UTC.
std::string FormatInZone(Instant at, const std::string& zone);
bool IsKnownZone(const std::string& zone);

}  // namespace lockkeeper
