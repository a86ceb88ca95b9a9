#pragma once

#include <optional>
#include <string>

#include "schemas/instant.h"
#include "schemas/kinds/match.h"
#include "schemas/kinds/object.h"
#include "schemas/kinds/schedule.h"

namespace lockkeeper {

/// SPEC 2.8.
struct ClusterLock {
  ObjectName name;
  Origin origin;
  ClusterMatch match;  ///< an explicit empty list is every cluster
  std::string reason;
  std::optional<Instant> start;  ///< absent: it holds already
  Instant expires_at;            ///< or startTime + ttl; half-open, as every span
  ChangeScopes scope = kEveryScope;
  std::string created_by;
};

}  // namespace lockkeeper
