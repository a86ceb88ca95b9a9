#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reconciler/core/plan/fleet_model.h"
#include "reconciler/core/plan/make_plan.h"
#include "reconciler/core/status/task_record.h"
#include "reconciler/core/status/transition.h"
#include "reconciler/core/task/due_changes.h"

namespace lockkeeper {

/// Changes of a due date that are not made now, and why.
struct WaitingChanges {
  TaskKey key;
  std::optional<Instant> until;  ///< when they may be made; nullopt: somebody has to do something
  std::string gate;              ///< manifest, lock, window; ref: the bytes cannot be changed
  std::string why;
};

/// What is to be recorded of tasks at one instant, and what they change.
struct TaskPlan {
  std::vector<TaskTransition> transitions;  ///< by task; what falls due before what is overdue, by date
  std::optional<Instant> next_wake;         ///< when time alone adds to them next
  std::vector<std::string> problems;        ///< tasks that are held, and due dates that are left out
  std::vector<TaskEdits> edits;             ///< by task and cluster
  std::vector<WaitingChanges> waiting;      ///< likewise
  /// Of which it must be known whether the bytes can be changed, in the order in which they are made.
  std::vector<DueChanges> to_try;
};

/// Due dates of one task that were missed and are opened in one plan: the newest ones, and of these as many
/// as fit into so many files, but at least one.
inline constexpr size_t kMissedDueDatesMax = 50;
inline constexpr size_t kTaskFilesMax = 100'000;

/// SPEC 2.10. The first time that a task is seen, the last due date at or before `now` is opened, and none
/// before it; of a rule that has ended only while it is younger than the last of its periods. From then on
/// every due date is opened for the clusters that are selected at that time, also where no pass was made for
/// long: a cluster that joins later begins with the next one.
///
/// The newest due date of each cluster makes the task's changes, once, as soon as ChangeWindows let it and
/// its trial says that the bytes can be changed. `trials` null: nobody has tried, so nothing is changed;
/// `to_try` says what to try. `refusals` as in PlanInput. Pure.
TaskPlan PlanTasks(const FleetModel& model, const TaskStatus& status, Instant now,
                   const TaskTrials* trials = nullptr, const EditRefusals* refusals = nullptr);

}  // namespace lockkeeper
