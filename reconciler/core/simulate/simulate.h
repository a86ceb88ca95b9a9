#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "reconciler/core/plan/make_plan.h"
#include "reconciler/core/render/changes.h"
#include "reconciler/core/simulate/assumptions.h"
#include "reconciler/core/simulate/event.h"
#include "schemas/error.h"
#include "schemas/kinds/fleet.h"

namespace lockkeeper {

/// Tries the edits of some changes on the bytes of the files as the changes before have left them. Those that
/// are refused are returned, and then none is made; else all are.
using TryEdits = std::function<Result<EditRefusals>(const std::vector<Change>&)>;

/// Tries the changes of due dates on the same bytes.
using TryTasks = std::function<Result<TaskTrials>(const std::vector<DueChanges>&)>;

struct SimulationInput {
  const Fleet& fleet;  ///< with settings
  const StatusBook& book;
  const std::map<ObjectName, std::string>& broken_status;
  Interval horizon;  ///< the first pass is made at its start, the last one before its end
  Assumptions assumptions{};
  const TaskStatus* tasks = nullptr;  ///< null: tasks are left out. Nobody does what falls due
  TryEdits try_edits{};               ///< empty: no file refuses an edit
  TryTasks try_tasks{};               ///< empty: tasks change nothing
};

/// What is to come, if nobody commits anything and the assumptions hold.
struct Future {
  std::string commit;
  Interval horizon;
  std::vector<Event> events;  ///< by time, then as the passes record them
  Plan last;  ///< where everything stands in the last second, or at the last pass of an incomplete one
  std::string incomplete;  ///< why it ends before the horizon does; empty: it does not
};

/// Passes in one simulation, and at one instant: beyond them the future is incomplete.
inline constexpr int kSimulatedPassesMax = 20'000;
inline constexpr int kPassesAtOnceMax = 10;

/// Makes the passes that a daemon would make, from one plan's next wake, or assumed outcome, to the next: the
/// same plans, changes and records, on a copy of the fleet. Pure but for `try_edits`, whose errors end it.
Result<Future> Simulate(const SimulationInput& input);

}  // namespace lockkeeper
