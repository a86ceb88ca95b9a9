#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reconciler/core/plan/fleet_model.h"
#include "reconciler/core/status/task_record.h"
#include "reconciler/core/status/transition.h"

namespace lockkeeper {

/// What is to be recorded of tasks at one instant.
struct TaskPlan {
  std::vector<TaskTransition> transitions;  ///< by task; what falls due before what is overdue, by date
  std::optional<Instant> next_wake;         ///< when time alone adds to them next
  std::vector<std::string> problems;        ///< tasks that are held, and due dates that are left out
};

/// Due dates of one task that were missed and are opened in one plan: the newest ones, and of these as many
/// as fit into so many files, but at least one.
inline constexpr size_t kMissedDueDatesMax = 50;
inline constexpr size_t kTaskFilesMax = 100'000;

/// SPEC 2.10. The first time that a task is seen, the last due date at or before `now` is opened, and none
/// before it; of a rule that has ended only while it is younger than the last of its periods. From then on
/// every due date is opened for the clusters that are selected at that time, also where no pass was made for
/// long: a cluster that joins later begins with the next one. Pure.
TaskPlan PlanTasks(const FleetModel& model, const TaskStatus& status, Instant now);

}  // namespace lockkeeper
