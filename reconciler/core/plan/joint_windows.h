#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reconciler/core/time/schedule_calendar.h"
#include "schemas/instant.h"

namespace lockkeeper {

struct NamedCalendar {
  std::string name;  ///< of the schedule, namespace/name
  const ScheduleCalendar* calendar = nullptr;
};

/// Where several schedules are open together.
struct JointWindow {
  Interval interval;
  std::string schedule;  ///< the one that closes first
  std::string window;    ///< its window item
};

/// SPEC 2.3 spread: the part of it that is this cluster's, always the same.
Seconds SpreadDelay(std::string_view cluster, Seconds spread);

/// Several schedules as one: SPEC 2.3, all must be open. At least one.
class JointWindows {
 public:
  JointWindows(std::vector<NamedCalendar> calendars, ChangeScopes change)
      : calendars_(std::move(calendars)), change_(change) {}

  std::optional<JointWindow> Around(Instant at) const;

  /// The first instant at or after `from` at which a start is allowed: all are open, `runway` is left, and
  /// `delay` has passed since the joint window began (less where the window is too short for both). nullopt:
  /// not within kSearchSteps openings.
  std::optional<Instant> FirstStart(Instant from, Seconds runway, Seconds delay) const;

  /// Why nothing starts at `at`, for people: it is closed, or less than the runway is left, or its turn in
  /// the spread comes later.
  std::string WhyNotNow(Instant at, Seconds runway) const;

  /// Why it is closed at `at`, for people: every exclusion and every schedule that is not open.
  std::string WhyClosed(Instant at) const;

  /// Two weekly schedules that never meet are given up after some 30 years.
  static constexpr int kSearchSteps = 4'000;

 private:
  std::optional<Instant> NextJointOpen(Instant from, int& steps) const;

  std::vector<NamedCalendar> calendars_;
  ChangeScopes change_;
};

}  // namespace lockkeeper
