#pragma once

#include <string_view>

#include "reconciler/core/match/compiled_match.h"
#include "reconciler/core/plan/fleet_model.h"
#include "reconciler/core/task/task_calendar.h"
#include "schemas/diagnostic.h"
#include "schemas/kinds/fleet.h"

namespace lockkeeper {

/// Where a match stands, for messages.
struct MatchPlace {
  const Origin& origin;
  std::string_view field;  ///< `spec.matchers`
};

/// Calls `visit(match, EmptyMatch, MatchPlace)` with every match of the plans, policies, locks and tasks that
/// `objects`, a Fleet or a DecodedFile, holds.
template <class Objects, class Visit>
void ForEachMatch(const Objects& objects, Visit visit) {
  for (const UpgradePlan& plan : objects.plans) {
    for (size_t i = 0; i < plan.stages.size(); ++i) {
      const std::string field = "spec.stages[" + std::to_string(i) + "].matchers";
      visit(plan.stages[i].match, EmptyMatch::kEverythingIfWritten, MatchPlace{plan.origin, field});
    }
  }
  for (const UpgradePolicy& policy : objects.policies)
    visit(policy.match, EmptyMatch::kNothing, MatchPlace{policy.origin, "spec.matchers"});
  for (const ClusterLock& lock : objects.locks)
    visit(lock.match, EmptyMatch::kEverythingIfWritten, MatchPlace{lock.origin, "spec.matchers"});
  for (const MaintenanceTask& task : objects.tasks)
    visit(task.match, EmptyMatch::kEverythingIfWritten, MatchPlace{task.origin, "spec.matchers"});
}

/// Whether its rule and its startTime are of one mind.
void JudgeTask(const MaintenanceTask& task, const TaskCalendar& calendar, Diagnostics& findings);

/// Policies that can choose no release, or whose upgrades could not go ahead.
void JudgePolicies(const FleetModel& model, Diagnostics& findings);

/// Approvals of upgrades that are not there.
void JudgeApprovals(const Fleet& fleet, Diagnostics& findings);

}  // namespace lockkeeper
