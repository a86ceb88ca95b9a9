#pragma once

#include <optional>
#include <string>
#include <vector>

#include "schemas/instant.h"
#include "schemas/kinds/match.h"
#include "schemas/kinds/object.h"

namespace lockkeeper {

enum class AutoApprove : uint8_t { kNone, kSecurity, kPatch, kMinor, kMajor };
enum class OnEndOfLife : uint8_t { kIgnore, kPropose, kEnforce };

/// SPEC 2.7: when a release becomes an upgrade.
struct UpgradePolicy {
  ObjectName name;
  Origin origin;
  ClusterMatch match;
  std::string provider;      ///< prefix of the releases' names; empty: any
  Field<std::string> range;  ///< a version range; empty: any
  bool prerelease = false;
  Seconds minimum_release_age{0};
  std::vector<Field<std::string>> blocked;  ///< RE2, match the whole version (without prefix and v)
  AutoApprove auto_approve = AutoApprove::kNone;
  OnEndOfLife on_end_of_life = OnEndOfLife::kIgnore;
  std::string spec_template;  ///< `template` as JSON with sorted keys; `{}` where there is none
};

}  // namespace lockkeeper
