#pragma once

#include <cstdint>
#include <vector>

#include "reconciler/core/match/compiled_match.h"
#include "schemas/kinds/fleet.h"

namespace lockkeeper {

/// Half open, as every span.
inline bool IsActive(const ClusterLock& lock, Instant at) {
  return (!lock.start || *lock.start <= at) && at < lock.expires_at;
}

/// Which locks cover which clusters, whatever the time.
class LockTable {
 public:
  static LockTable Build(const Fleet& fleet, Diagnostics& findings);

  /// In the order of their names. Those whose matchers select the cluster.
  const std::vector<const ClusterLock*>& Of(uint32_t cluster) const {
    return of_.empty() ? none_ : of_[cluster];
  }
  /// Likewise those that cover every cluster there is, and so the fleet as a whole.
  const std::vector<const ClusterLock*>& OfAll() const { return of_all_; }
  /// A lock of which nobody can tell what it covers: it holds every cluster. Empty: there is none.
  const std::string& problem() const { return problem_; }

 private:
  std::vector<std::vector<const ClusterLock*>> of_;  ///< by cluster; empty: there are no locks
  std::vector<const ClusterLock*> of_all_;
  std::vector<const ClusterLock*> none_;
  std::string problem_;
};

}  // namespace lockkeeper
