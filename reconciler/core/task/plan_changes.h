#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "reconciler/core/plan/make_plan.h"
#include "reconciler/core/task/change_windows.h"
#include "reconciler/core/task/due_changes.h"
#include "reconciler/core/task/plan_tasks.h"

namespace lockkeeper {

/// What names a due date among EditRefusals: no cluster and no file is called so.
std::string RefusalKey(const TaskKey& key);

/// Of a transition that is about one cluster, or the fleet.
TaskKey KeyOf(const TaskTransition& transition);

/// The newest due date of a cluster, or of the fleet.
struct NewestDue {
  std::chrono::local_days date;
  const TaskRecord* record = nullptr;  ///< null: it is opened by this very plan
};
/// By cluster; the empty name is the fleet.
using NewestDues = std::map<std::string, NewestDue>;

/// Plans the `changes` of tasks, one task after the other, into the same TaskPlan.
class ChangePlanner {
 public:
  /// `trials` and `refusals` may be null, as in PlanTasks.
  ChangePlanner(const FleetModel& model, const TaskStatus& status, Instant now, const TaskTrials* trials,
                const EditRefusals* refusals, TaskPlan& plan);

  /// Of each cluster whose task it is now, the newest due date: one that is older and has not made its
  /// changes by then makes them no more, since its values are of the day before.
  void Take(const TaskModel& task, const NewestDues& newest);

 private:
  void TakeOne(const TaskModel& task, const TaskKey& key, std::optional<uint32_t> cluster,
               const TaskRecord* record);
  void Conclude(const TaskKey& key, std::optional<uint32_t> cluster, const TaskTrial& trial,
                const std::string& known_problem);
  void Wait(const TaskKey& key, std::optional<Instant> until, std::string gate, std::string why);
  const TaskTrial* TrialOf(const TaskKey& key);
  std::string BrokenFileOf(const ObjectName& task) const;

  const FleetModel& model_;
  const TaskStatus& status_;
  Instant now_;
  const TaskTrials* trials_;
  const EditRefusals* refusals_;
  TaskPlan& plan_;
  GuardedFiles guarded_;
  ChangeWindows windows_;
  TaskTrial refused_;  ///< of TrialOf
};

}  // namespace lockkeeper
