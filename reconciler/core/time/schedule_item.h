#pragma once

#include <optional>
#include <string>

#include "reconciler/core/time/window_runs.h"
#include "schemas/diagnostic.h"
#include "schemas/kinds/schedule.h"

namespace lockkeeper {

/// Where an item stands in its schedule, for messages.
struct ItemPlace {
  std::string file;
  std::string field;  ///< `spec.maintenanceWindows[0]`
};

/// A window or exclusion, ready for questions.
struct ScheduleItem {
  std::string name;
  ChangeScopes scope = kEveryScope;
  CivilTime start;  ///< startTime on the wall
  WindowRuns runs;
};

/// A rule's UNTIL on the wall; a time in UTC becomes the last wall-clock time that starts by then.
std::optional<CivilTime> UntilOnTheWall(const RecurrenceRule& rule, const Zone& zone);

/// All wall-clock times that start at an instant: one, or those of a skipped hour. Nullopt: none, since the
/// clock shows its time for the second time.
std::optional<CivilRange> WallTimesOf(Instant instant, const Zone& zone);

/// `spec.maintenanceWindows[0]` or `spec.maintenanceExclusions[0]`.
std::string ItemField(bool exclusion, size_t index);

/// Nullopt after at least one error in `findings`. `schedule_zone` is empty where the schedule's own zone is
/// unknown, which its caller has reported.
std::optional<ScheduleItem> CompileItem(const WindowItem& item, const ItemPlace& place,
                                        const std::optional<Zone>& schedule_zone, Diagnostics& findings);

}  // namespace lockkeeper
