#pragma once

#include "reconciler/core/plan/contender.h"
#include "reconciler/core/plan/ways.h"

namespace lockkeeper {

/// Fills the context's contenders: who is selected, where each stands and where it goes, what governs it. No
/// gate is asked yet.
void Survey(PlanContext& context, Ways& ways);

}  // namespace lockkeeper
