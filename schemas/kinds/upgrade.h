#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "schemas/instant.h"
#include "schemas/kinds/match.h"
#include "schemas/kinds/object.h"

namespace lockkeeper {

struct ReleaseReference {
  std::string api_version;
  std::string kind;
  Field<std::string> name;
};

struct Override {
  bool windows = false;
  std::string reason;
  std::string by;
  Instant until;
};

struct ApprovalRule {
  bool required = false;
  std::vector<std::string> approvers;
  std::optional<Seconds> expires_after;
};

enum class UpgradeScope : uint8_t { kAll, kControlPlane, kNodes };
enum class DeliveryMode : uint8_t { kCommit, kBranch, kMergeRequest };

/// SPEC 2.12. Only what every check has; the rest of it stays text until somebody makes the check.
struct Check {
  std::string type;
  std::string parameters;  ///< the other fields as JSON with sorted keys, `{}` where there are none
  Mark mark;
};

/// SPEC 2.4.
struct ClusterUpgrade {
  ObjectName name;
  Origin origin;
  ClusterMatch match;
  ReleaseReference release;
  std::optional<Instant> start_time;
  std::optional<Instant> start_deadline;
  std::optional<Seconds> finish_timeout;
  std::optional<Field<ObjectName>> schedule;  ///< maintenanceScheduleRef
  std::optional<Field<ObjectName>> plan;      ///< upgradePlanRef
  std::optional<Seconds> runway;
  UpgradeScope scope = UpgradeScope::kAll;
  std::optional<Seconds> notice_period;
  std::vector<Seconds> reminders;
  ApprovalRule approval;
  bool allow_downgrade = false;
  int priority = 0;
  bool suspend = false;
  std::optional<Override> override_;
  std::optional<Field<DeliveryMode>> delivery;
  std::vector<Check> checks_before;
  std::vector<Check> checks_after;
  /// `sha256:` and the hash of the decoded spec, so that comments and key order do not count as a change.
  std::string spec_hash;
};

}  // namespace lockkeeper
