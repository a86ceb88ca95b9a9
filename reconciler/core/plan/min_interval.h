#pragma once

#include <optional>

#include "schemas/instant.h"

namespace lockkeeper {

struct Contender;
struct PlanContext;

/// Finds the last bump of every cluster, where some plan asks for an interval between upgrades.
void FindLastBumps(PlanContext& context);

/// Until when the cluster's last upgrade is too recent for this one (SPEC 2.6 minInterval), if it still is.
std::optional<Instant> IntervalEnd(const PlanContext& context, const Contender& c);

}  // namespace lockkeeper
