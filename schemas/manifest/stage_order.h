#pragma once

#include <cstddef>
#include <vector>

#include "schemas/kinds/upgrade_plan.h"

namespace lockkeeper {

/// Stages that wait for each other: each depends on the next, the last on the first, which is the highest of
/// them in the plan. Empty: there is no loop. Names that no stage has are passed over; of several stages of
/// one name the first counts.
std::vector<size_t> FindStageLoop(const std::vector<PlanStage>& stages);

}  // namespace lockkeeper
