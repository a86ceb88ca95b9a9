#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/error.h"
#include "schemas/kinds/cluster.h"
#include "schemas/kinds/release.h"
#include "schemas/version.h"

namespace lockkeeper {

/// A bump's first hop: where to go now, and how many more hops follow.
struct Hop {
  const Release* release = nullptr;  ///< null where there is no catalog
  ReleaseName to;
  int remaining = 0;  ///< hops after this one
};

/// Why there is no way.
struct NoWay {
  std::string code;     ///< unknown-release | release-state | upgrades-from | blocked-from | hop-missing | provider
  std::string message;  ///< names the release that is missing or in the way
};

/// The releases of a repository, indexed by provider and version. Pure; built once for a Fleet. Keeps pointers into
/// the vector it was built from.
class Catalog {
 public:
  /// Releases whose name is no version, or that stand twice, get a diagnostic and stay out.
  static Catalog Build(const std::vector<Release>& releases, Diagnostics& findings);

  const Release* Find(std::string_view name) const;

  /// SPEC 2.5 Hops: the next bump on the way from `from` to `target` within `skip`, over releases of the target's
  /// provider prefix that may be run (state active; deprecated ones only as the cluster's own), by upgradesFrom and
  /// blockedFrom of every hop. `blocks(match)` tells whether a blockedFrom's matchers select the cluster in question.
  /// The furthest newest hop from which the target can still be reached is chosen. Without limits the way is one hop.
  std::expected<Hop, NoWay> NextHop(const Version& from, const ReleaseName& target, const MaxSkip& skip,
                                    const std::function<bool(const ClusterMatch&)>& selects) const;

  const std::vector<const Release*>& OfProvider(std::string_view provider) const;

 private:
  std::map<std::string, const Release*, std::less<>> by_name_;
  std::map<std::string, std::vector<const Release*>, std::less<>> by_provider_;  ///< sorted by version
  std::map<const Release*, ReleaseName> names_;
};

/// Without a catalog: one hop, unless `skip` forbids it (then hop-missing: there is nothing to go over).
std::expected<Hop, NoWay> NextHopWithoutCatalog(const Version& from, const ReleaseName& target, const MaxSkip& skip);

}  // namespace lockkeeper
