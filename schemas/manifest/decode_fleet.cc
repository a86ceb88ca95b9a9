#include <fmt/format.h>

#include <array>

#include "schemas/inventory/inventory.h"
#include "schemas/manifest/kind_decoders.h"
#include "schemas/manifest/path_rules.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {
namespace {

void DecodeGlobs(const Place& list, std::vector<std::string>& target, FieldReader& read) {
  read.Lines(list, target);
  for (const Place& item : list.Items()) CheckGlob(item, read);
}

void DecodeDelivery(const Place& place, DeliverySettings& target, FieldReader& read) {
  static constexpr std::array<std::pair<std::string_view, GroupBy>, 3> kGroups{
      {{"cluster", GroupBy::kCluster}, {"stage", GroupBy::kStage}, {"upgrade", GroupBy::kUpgrade}}};
  static constexpr std::array<std::pair<std::string_view, MergeBy>, 2> kMerges{
      {{"auto", MergeBy::kLockkeeper}, {"manual", MergeBy::kPeople}}};
  DecodeDeliveryMode(place["mode"], target.mode, read);
  read.Choice<GroupBy>(place["groupBy"], kGroups, target.group_by);
  Field<std::string> prefix;
  read.Parsed(place["branchPrefix"], "bad-branch", prefix, CheckBranchName);
  if (!prefix.value.empty()) target.branch_prefix = prefix.value;
  read.Duration(place["openBefore"], target.open_before);
  read.Choice<MergeBy>(place["merge"], kMerges, target.merge);
}

void DecodeStatus(const Place& place, StatusSettings& target, FieldReader& read) {
  Field<std::string> path;
  read.Parsed(place["path"], "bad-path", path, CheckTreePath);
  if (!path.value.empty()) target.path = path.value.ends_with('/') ? path.value : path.value + "/";
  read.Parsed(place["branch"], "bad-branch", target.branch, CheckBranchName);
}

void DecodeForge(const Place& place, std::optional<ForgeSettings>& target, FieldReader& read) {
  using enum ForgeType;
  static constexpr std::array<std::pair<std::string_view, ForgeType>, 4> kTypes{
      {{"gitlab", kGitlab}, {"github", kGithub}, {"gitea", kGitea}, {"forgejo", kForgejo}}};
  if (!place.is_mapping()) return;
  ForgeSettings forge;
  forge.mark = place.key_mark();
  read.Choice<ForgeType>(place["type"], kTypes, forge.type);
  read.Parsed(place["url"], "bad-url", forge.url, CheckForgeUrl);
  read.Line(place["project"], forge.project);
  target = std::move(forge);
}

/// Git ends the name at '<', and takes neither of them.
void DecodeIdentity(const Place& place, std::string& target, FieldReader& read) {
  std::string text;
  read.Line(place, text);
  if (text.empty()) return;
  if (text.find_first_of("<>") != std::string::npos) {
    return read.findings().Fallback(place, "bad-value",
                                    fmt::format("{} holds '<' or '>', which Git forbids", Quoted(text)));
  }
  target = std::move(text);
}

/// The rule with its profile merged in. As it was written where that cannot be: the Fleet is broken then.
InventoryRule DecodeWithProfile(const Place& place, FieldReader& read) {
  size_t errors_before = read.findings().errors();
  InventoryRule rule = DecodeInventoryRule(place, read);
  if (read.findings().errors() > errors_before || read.findings().IsFaulty(place)) return rule;
  auto resolved = ResolveProfile(rule);
  if (resolved) return std::move(*resolved);
  if (resolved.error().kind == ErrorKind::kNotFound) {
    std::vector<std::string> names;
    for (const Profile& profile : BuiltInProfiles()) names.push_back(profile.name);
    std::string hint = DidYouMean(rule.profile, names);
    read.findings().Error(place["profile"], "unknown-profile",
                          hint.empty() ? resolved.error().message
                                       : fmt::format("there is no profile {}{}", Quoted(rule.profile), hint));
  } else {
    read.findings().ErrorAt(place.mark(), place.path(), "bad-rule", resolved.error().message);
  }
  return rule;
}

}  // namespace

FleetSettings DecodeFleet(const Place& document, FieldReader& read) {
  static constexpr std::array<std::pair<std::string_view, Unscheduled>, 3> kUnscheduled{
      {{"RequireStartTime", Unscheduled::kRequireStartTime},
       {"Open", Unscheduled::kOpen},
       {"Closed", Unscheduled::kClosed}}};
  FleetSettings fleet;
  read.Metadata(document["metadata"], fleet.name);
  Place spec = document["spec"];
  DecodeGlobs(spec["manifests"], fleet.manifests, read);
  DecodeGlobs(spec["releases"], fleet.releases, read);
  for (const Place& rule : spec["inventory"].Items())
    fleet.inventory.push_back(DecodeWithProfile(rule, read));
  read.DistinctNames(spec["inventory"], "name");
  read.Choice<Unscheduled>(spec["unscheduled"], kUnscheduled, fleet.unscheduled);
  DecodeDelivery(spec["delivery"], fleet.delivery, read);
  DecodeStatus(spec["status"], fleet.status, read);
  DecodeForge(spec["forge"], fleet.forge, read);
  Place limits = spec["limits"];
  read.Number(limits["openMergeRequests"], fleet.limits.open_merge_requests);
  read.Number(limits["bumpsPerHour"], fleet.limits.bumps_per_hour);
  read.Number(limits["maxConcurrency"], fleet.limits.max_concurrency);
  Place commit = spec["commit"];
  DecodeIdentity(commit["authorName"], fleet.commit.author_name, read);
  DecodeIdentity(commit["authorEmail"], fleet.commit.author_email, read);
  read.Line(commit["signing"], fleet.commit.signing);
  DecodeChecks(spec, fleet.checks_before, fleet.checks_after, read);
  return fleet;
}

}  // namespace lockkeeper
