#pragma once

#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/diagnostic.h"
#include "schemas/error.h"
#include "schemas/kinds/cluster.h"
#include "schemas/kinds/fleet.h"
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
  std::string
      code;  ///< unknown-release | release-state | upgrades-from | blocked-from | hop-missing | provider
  std::string message;  ///< names the release that is missing or in the way
};

using SelectsCluster = std::function<bool(const ClusterMatch&)>;

/// A usable release of a catalog, its name and ranges read.
struct CatalogEntry {
  struct Block {
    VersionRange range;
    const BlockedFrom* rule = nullptr;
  };
  const Release* release = nullptr;
  ReleaseName name;
  std::optional<VersionRange> upgrades_from;
  std::vector<Block> blocked_from;
};

/// The releases of a repository, indexed by provider and version. Pure; built once for a Fleet. Keeps
/// pointers into the vector it was built from. Questions may be asked from several threads at once.
class Catalog {
 public:
  /// Releases whose name is no version, that stand twice, or whose ranges cannot be read get a diagnostic and
  /// stay out. Twice is: by name, or by provider and version (v1.20.0 and 1.20.0). All copies stay out, since
  /// nothing tells which one is meant; where all of them are deprecated, and so no target anyway, it is only
  /// a warning.
  ///
  /// `broken`: what could not be decoded. Its Releases are unusable too, with the decoder's reason, and so is
  /// a good copy of one of them.
  static Catalog Build(const std::vector<Release>& releases, Diagnostics& findings,
                       const std::vector<BrokenObject>& broken = {});

  const Release* Find(std::string_view name) const;

  /// SPEC 2.5 Hops: the next bump on the way from `from` to `target` within `skip`, over releases of the
  /// target's provider, by upgradesFrom and blockedFrom of every hop. The furthest, newest release from which
  /// the target can still be reached is chosen. `selects(match)` tells whether a blockedFrom's matchers
  /// select the cluster in question.
  ///
  /// What may be gone to: an active release; as the target itself also a preview. Never wip or deprecated,
  /// and on the way no prerelease. A way in one hop is taken wherever it is allowed; more hops are made where
  /// `skip`, upgradesFrom or blockedFrom need them.
  ///
  /// From the target's own version, whatever its state, the one hop to it: the caller sees that nothing
  /// changes. From a higher one, too, if its state and blockedFrom let it: `skip` and upgradesFrom speak of
  /// upgrades, and whether downgrades are allowed is the caller's question.
  std::expected<Hop, NoWay> NextHop(const Version& from, const ReleaseName& target, const MaxSkip& skip,
                                    const SelectsCluster& selects) const;

  /// Whether answers of NextHop differ between clusters of one version: some blockedFrom has matchers.
  bool depends_on_cluster() const { return depends_on_cluster_; }

  /// Sorted by version; empty for an unknown provider.
  const std::vector<const Release*>& OfProvider(std::string_view provider) const;
  /// Sorted; the empty one stands for releases without a prefix.
  std::vector<std::string> Providers() const;

 private:
  struct Provider {
    std::vector<CatalogEntry> entries;  ///< sorted by version, no two equal
    std::vector<const Release*> releases;
  };

  void TakeOutRepeated(std::vector<CatalogEntry>& entries, Diagnostics& findings);
  const Provider* FindProvider(std::string_view name) const;
  NoWay Unknown(const ReleaseName& target) const;

  std::map<std::string, const Release*, std::less<>> by_name_;
  std::map<std::string, Provider, std::less<>> by_provider_;
  std::map<std::string, std::string, std::less<>> left_out_;  ///< name -> why it cannot be used
  bool depends_on_cluster_ = false;
};

/// Without a catalog: one hop, unless `skip` forbids it (then hop-missing: there is nothing to go over).
std::expected<Hop, NoWay> NextHopWithoutCatalog(const Version& from, const ReleaseName& target,
                                                const MaxSkip& skip);

/// SPEC 2.5: a release with a provider prefix blocks on a cluster whose `provider` label says another. A
/// cluster without that label is taken to be right. nullopt: nothing in the way.
std::optional<NoWay> CheckProvider(const ReleaseName& target, std::string_view cluster_provider);

}  // namespace lockkeeper
