#include <array>
#include <nlohmann/json.hpp>

#include "schemas/manifest/core_json.h"
#include "schemas/manifest/kind_decoders.h"
#include "schemas/version.h"

namespace lockkeeper {
namespace {

void DecodeBlocked(const Place& list, UpgradePolicy& policy, FieldReader& read) {
  for (const Place& item : list.Items()) {
    Field<std::string> pattern;
    read.Line(item, pattern);
    if (read.findings().IsFaulty(item)) continue;
    if (pattern.value.empty()) {
      read.findings().Error(item, "empty", "must not be empty");
      continue;
    }
    CheckPattern(item, pattern.value, read);
    policy.blocked.push_back(std::move(pattern));
  }
}

/// Kept as it was written, to be copied; but each field must be one that an upgrade could have.
void DecodeTemplate(const Place& place, UpgradePolicy& policy, FieldReader& read) {
  policy.spec_template = "{}";
  if (!place.is_mapping()) return;
  ClusterUpgrade judged;
  judged.name.ns = policy.name.ns;
  DecodeTerms(place, judged, read);
  // A broken one may hold what is no UTF-8.
  policy.spec_template =
      ToJson(place.node(), LongText::kKeep).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

UpgradePolicy DecodePolicy(const Place& document, FieldReader& read) {
  static constexpr std::array<std::pair<std::string_view, AutoApprove>, 5> kLevels{
      {{"none", AutoApprove::kNone},
       {"security", AutoApprove::kSecurity},
       {"patch", AutoApprove::kPatch},
       {"minor", AutoApprove::kMinor},
       {"major", AutoApprove::kMajor}}};
  static constexpr std::array<std::pair<std::string_view, OnEndOfLife>, 3> kEndings{
      {{"Ignore", OnEndOfLife::kIgnore},
       {"Propose", OnEndOfLife::kPropose},
       {"Enforce", OnEndOfLife::kEnforce}}};
  UpgradePolicy policy;
  read.Metadata(document["metadata"], policy.name);
  Place spec = document["spec"];
  policy.match = DecodeMatch(spec, read);
  if (spec.is_mapping() && policy.match.empty()) {
    Place written = spec["matchers"].exists() ? spec["matchers"] : spec["clusterSelector"];
    read.findings().WarningAtKey(written.exists() ? written : spec, "selects-nothing",
                                 "a policy without matchers selects no cluster");
  }
  Place releases = spec["releases"];
  read.Line(releases["provider"], policy.provider);
  read.Parsed(releases["range"], "bad-range", policy.range, VersionRange::Parse);
  read.Flag(releases["prerelease"], policy.prerelease);
  std::optional<Seconds> age;
  read.Duration(spec["minimumReleaseAge"], age);
  if (age) policy.minimum_release_age = *age;
  DecodeBlocked(spec["blocked"], policy, read);
  read.Choice<AutoApprove>(spec["autoApprove"], kLevels, policy.auto_approve);
  read.Choice<OnEndOfLife>(spec["onEndOfLife"], kEndings, policy.on_end_of_life);
  DecodeTemplate(spec["template"], policy, read);
  return policy;
}

}  // namespace lockkeeper
