#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schemas/diagnostic.h"
#include "schemas/error.h"
#include "schemas/kinds/fleet.h"

namespace lockkeeper {

/// What one file of the manifest or release folders holds. Other documents and kinds are not in it.
struct DecodedFile {
  std::vector<FleetSettings> fleets;
  std::vector<ClusterUpgrade> upgrades;
  std::vector<MaintenanceSchedule> schedules;
  std::vector<Release> releases;
  std::vector<UpgradePlan> plans;
  std::vector<UpgradePolicy> policies;
  std::vector<ClusterLock> locks;
  std::vector<UpgradeApproval> approvals;
  std::vector<MaintenanceTask> tasks;
  /// Objects with errors; not in the lists above. One without a kind stands for a whole file that is no YAML,
  /// and objects of kinds that this version does not have are in here too: whoever fails closed must look at
  /// all of them.
  std::vector<BrokenObject> broken;
  bool unreadable = false;  ///< no YAML: `broken` stands for the whole file, and nobody knows what is in it
  Diagnostics diagnostics;  ///< all of them, errors and warnings
};

/// Decodes every document of `text` that is one of lockkeeper's kinds (or a Giant Swarm Release): guarded
/// parse, JSON Schema, then the rules that a schema cannot say. Collects every problem, never throws, is
/// bounded for any bytes.
DecodedFile DecodeManifests(std::string_view file, std::string_view text);

/// A plan from its UpgradePlan::copy; kInvalid: it is none. `name` becomes the plan's. Cheap: no schema is
/// asked, since a status file holds only what was decoded once.
Result<UpgradePlan> DecodeUpgradePlanCopy(const ObjectName& name, std::string_view copy);

/// The JSON Schema (draft 7) of a kind as text, the very one that validation uses; empty for an unknown kind.
std::string_view SchemaText(std::string_view kind);
std::vector<std::string_view> SchemaKinds();

/// A kind of SPEC 2, whether this version can decode it or not.
bool IsOwnKind(std::string_view kind);

}  // namespace lockkeeper
