#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "reconciler/core/time/schedule_calendar.h"
#include "schemas/error.h"

namespace lockkeeper::testing {

/// A MaintenanceSchedule's spec as JSON: the fields about time. An error names the field, as the manifest
/// decoder does.
Result<MaintenanceSchedule> ScheduleFromJson(const nlohmann::json& spec);

/// The same from text, and compiled; the test fails if either does not work.
MaintenanceSchedule ScheduleFromText(const std::string& spec);
ScheduleCalendar CalendarFromText(const std::string& spec);

Instant At(const std::string& text);
CivilTime Civil(const std::string& text);

/// All findings, one a line: `error[code]: message`.
std::string FindingsText(const Diagnostics& findings);

}  // namespace lockkeeper::testing
