#pragma once

#include <map>
#include <string>
#include <string_view>

#include "reconciler/core/plan/decision.h"
#include "reconciler/core/plan/fleet_model.h"
#include "reconciler/core/plan/observation.h"
#include "reconciler/core/status/record.h"
#include "reconciler/core/status/task_record.h"
#include "reconciler/core/task/due_changes.h"
#include "schemas/instant.h"

namespace lockkeeper {

/// How much the gates say. For people every gate speaks; for a bump only those that do not pass need to.
enum class Detail : uint8_t { kReasons, kAll };

/// Why the bytes of a cluster's refs could not be changed, by cluster's name: what the shell saw when it
/// tried. Likewise, by its path, why a manifest that a policy asks for could not be written; and by
/// RefusalKey, why the changes of a due date could not be made.
/// They are tried before, so this is rare.
using EditRefusals = std::map<std::string, std::string, std::less<>>;

struct PlanInput {
  const StatusBook& book;
  const std::map<ObjectName, std::string>&
      broken_status;  ///< upgrades whose status file cannot be read, and why
  const EditRefusals& refusals;
  Instant now;
  Detail detail = Detail::kReasons;
  const Observations* observations = nullptr;  ///< null: nobody has looked
  std::string_view detail_cluster{};           ///< kAll for this cluster only; empty: for every cluster
  const TaskStatus* tasks = nullptr;           ///< null: tasks are left out of the plan
  const TaskTrials* task_trials = nullptr;     ///< null: nobody has tried, and no task changes anything
};

/// SPEC 1.2, 4: every decision about every cluster of every upgrade at one instant. Pure: equal inputs give
/// equal plans. The model's fleet must have settings.
Plan MakePlan(const FleetModel& model, const PlanInput& input);

}  // namespace lockkeeper
