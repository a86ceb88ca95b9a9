#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reconciler/core/plan/decision.h"
#include "reconciler/core/plan/fleet_model.h"
#include "reconciler/core/plan/make_plan.h"

namespace lockkeeper {

/// How long before its end of life an upgrade away from a release is proposed (`onEndOfLife`).
inline constexpr Seconds kProposedBeforeEndOfLife = std::chrono::days{30};

/// An upgrade that a policy asks for and the repository does not have yet.
struct GeneratedUpgrade {
  ClusterUpgrade upgrade;  ///< as it will be read
  Document document;
};

struct PolicyRound {
  std::vector<GeneratedUpgrade> made;  ///< sorted by name
  std::vector<std::string> problems;   ///< what could not be made, and why
  std::optional<Instant> next_wake;    ///< when time alone makes more, if nothing is made now
};

/// SPEC 2.7: what the policies of a fleet ask for. What the book knows, or the repository has, is not made
/// again. Nothing is made while a manifest file or a file of the inventory cannot be read. Pure.
PolicyRound FollowPolicies(const FleetModel& model, const PlanInput& input);

}  // namespace lockkeeper
