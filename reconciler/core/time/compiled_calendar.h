#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reconciler/core/time/listed_times.h"
#include "reconciler/core/time/schedule_item.h"
#include "reconciler/core/time/zone.h"
#include "schemas/diagnostic.h"
#include "schemas/kinds/calendar.h"
#include "schemas/kinds/schedule.h"

namespace lockkeeper {

/// The events of an iCalendar file, ready for questions.
struct CompiledCalendar {
  bool allows = false;
  std::vector<ScheduleItem> recurring;
  ListedTimes listed;  ///< all that does not recur, with the RDATEs of what does
};

/// An event's name is that of the calendar (its path, where it has none) and the event's summary:
/// `holidays: Christmas`. Nullopt after at least one error in `findings`, which also get the file's own
/// findings; about the file they stand in it, about the reference at its place. Zones that are not written
/// are `schedule_zone`, which is empty where the schedule's own zone is unknown.
std::optional<CompiledCalendar> CompileCalendar(const CalendarReference& reference, const ItemPlace& place,
                                                const CalendarFiles& files,
                                                const std::optional<Zone>& schedule_zone,
                                                Diagnostics& findings);

}  // namespace lockkeeper
