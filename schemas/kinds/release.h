#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "schemas/instant.h"
#include "schemas/kinds/match.h"
#include "schemas/kinds/object.h"

namespace lockkeeper {

enum class ReleaseState : uint8_t { kActive, kDeprecated, kWip, kPreview };
enum class Disruption : uint8_t { kNone, kControlPlane, kNodes };

struct ReleaseComponent {
  std::string name;
  std::string version;
};

struct BlockedFrom {
  Field<std::string> range;
  std::string reason;
  std::string url;
  std::optional<ClusterMatch> match;  ///< absent: every cluster
};

/// SPEC 2.5. Cluster-scoped in Giant Swarm's group, so only the name identifies it.
struct Release {
  std::string name;  ///< `v1.20.0`, `aws-34.1.0`
  Origin origin;
  ReleaseState state = ReleaseState::kActive;
  std::optional<Instant> date;
  std::optional<Instant> end_of_life;
  std::vector<ReleaseComponent> components;  ///< `spec.components`, then `spec.apps`
  bool security = false;
  Field<std::string> upgrades_from;  ///< a version range; empty: from anywhere
  std::vector<BlockedFrom> blocked_from;
  std::string notes_url;
  std::optional<Disruption> disruption;
};

}  // namespace lockkeeper
