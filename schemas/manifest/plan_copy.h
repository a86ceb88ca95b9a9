#pragma once

#include <string>

#include "schemas/kinds/upgrade_plan.h"

namespace lockkeeper {

/// The plan's spec as JSON with sorted keys, in the words of the manifest. Comments, key order, quotes,
/// spelled-out defaults and the way a length is written do not matter; what `dependsOn` says by default is
/// written out. Fields at their default are not in it, so that a field that a later version adds changes no
/// hash. DecodeUpgradePlanCopy reads it.
std::string PlanCopy(const UpgradePlan& plan);

}  // namespace lockkeeper
