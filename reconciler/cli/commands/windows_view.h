#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "reconciler/cli/command.h"
#include "reconciler/core/time/schedule_calendar.h"
#include "schemas/kinds/schedule.h"

namespace lockkeeper {

/// A schedule that somebody asks about.
struct ScheduleView {
  const MaintenanceSchedule* schedule = nullptr;
  const ScheduleCalendar* calendar = nullptr;
};

/// What was asked about them, and how the answer is shown.
struct WindowsQuestion {
  std::vector<ScheduleView> schedules;
  Instant now;
  std::string cluster;     ///< empty: no cluster was asked about
  std::string zone;        ///< of that cluster; empty: each schedule's own
  std::string ungoverned;  ///< where no schedule governs it: what that means; else empty
};

/// Open intervals in [from, to).
nlohmann::ordered_json WindowsJson(const WindowsQuestion& question, Interval span);
std::string WindowsText(const WindowsQuestion& question, Interval span, const Style& style);

/// One instant.
nlohmann::ordered_json WindowsAtJson(const WindowsQuestion& question, Instant at);
std::string WindowsAtText(const WindowsQuestion& question, Instant at, const Style& style);

}  // namespace lockkeeper
