#pragma once

#include <vector>

#include "reconciler/core/plan/contender.h"
#include "reconciler/core/status/transition.h"

namespace lockkeeper {

/// Whether this plan may write about the upgrade: not while its manifest or its status cannot be read.
bool MayRecord(const PlanContext& context, const UpgradeModel& upgrade);

/// Manifests that the status does not know yet, or knows otherwise.
std::vector<Transition> TargetsTakenUp(const PlanContext& context);

/// SPEC 1.5, 2.6: removed manifests cancel what has not ended; clusters that are gone, or are not selected
/// any more, are skipped. Nothing is taken for gone while something cannot be read.
std::vector<Transition> Endings(const PlanContext& context);

}  // namespace lockkeeper
