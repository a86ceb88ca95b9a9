#pragma once

#include <map>
#include <optional>
#include <string>

#include "reconciler/core/status/record.h"
#include "schemas/instant.h"
#include "schemas/kinds/upgrade.h"

namespace lockkeeper {

/// What a simulation takes for what will be seen of clusters. Checks before a start pass, always.
struct Assumptions {
  /// By cluster: kFailure, or kTimedOut where nothing is ever seen after a bump; of all others kSuccess.
  std::map<std::string, Outcome, std::less<>> outcomes;
  /// From a bump to what its checks say. Absent: the upgrade's runway, or kUsualDuration, but no more than
  /// its finishTimeout.
  std::optional<Seconds> duration;
  static constexpr Seconds kUsualDuration{1800};

  Outcome OutcomeOf(const std::string& cluster) const;
  /// `upgrade` is null where its manifest is not to be read.
  Seconds DurationOf(const ClusterUpgrade* upgrade) const;
};

}  // namespace lockkeeper
