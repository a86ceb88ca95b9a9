#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reconciler/core/plan/fleet_model.h"
#include "reconciler/core/plan/gate.h"
#include "reconciler/core/status/record.h"
#include "reconciler/core/status/transition.h"
#include "schemas/kinds/upgrade_plan.h"

namespace lockkeeper {

struct Contender;
struct PlanContext;

/// How far one stage of one upgrade has come.
struct StageProgress {
  int clusters = 0;
  int left = 0;    ///< not at their end
  int failed = 0;  ///< since the spec changed last; failure and timedOut
  int failures_allowed = 0;
  std::optional<Instant> last_success;  ///< verified or not
  /// From then on its clusters count as done. Later than the last end: what nobody verifies takes its runway,
  /// and no stage begins at the very instant at which the one before it ends, since only a record makes that
  /// a fact.
  Instant free_at = Instant::min();
  GateResult may_start;  ///< gate `stage` for its clusters that have not begun
  GateResult budget;     ///< gate `failure-budget` for its clusters
};

/// The UpgradePlan that one upgrade follows at this instant: its frozen copy once the first bump was made,
/// the manifest before (SPEC 2.6).
struct Rollout {
  static constexpr int kUnassigned = -1;
  static constexpr int kJoinedLate = -2;

  const UpgradePlan* plan = nullptr;  ///< null: it follows none, or none that can be read
  bool frozen = false;
  std::string problem;        ///< why a plan that it should follow cannot be read
  std::vector<int> stage_of;  ///< as UpgradeModel::clusters: an index into plan->stages, or one of the above
  std::vector<StageProgress> stages;
  std::unique_ptr<const UpgradePlan> copy;  ///< where `plan` is a frozen one

  /// Of the upgrade's n-th cluster; null: it has none.
  const PlanStage* StageOf(size_t n) const {
    return plan == nullptr || stage_of[n] < 0 ? nullptr : &plan->stages[static_cast<size_t>(stage_of[n])];
  }
};

/// The plans in force, by index of the upgrade; without progress. `book` as in PlanInput.
std::vector<Rollout> PlansInForce(const FleetModel& model, const StatusBook& book);

/// Fills in the progress of every stage, once it is known where each cluster stands.
void MeasureProgress(PlanContext& context);

/// What the first bump of an upgrade freezes: every cluster that a stage selects.
PlanFrozen Freeze(const FleetModel& model, uint32_t upgrade, const Rollout& rollout);

}  // namespace lockkeeper
