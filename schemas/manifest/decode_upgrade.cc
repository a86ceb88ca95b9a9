#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "schemas/manifest/core_json.h"
#include "schemas/manifest/kind_decoders.h"
#include "schemas/manifest/spec_hash.h"
#include "schemas/manifest/words.h"
#include "schemas/version.h"

namespace lockkeeper {
namespace {

constexpr std::array<std::string_view, 3> kReleaseGroups{"lockkeeper.dev", "release.giantswarm.io",
                                                         "application.giantswarm.io"};

void DecodeReleaseReference(const Place& place, ReleaseReference& target, FieldReader& read) {
  target.api_version = "lockkeeper.dev/v1alpha1";
  target.kind = "Release";
  Place api_version = place["apiVersion"];
  read.Line(api_version, target.api_version);
  read.Line(place["kind"], target.kind);
  std::string_view group = std::string_view{target.api_version}.substr(0, target.api_version.find('/'));
  bool known = std::ranges::find(kReleaseGroups, group) != kReleaseGroups.end();
  bool versioned = target.api_version.size() > group.size() + 1;
  if (api_version.exists() && (!known || !versioned)) {
    read.findings().Fallback(
        api_version, "bad-value",
        fmt::format("{} is no group of releases with a version; use {}/v1alpha1, {}/v1alpha1 or "
                    "{}/v1alpha1",
                    Quoted(target.api_version), kReleaseGroups[0], kReleaseGroups[1], kReleaseGroups[2]));
  }
  read.Parsed(place["name"], "bad-version", target.name, ParseReleaseName);
}

void DecodeOverride(const Place& place, std::optional<Override>& target, FieldReader& read) {
  if (!place.is_mapping()) return;
  Override decoded;
  std::optional<Instant> until;
  read.Flag(place["windows"], decoded.windows);
  read.Prose(place["reason"], decoded.reason);
  read.Line(place["by"], decoded.by);
  read.Moment(place["until"], until);
  // Without an end it is broken, and the schema has said so.
  if (until) decoded.until = *until;
  target = std::move(decoded);
}

void DecodeCheckList(const Place& list, std::vector<Check>& target, FieldReader& read) {
  for (const Place& item : list.Items()) {
    Check check;
    read.Line(item["type"], check.type);
    check.mark = item.mark();
    nlohmann::json parameters = ToJson(item.node(), LongText::kKeep);
    if (parameters.is_object()) {
      parameters.erase("type");
      check.parameters = parameters.dump();
    }
    target.push_back(std::move(check));
  }
}

void DecodeTimes(const Place& spec, ClusterUpgrade& upgrade, FieldReader& read) {
  Place deadline = spec["startDeadline"];
  read.Moment(spec["startTime"], upgrade.start_time);
  read.Moment(deadline, upgrade.start_deadline);
  if (upgrade.start_time && upgrade.start_deadline && *upgrade.start_deadline <= *upgrade.start_time) {
    read.findings().Error(
        deadline, "bad-value",
        fmt::format("{} is not after startTime {}; no cluster could ever start",
                    FormatInstant(*upgrade.start_deadline), FormatInstant(*upgrade.start_time)));
  }
  read.Duration(spec["finishTimeout"], upgrade.finish_timeout);
  read.Duration(spec["runway"], upgrade.runway);
  read.Duration(spec["noticePeriod"], upgrade.notice_period);
  for (const Place& item : spec["reminders"].Items()) {
    std::optional<Seconds> reminder;
    read.Duration(item, reminder);
    if (reminder) upgrade.reminders.push_back(*reminder);
  }
}

}  // namespace

void DecodeChecks(const Place& parent, std::vector<Check>& before, std::vector<Check>& after,
                  FieldReader& read) {
  DecodeCheckList(parent["checks"]["before"], before, read);
  DecodeCheckList(parent["checks"]["after"], after, read);
}

void DecodeDeliveryMode(const Place& mode, Field<DeliveryMode>& target, FieldReader& read) {
  using enum DeliveryMode;
  static constexpr std::array<std::pair<std::string_view, DeliveryMode>, 3> kModes{
      {{"commit", kCommit}, {"branch", kBranch}, {"mergeRequest", kMergeRequest}}};
  read.Choice<DeliveryMode>(mode, kModes, target.value);
  target.mark = mode.mark();
}

void DecodeApprovalRule(const Place& place, ApprovalRule& target, FieldReader& read) {
  read.Flag(place["required"], target.required);
  read.Lines(place["approvers"], target.approvers);
  read.Duration(place["expiresAfter"], target.expires_after);
}

void DecodeTerms(const Place& spec, ClusterUpgrade& upgrade, FieldReader& read) {
  using enum UpgradeScope;
  static constexpr std::array<std::pair<std::string_view, UpgradeScope>, 3> kScopes{
      {{"All", kAll}, {"ControlPlane", kControlPlane}, {"Nodes", kNodes}}};
  DecodeTimes(spec, upgrade, read);
  read.Reference(spec["maintenanceScheduleRef"], upgrade.name, upgrade.schedule);
  read.Reference(spec["upgradePlanRef"], upgrade.name, upgrade.plan);
  read.Choice<UpgradeScope>(spec["scope"], kScopes, upgrade.scope);
  DecodeApprovalRule(spec["approval"], upgrade.approval, read);
  read.Flag(spec["allowDowngrade"], upgrade.allow_downgrade);
  read.Number(spec["priority"], upgrade.priority);
  read.Flag(spec["suspend"], upgrade.suspend);
  DecodeOverride(spec["override"], upgrade.override_, read);
  if (Place mode = spec["delivery"]["mode"]; mode.exists()) {
    DecodeDeliveryMode(mode, upgrade.delivery.emplace(), read);
  }
  DecodeChecks(spec, upgrade.checks_before, upgrade.checks_after, read);
}

ClusterUpgrade DecodeUpgrade(const Place& document, FieldReader& read) {
  ClusterUpgrade upgrade;
  read.Metadata(document["metadata"], upgrade.name);
  Place spec = document["spec"];
  upgrade.match = DecodeMatch(spec, read);
  if (spec.is_mapping() && upgrade.match.empty()) {
    read.findings().WarningAtKey(
        upgrade.match.written ? spec["matchers"].exists() ? spec["matchers"] : spec["clusterSelector"] : spec,
        "selects-nothing", "an upgrade without matchers selects no cluster");
  }
  DecodeReleaseReference(spec["releaseRef"], upgrade.release, read);
  DecodeTerms(spec, upgrade, read);
  upgrade.spec_hash = SpecHash(upgrade);
  return upgrade;
}

}  // namespace lockkeeper
