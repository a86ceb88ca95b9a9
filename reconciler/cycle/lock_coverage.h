#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "schemas/instant.h"
#include "schemas/kinds/fleet.h"

namespace lockkeeper {

/// One ClusterLock of a fleet, and what it holds.
struct LockCoverage {
  ObjectName name;
  Origin origin;
  const ClusterLock* lock =
      nullptr;                     ///< null: it does not decode, and holds until somebody mends or removes it
  std::set<std::string> clusters;  ///< that it selects, whether it is in force or not
  bool InForce(Instant now) const;
};

/// Names of the clusters that a lock's match selects; nullopt: it cannot be understood.
std::optional<std::set<std::string>> SelectedClusters(const Fleet& fleet, const ClusterMatch& match,
                                                      const Origin& origin);

/// Every ClusterLock of the fleet, sorted by name and place. One that cannot be understood covers every
/// cluster, as the gate has it.
std::vector<LockCoverage> CoverageOfLocks(const Fleet& fleet);

}  // namespace lockkeeper
