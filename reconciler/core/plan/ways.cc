#include "reconciler/core/plan/ways.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

namespace lockkeeper {

bool InScope(RefRole role, UpgradeScope scope) {
  switch (scope) {
    case UpgradeScope::kAll:
      return true;
    case UpgradeScope::kControlPlane:
      return role == RefRole::kControlPlane;
    case UpgradeScope::kNodes:
      return role == RefRole::kNodes;
  }
  return true;
}

std::string ComponentOf(const Ref& ref) {
  constexpr std::string_view kStart = "{component.";
  const std::string& format = ref.format.str();
  size_t start = format.find(kStart);
  if (start == std::string::npos) return {};
  start += kStart.size();
  return format.substr(start, format.find('}', start) - start);
}

const std::string* FindComponent(const Release& release, std::string_view component) {
  auto found = std::ranges::find(release.components, component, &ReleaseComponent::name);
  return found == release.components.end() ? nullptr : &found->version;
}

std::string LowestRelease(const Cluster& cluster, UpgradeScope scope) {
  const Ref* lowest = nullptr;
  std::optional<Version> lowest_version;
  for (const Ref& ref : cluster.refs) {
    if (!InScope(ref.role, scope) || ref.version.empty() || ref.format.contains("{component.")) continue;
    if (lowest != nullptr && lowest->version == ref.version) continue;
    auto version = ParseVersion(ref.version);
    if (!version || (lowest_version && *version >= *lowest_version)) continue;
    lowest = &ref;
    lowest_version = *version;
  }
  return lowest == nullptr ? std::string{} : lowest->version;
}

std::string_view WithoutV(std::string_view version) {
  return version.starts_with('v') ? version.substr(1) : version;
}

std::string ReleaseByComponents(const Catalog& catalog, std::string_view provider, const Cluster& cluster,
                                UpgradeScope scope) {
  auto holds = [&](const Release& release) {
    bool any = false;
    for (const Ref& ref : cluster.refs) {
      std::string component = ComponentOf(ref);
      if (component.empty() || ref.version.empty() || !InScope(ref.role, scope)) continue;
      const std::string* version = FindComponent(release, component);
      if (version == nullptr || WithoutV(*version) != WithoutV(ref.version)) return false;
      any = true;
    }
    return any;
  };
  // Of several releases with the same components the newest: what is in them is what runs.
  for (const Release* release : std::views::reverse(catalog.OfProvider(provider))) {
    if (!holds(*release)) continue;
    auto name = ParseReleaseName(release->name);
    if (name) return name->version.str();
  }
  return {};
}

const Way& Ways::Find(uint32_t index, uint32_t cluster_index, const MaxSkip& skip) {
  const UpgradeModel& upgrade = model_.upgrades()[index];
  const Cluster& cluster = model_.cluster(cluster_index);
  std::string from = LowestRelease(cluster, upgrade.upgrade->scope);
  if (from.empty() && upgrade.target)
    from = ReleaseByComponents(model_.catalog(), upgrade.target->provider, cluster, upgrade.upgrade->scope);
  // What a release is refused for by its provider depends on the cluster too.
  bool own = model_.catalog().depends_on_cluster() || (upgrade.target && !upgrade.target->provider.empty());
  std::string distinction;
  if (model_.catalog().depends_on_cluster()) {
    distinction = cluster.name;
  } else if (own) {
    distinction = FindLabel(cluster.labels, "provider");
  }
  Key key{index, from, skip.major.value_or(-1), skip.minor.value_or(-1), distinction};
  auto found = known_.find(key);
  if (found == known_.end()) found = known_.emplace(std::move(key), Make(upgrade, cluster, from, skip)).first;
  return found->second;
}

namespace {

ChangeScopes ScopesOf(const Version& from, const Version& to, const Release* release) {
  ChangeScopes change = 0;
  auto add = [&](ChangeScope scope) {
    change = static_cast<ChangeScopes>(change | static_cast<ChangeScopes>(scope));
  };
  switch (LevelOf(from, to)) {
    case BumpLevel::kMajor:
      add(ChangeScope::kMajor);
      break;
    case BumpLevel::kMinor:
      add(ChangeScope::kMinor);
      break;
    case BumpLevel::kPatch:
    case BumpLevel::kNone:
      add(ChangeScope::kPatch);
      break;
  }
  if (release != nullptr && release->security) add(ChangeScope::kSecurity);
  return change;
}

}  // namespace

Way Ways::Make(const UpgradeModel& upgrade, const Cluster& cluster, const std::string& from,
               const MaxSkip& skip) const {
  Way way;
  if (!upgrade.target) {
    way.from = from;
    way.no_way = "the target is not known";
    return way;
  }
  const ReleaseName& target = *upgrade.target;
  auto version = ParseVersion(from);
  if (!version) {
    way.no_way = from.empty()
                     ? "nobody can tell which release runs now"
                     : fmt::format("the release that runs now is no version: {}", version.error().message);
    return way;
  }
  way.version = *version;
  way.from = target.prefix + from;
  if (*version == target.version || (*version > target.version && !upgrade.upgrade->allow_downgrade)) {
    way.at_target = true;
    way.no_way = *version == target.version
                     ? fmt::format("runs {} already", target.str())
                     : fmt::format("runs {}, which is newer than {}", way.from, target.str());
    return way;
  }
  if (auto other = CheckProvider(target, FindLabel(cluster.labels, "provider"))) {
    way.no_way = other->message;
    return way;
  }
  auto selects = [&](const ClusterMatch& match) {
    Diagnostics reported;  // Of the catalog's own matchers the decoder has spoken.
    auto compiled = CompiledMatch::Compile(match, EmptyMatch::kEverythingIfWritten, "", reported);
    return !compiled || compiled->Selects(cluster.labels);
  };
  auto hop = model_.settings().has_catalog() ? model_.catalog().NextHop(*version, target, skip, selects)
                                             : NextHopWithoutCatalog(*version, target, skip);
  if (!hop) {
    way.no_way = hop.error().message;
    return way;
  }
  way.to = hop->to.version;
  way.hop = target.prefix + hop->to.version.str();
  way.release = hop->release;
  way.hops_after = hop->remaining;
  way.change = ScopesOf(*version, hop->to.version, hop->release);
  return way;
}

}  // namespace lockkeeper
