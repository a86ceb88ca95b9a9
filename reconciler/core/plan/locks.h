#pragma once

#include <cstdint>
#include <vector>

#include "reconciler/core/match/compiled_match.h"
#include "schemas/kinds/fleet.h"

namespace lockkeeper {

/// Which locks cover which clusters, whatever the time.
class LockTable {
 public:
  static LockTable Build(const Fleet& fleet, Diagnostics& findings);

  /// In the order of their names. Those whose matchers select the cluster.
  const std::vector<const ClusterLock*>& Of(uint32_t cluster) const {
    return of_.empty() ? none_ : of_[cluster];
  }
  /// A lock of which nobody can tell what it covers: it holds every cluster. Empty: there is none.
  const std::string& problem() const { return problem_; }

 private:
  std::vector<std::vector<const ClusterLock*>> of_;  ///< by cluster; empty: there are no locks
  std::vector<const ClusterLock*> none_;
  std::string problem_;
};

}  // namespace lockkeeper
