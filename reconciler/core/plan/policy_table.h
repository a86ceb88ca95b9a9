#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reconciler/core/release/catalog.h"
#include "schemas/kinds/fleet.h"
#include "schemas/version.h"

namespace lockkeeper {

/// A release that a policy may choose, whatever the time and the cluster.
struct PolicyOffer {
  const Release* release = nullptr;
  ReleaseName name;
  Instant from;          ///< when it is old enough; Instant::max(): it says no date, so nobody knows
  bool in_range = true;  ///< one that is not is chosen only away from a release at its end of life
};

/// Clusters of a policy that stand at one release, and that the same ways lead from.
struct PolicyGroup {
  std::string provider;  ///< of the releases that are meant for them
  Version version;
  const Release* release = nullptr;  ///< what they run; null: not in the catalog
  MaxSkip skip;
  std::vector<uint32_t> clusters;  ///< sorted indices into Fleet::clusters
};

struct PolicyModel {
  const UpgradePolicy* policy = nullptr;
  ClusterUpgrade terms;                                    ///< what its template says
  std::map<std::string, std::vector<PolicyOffer>> offers;  ///< by provider, newest first
  std::vector<PolicyGroup> groups;
};

/// Policies and who follows them; what does not change with time.
class PolicyTable {
 public:
  /// Empty without a catalog: there is no release to choose.
  static PolicyTable Build(const Fleet& fleet, const Catalog& catalog);

  const std::vector<PolicyModel>& policies() const { return policies_; }

 private:
  std::vector<PolicyModel> policies_;
};

/// The releases that the policy may choose, all providers that it takes, newest first within each.
std::map<std::string, std::vector<PolicyOffer>> OffersOf(const UpgradePolicy& policy, const Catalog& catalog);

/// The policy's template as it would be decoded in an upgrade, with all that is wrong with it.
ClusterUpgrade TermsOfTemplate(const UpgradePolicy& policy, Diagnostics& findings);

}  // namespace lockkeeper
