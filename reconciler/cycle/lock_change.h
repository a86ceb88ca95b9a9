#pragma once

#include <string>
#include <vector>

#include "reconciler/cycle/commit_files.h"
#include "schemas/kinds/lock.h"

namespace lockkeeper {

/// A lock that somebody wants. `lock.name.name` empty: it is made from the matchers.
struct LockRequest {
  ClusterLock lock;
  Instant now;
};

struct LockChange {
  FileChanges changes;  ///< no writes: the very same lock stands there already
  ObjectName name;
  std::string path;
  std::vector<std::string> clusters;  ///< that it selects now
};

/// SPEC 6, `lock`. kInvalid: its name is taken by another lock that has not expired yet, the file it would go
/// to is there and holds something else, or there is no folder for it.
Result<LockChange> DecideLock(const FleetState& state, FleetReader& reader, const LockRequest& request);

/// Which locks `unlock` is about.
struct UnlockRequest {
  enum class By : uint8_t {
    kName,     ///< this one: NAME, or NAMESPACE/NAME
    kCluster,  ///< those that hold this cluster and no other
    kAll,
  } by = By::kName;
  std::string what;
  std::string reason;
  Instant now;
};

struct UnlockChange {
  FileChanges changes;               ///< no writes: there is no such lock
  std::vector<std::string> removed;  ///< names of the locks, namespace/name
  std::vector<std::string> free;     ///< clusters that were locked and are not any more
  /// Clusters of a removed lock that others still hold, and these.
  struct Held {
    std::string cluster;
    std::vector<std::string> locks;
  };
  std::vector<Held> held;
};

/// SPEC 6, `unlock`: removes the locks' documents, and files that hold nothing else. kNotFound: there is no
/// such lock, or cluster, or what holds the cluster holds others too; the message names them.
Result<UnlockChange> DecideUnlock(const FleetState& state, FleetReader& reader, const UnlockRequest& request);

}  // namespace lockkeeper
