#pragma once

#include <optional>

#include "reconciler/core/plan/contender.h"
#include "reconciler/core/plan/decision.h"

namespace lockkeeper {

/// What the gates' answers come to for one contender: the action, its reason, the edits, what is recorded.
Decision Conclude(PlanContext& context, const Contender& c);

/// When time alone next changes that; nullopt: it does not.
std::optional<Instant> WakeOf(const PlanContext& context, const Contender& c);

}  // namespace lockkeeper
