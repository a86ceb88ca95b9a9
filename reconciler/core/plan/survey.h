#pragma once

#include "reconciler/core/plan/candidate.h"
#include "reconciler/core/plan/ways.h"

namespace lockkeeper {

/// Fills the context's candidates: who is selected, where each stands and where it goes, what governs it. No
/// gate is asked yet.
void Survey(PlanContext& context, Ways& ways);

}  // namespace lockkeeper
