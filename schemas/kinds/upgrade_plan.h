#pragma once

#include <optional>
#include <string>
#include <vector>

#include "schemas/instant.h"
#include "schemas/kinds/fleet_settings.h"
#include "schemas/kinds/match.h"
#include "schemas/kinds/object.h"
#include "schemas/kinds/upgrade.h"

namespace lockkeeper {

/// A number of clusters, or a part of them in per cent.
struct Share {
  int value = 0;  ///< not negative; at most 100 where it is a percentage
  bool percent = false;
  bool operator==(const Share&) const = default;
};

/// SPEC 2.6, one stage.
struct PlanStage {
  std::string name;
  ClusterMatch match;
  std::vector<std::string> depends_on;   ///< the default (the stage above) filled in
  std::optional<Share> max_concurrency;  ///< absent: no limit; a percentage is rounded down, at least 1
  Share max_failures;                    ///< a percentage is rounded up
  Seconds soak_time{0};
  ApprovalRule approval;
  /// What people tick off before its first cluster starts, and after its last; shown, never judged.
  std::vector<std::string> checklist_before;
  std::vector<std::string> checklist_after;
  Mark mark;
};

/// Between two upgrades of one cluster, by what the later one is; absent: none.
struct MinInterval {
  std::optional<Seconds> major;
  std::optional<Seconds> minor;
  std::optional<Seconds> patch;
};

/// SPEC 2.6. Decoded without errors its stages have names, each once, and form a DAG.
struct UpgradePlan {
  ObjectName name;
  Origin origin;
  std::vector<PlanStage> stages;
  std::optional<MaxSkip> max_skip;  ///< given: wins over the inventory rule's
  std::vector<std::string> mutex_keys;
  MinInterval min_interval;
  /// The spec as JSON with sorted keys: what is frozen into a status. DecodeUpgradePlanCopy reads it.
  std::string copy;
  std::string hash;  ///< `sha256:` of `copy`
};

}  // namespace lockkeeper
