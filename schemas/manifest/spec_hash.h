#pragma once

#include <string>

#include "schemas/kinds/upgrade.h"

namespace lockkeeper {

/// `sha256:` and the hash of what the upgrade's spec means. Comments, key order, quotes, spelled-out defaults
/// and the way a time is written do not matter. Fields at their default are not in it, so that a field that a
/// later version adds changes no hash. Nor is `suspend`, which is read live and asks for nothing new
/// (SPEC 2.6).
std::string SpecHash(const ClusterUpgrade& upgrade);

}  // namespace lockkeeper
