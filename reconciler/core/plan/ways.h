#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "reconciler/core/plan/contender.h"

namespace lockkeeper {

/// Finds ways and remembers them: most clusters of a fleet stand at one of few releases.
class Ways {
 public:
  explicit Ways(const FleetModel& model) : model_(model) {}

  /// Valid as long as this object.
  const Way& Find(uint32_t upgrade, uint32_t cluster, const MaxSkip& skip);

 private:
  /// upgrade, release that runs, maxSkip, and the cluster where the way depends on it.
  using Key = std::tuple<uint32_t, std::string, int, int, std::string>;

  Way Make(const UpgradeModel& upgrade, const Cluster& cluster, const std::string& from,
           const MaxSkip& skip) const;

  const FleetModel& model_;
  std::map<Key, Way> known_;
};

/// The lowest release in those refs of a cluster that the scope covers, without prefix; empty: none can be
/// read.
std::string LowestRelease(const Cluster& cluster, UpgradeScope scope);

/// The newest release of the provider whose components are what the cluster's refs in scope hold, without
/// prefix; empty: none, or no ref holds one.
std::string ReleaseByComponents(const Catalog& catalog, std::string_view provider, const Cluster& cluster,
                                UpgradeScope scope);

/// `{component.talos}` -> `talos`; empty: the format takes the release itself.
std::string ComponentOf(const Ref& ref);

/// A component's version stands in manifests with and without v; a file's format says which.
std::string_view WithoutV(std::string_view version);

/// A component's version in a release; null: the release does not name it.
const std::string* FindComponent(const Release& release, std::string_view component);

}  // namespace lockkeeper
