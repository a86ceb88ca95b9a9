#pragma once

#include <optional>
#include <string>
#include <vector>

#include "schemas/instant.h"
#include "schemas/kinds/match.h"
#include "schemas/kinds/object.h"
#include "schemas/kinds/schedule.h"

namespace lockkeeper {

/// One scalar that a task sets when it falls due. `file` and `value` may use {cluster}, {namespace}, {task}
/// and {date}.
struct TaskChange {
  Field<std::string> file;
  Field<std::string> path;
  std::string value;
};

/// SPEC 2.10: recurring work that is no bump.
struct MaintenanceTask {
  ObjectName name;
  Origin origin;
  ClusterMatch match;  ///< written: one for each cluster that it selects; else one for the fleet
  Field<WrittenTime> start;
  Field<std::string> recurrence;  ///< the RRULE's text; empty: once
  Field<std::string> time_zone{"UTC", {}};
  std::optional<Seconds> due_within;  ///< after that it is overdue; absent: never
  std::vector<std::string> checklist;
  std::vector<TaskChange> changes;
};

}  // namespace lockkeeper
