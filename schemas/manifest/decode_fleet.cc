#include <fmt/format.h>

#include <array>

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
    fleet.inventory.push_back(DecodeInventoryRule(rule, read));
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
