#pragma once

#include "reconciler/core/plan/fleet_model.h"
#include "schemas/diagnostic.h"

namespace lockkeeper {

/// What tasks change that they must not, or that others change too, for the clusters that there are. Files
/// are told by their paths alone.
void JudgeTaskChanges(const FleetModel& model, Diagnostics& findings);

}  // namespace lockkeeper
