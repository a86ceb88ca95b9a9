#include "reconciler/core/plan/policy_table.h"

#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <memory>
#include <ranges>
#include <tuple>

#include "reconciler/core/match/compiled_match.h"
#include "reconciler/core/plan/generated_manifest.h"
#include "reconciler/core/plan/ways.h"
#include "schemas/manifest/decode.h"

namespace lockkeeper {
namespace {

/// Those of one policy; the decoder has refused what RE2 does.
class BlockedVersions {
 public:
  explicit BlockedVersions(const UpgradePolicy& policy) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    for (const Field<std::string>& pattern : policy.blocked)
      patterns_.push_back(std::make_unique<re2::RE2>(pattern.value, options));
  }
  /// By a pattern that cannot be used everything is.
  bool Holds(const std::string& version) const {
    return std::ranges::any_of(patterns_, [&](const auto& pattern) {
      return !pattern->ok() || re2::RE2::FullMatch(version, *pattern);
    });
  }

 private:
  std::vector<std::unique_ptr<re2::RE2>> patterns_;
};

/// What may be chosen at all. Wip and deprecated releases never, a preview where prereleases are welcome.
bool IsOffered(const Release& release, const ReleaseName& name, const UpgradePolicy& policy) {
  if (release.state != ReleaseState::kActive && release.state != ReleaseState::kPreview) return false;
  const bool is_early = release.state == ReleaseState::kPreview || !name.version.prerelease.empty();
  return policy.prerelease || !is_early;
}

Instant OldEnoughAt(const Release& release, const UpgradePolicy& policy) {
  if (release.date) return *release.date + policy.minimum_release_age;
  return policy.minimum_release_age > Seconds{0} ? Instant::max() : Instant::min();
}

/// Whose releases a cluster is to follow; nullopt: nobody can tell, or those of another one.
std::optional<std::string> ProviderOf(const UpgradePolicy& policy, const Cluster& cluster,
                                      const std::vector<std::string>& providers) {
  const std::string own{FindLabel(cluster.labels, "provider")};
  if (!policy.provider.empty())
    return own.empty() || own == policy.provider ? std::optional{policy.provider} : std::nullopt;
  auto has = [&](const std::string& name) { return std::ranges::binary_search(providers, name); };
  if (!own.empty() && has(own)) return own;
  if (has("")) return "";
  return own.empty() && providers.size() == 1 ? std::optional{providers.front()} : std::nullopt;
}

const Release* FindVersion(const Catalog& catalog, const std::string& provider, const Version& version) {
  for (const Release* release : catalog.OfProvider(provider)) {
    auto name = ParseReleaseName(release->name);
    if (name && name->version == version) return release;
  }
  return nullptr;
}

class PolicyGrouping {
 public:
  PolicyGrouping(const Fleet& fleet, const Catalog& catalog, PolicyModel& model)
      : fleet_(fleet), catalog_(catalog), model_(model), providers_(catalog.Providers()) {
    if (!model.terms.plan) return;
    auto plan = std::ranges::find(fleet.plans, model.terms.plan->value, &UpgradePlan::name);
    if (plan != fleet.plans.end() && plan->max_skip) skip_ = plan->max_skip;
  }

  void Run() {
    // What is wrong with its matchers others report.
    Diagnostics reported;
    auto match = CompiledMatch::Compile(model_.policy->match, EmptyMatch::kNothing,
                                        model_.policy->origin.file, reported);
    if (!match) return;
    for (uint32_t c = 0; c < fleet_.clusters.size(); ++c) {
      if (match->Selects(fleet_.clusters[c].labels)) Take(c);
    }
  }

 private:
  using Key = std::tuple<std::string, std::string, int, int, std::string>;

  void Take(uint32_t index) {
    const Cluster& cluster = fleet_.clusters[index];
    auto provider = ProviderOf(*model_.policy, cluster, providers_);
    if (!provider) return;
    std::string from = LowestRelease(cluster, model_.terms.scope);
    if (from.empty()) from = ReleaseByComponents(catalog_, *provider, cluster, model_.terms.scope);
    const MaxSkip& skip = skip_ ? *skip_ : cluster.max_skip;
    // A block may be for some clusters only; then each is asked on its own.
    Key key{*provider, from, skip.major.value_or(-1), skip.minor.value_or(-1),
            catalog_.depends_on_cluster() ? cluster.name : ""};
    auto [group, is_new] = known_.try_emplace(std::move(key), kNoGroup);
    if (is_new) {
      auto version = ParseVersion(from);
      if (!version) return;
      group->second = model_.groups.size();
      model_.groups.push_back({*provider, *version, FindVersion(catalog_, *provider, *version), skip, {}});
    }
    if (group->second != kNoGroup) model_.groups[group->second].clusters.push_back(index);
  }

  static constexpr size_t kNoGroup = ~size_t{0};  ///< what runs there is no version

  const Fleet& fleet_;
  const Catalog& catalog_;
  PolicyModel& model_;
  std::vector<std::string> providers_;
  std::optional<MaxSkip> skip_;
  std::map<Key, size_t> known_;
};

}  // namespace

std::map<std::string, std::vector<PolicyOffer>> OffersOf(const UpgradePolicy& policy,
                                                         const Catalog& catalog) {
  const BlockedVersions blocked(policy);
  auto range = policy.range.value.empty() ? Result<VersionRange>{VersionRange{}}
                                          : VersionRange::Parse(policy.range.value);
  std::map<std::string, std::vector<PolicyOffer>> offers;
  if (!range) return offers;
  for (const std::string& provider : catalog.Providers()) {
    if (!policy.provider.empty() && provider != policy.provider) continue;
    std::vector<PolicyOffer>& list = offers[provider];
    for (const Release* release : catalog.OfProvider(provider) | std::views::reverse) {
      auto name = ParseReleaseName(release->name);
      if (!name || !IsOffered(*release, *name, policy) || blocked.Holds(name->version.str())) continue;
      const bool in_range = policy.range.value.empty() || range->Contains(name->version);
      list.push_back({release, *std::move(name), OldEnoughAt(*release, policy), in_range});
    }
  }
  return offers;
}

ClusterUpgrade TermsOfTemplate(const UpgradePolicy& policy, Diagnostics& findings) {
  const ReleaseName any{.prefix = "v", .provider = "", .version = {.major = 1}};
  DecodedFile decoded = DecodeManifests(
      policy.origin.file, GeneratedText({.policy = policy, .name = "template", .release = any}));
  for (Diagnostic& finding : decoded.diagnostics) {
    // Its places are those of a text that nobody has seen.
    finding.mark = policy.origin.mark;
    finding.message = "spec.template: " + finding.message;
    findings.push_back(std::move(finding));
  }
  if (decoded.upgrades.empty()) return {};
  return std::move(decoded.upgrades.front());
}

PolicyTable PolicyTable::Build(const Fleet& fleet, const Catalog& catalog) {
  PolicyTable table;
  if (!fleet.settings || !fleet.settings->has_catalog()) return table;
  for (const UpgradePolicy& policy : fleet.policies) {
    Diagnostics reported;  // `validate` asks for them itself.
    PolicyModel model{.policy = &policy, .terms = TermsOfTemplate(policy, reported)};
    model.offers = OffersOf(policy, catalog);
    PolicyGrouping{fleet, catalog, model}.Run();
    table.policies_.push_back(std::move(model));
  }
  return table;
}

}  // namespace lockkeeper
