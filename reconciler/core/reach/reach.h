#pragma once

#include <map>
#include <string>

#include "reconciler/core/plan/fleet_model.h"
#include "reconciler/core/status/record.h"
#include "schemas/diagnostic.h"
#include "schemas/instant.h"

namespace lockkeeper {

/// Whether what people want can happen at all: warnings about manifests each of which is right by itself.
///
/// | code | warns of |
/// |---|---|
/// | runway-never-fits | a schedule without an opening in 400 days that is as long as its runway |
/// | always-excluded | a schedule whose windows of the next 400 days lie in exclusions, all of them |
/// | notice-too-long | an upgrade whose notice of now would be for a start at or after its startDeadline |
/// | never-starts | an upgrade and clusters for which no window opens again |
/// | too-late | an upgrade and clusters whose release comes to its end of life before they may start |
/// | in-no-stage | an upgrade and clusters that no stage of its plan selects |
/// | in-several-stages | a plan and clusters that several stages select: the first wins |
/// | no-way-out | clusters whose release comes to its end of life before their schedules open, with no
/// upgrade |
///
/// Pure. The model's fleet must have settings. Sorted by nothing.
Diagnostics JudgeReach(const FleetModel& model, const StatusBook& book,
                       const std::map<ObjectName, std::string>& broken_status, Instant now);

}  // namespace lockkeeper
