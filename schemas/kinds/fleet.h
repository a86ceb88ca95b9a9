#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "schemas/kinds/cluster.h"
#include "schemas/kinds/fleet_settings.h"
#include "schemas/kinds/release.h"
#include "schemas/kinds/schedule.h"
#include "schemas/kinds/upgrade.h"

namespace lockkeeper {

/// An object that could not be decoded: it holds what refers to it, and leaves its neighbours alone (SPEC 1.4).
struct BrokenObject {
  std::string kind;
  ObjectName name;
  Origin origin;
  std::string message;  ///< the first problem
  ClusterMatch match;   ///< as far as it could be read; what a broken schedule or upgrade would have governed
};

/// Everything that a commit of the repository says, decoded. Sorted by name throughout.
struct Fleet {
  std::string commit;
  std::optional<FleetSettings> settings;  ///< absent: no Fleet object in the repository, or a broken one
  std::vector<Cluster> clusters;
  std::vector<ClusterUpgrade> upgrades;
  std::vector<MaintenanceSchedule> schedules;
  std::vector<Release> releases;
  std::vector<BrokenObject> broken;
  Diagnostics diagnostics;
};

}  // namespace lockkeeper
