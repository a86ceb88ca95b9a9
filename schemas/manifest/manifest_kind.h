#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "schemas/manifest/collector.h"

namespace lockkeeper {

/// What a document is to us.
enum class ManifestKind : uint8_t {
  kForeign,  ///< not ours; not looked at any further
  kRefused,  ///< ours by its apiVersion or kind, but not to be decoded; the reason is reported
  kFleet,
  kClusterUpgrade,
  kMaintenanceSchedule,
  kRelease,
  kGiantSwarmRelease,
  kUpgradePlan,
  kUpgradePolicy,
  kClusterLock,
  kUpgradeApproval,
  kMaintenanceTask,
};

/// Reads apiVersion and kind, and reports what is odd about them. A document that looks like one of ours is
/// never passed over in silence: an ignored lock or schedule would open what it closes.
ManifestKind ClassifyDocument(const Place& document, Collector& findings);

/// The schema by which a kind is judged.
std::string_view SchemaOf(ManifestKind kind);

}  // namespace lockkeeper
