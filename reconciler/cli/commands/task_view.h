#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "reconciler/cli/output/style.h"
#include "reconciler/core/plan/decision.h"
#include "reconciler/core/plan/fleet_model.h"
#include "reconciler/core/status/task_record.h"
#include "reconciler/core/task/plan_tasks.h"

namespace lockkeeper {

/// One due date as it is shown.
struct ShownTask {
  const TaskKey& key;
  const TaskRecord& record;
  const TaskModel* manifest;                ///< null: it was removed, or does not decode
  const WaitingChanges* waiting = nullptr;  ///< null: its changes wait for nothing
  bool changes_now = false;                 ///< the next pass makes them
};

nlohmann::ordered_json TaskJson(const ShownTask& task);
/// Which are to come: when each task falls due next, or why it is held.
nlohmann::ordered_json ComingJson(const TaskModel& task, Instant now);

std::string TaskTable(const std::vector<ShownTask>& tasks, Instant now, const Style& style);
std::string ComingTable(const std::vector<TaskModel>& tasks, Instant now, const Style& style);

/// `2 tasks open, 1 overdue`, or empty where nothing is.
std::string TaskCounts(const TaskBook& book, const Style& style);
nlohmann::ordered_json TaskCountsJson(const TaskBook& book);

/// What a plan records of tasks; empty: nothing, and no task is held.
std::string PlannedTasksText(const Plan& plan, const Style& style);
nlohmann::ordered_json PlannedTasksJson(const Plan& plan);

}  // namespace lockkeeper
