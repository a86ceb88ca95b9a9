#include "reconciler/core/plan/policies.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <ranges>
#include <set>
#include <utility>

#include "reconciler/core/plan/auto_approve.h"
#include "reconciler/core/plan/generated_manifest.h"
#include "reconciler/core/plan/policy_table.h"
#include "schemas/inventory/glob.h"
#include "schemas/manifest/decode.h"

namespace lockkeeper {
namespace {

constexpr size_t kNamedReleasesMax = 5;  ///< in a manifest's comment

/// Why a group of clusters is to go to a release.
enum class Urge : uint8_t {
  kNewer,     ///< by the policy's own rules
  kProposed,  ///< out of its range, since what runs comes to its end of life
  kEnforced,  ///< as kNewer, and what runs is at its end of life
};

struct Choice {
  const PolicyOffer* offer = nullptr;
  Urge urge = Urge::kNewer;
};

/// A manifest to be, of one policy and release.
struct Sketch {
  const PolicyOffer* offer = nullptr;
  std::vector<const PolicyGroup*> groups;
  std::vector<uint32_t> clusters;  ///< for whose sake it is made; an enforced one selects them alone
  bool leaves_range = false;
};

bool HasEnded(const Release* release, Instant at) {
  return release != nullptr && release->end_of_life && *release->end_of_life <= at;
}

/// The first of the folders for manifests that a file can be put into; empty: there is none.
std::string FolderOf(const FleetSettings& settings) {
  for (const std::string& entry : settings.manifests) {
    if (entry.find_first_of("*?[]{}\\") != std::string::npos) continue;
    std::string folder = entry.ends_with('/') ? entry : entry + "/";
    auto glob = Glob::Compile(entry);
    if (glob && glob->Matches(GeneratedPath(folder, {.name = "a"}))) return folder;
  }
  return {};
}

class PolicyFollower {
 public:
  PolicyFollower(const FleetModel& model, const PlanInput& input)
      : model_(model), input_(input), folder_(FolderOf(model.settings())) {}

  PolicyRound Run() {
    PolicyRound round;
    const Fleet& fleet = model_.fleet();
    if (model_.policies().empty() || !fleet.unreadable_files.empty() || fleet.inventory_incomplete)
      return round;
    if (folder_.empty()) {
      round.problems.emplace_back(
          "UpgradePolicies write no manifest: spec.manifests of the Fleet names no folder, only patterns; "
          "add one such as upgrades/");
      return round;
    }
    FindMoving();
    round.made = MadeAt(input_.now, &round.problems);
    if (!round.made.empty()) return round;
    for (Instant at : InstantsAfter(input_.now)) {
      if (MadeAt(at, nullptr).empty()) continue;
      round.next_wake = at;
      break;
    }
    return round;
  }

 private:
  /// What an upgrade is moving is not asked about until that has ended, nor in the very second in which it
  /// does: or what a pass does would make another pass of the same instant do more.
  void FindMoving() {
    const auto clusters = model_.fleet().clusters;
    for (const auto& [name, record] : input_.book) {
      for (const ClusterRecord& line : record.clusters) {
        const bool runs = line.state == ClusterState::kRunning ||
                          (line.state != ClusterState::kFinished && line.triggered_at);
        const bool rests = line.triggered_at == input_.now || line.finished_at == input_.now;
        if (!runs && !rests) continue;
        auto found = std::ranges::lower_bound(clusters, line.name, {}, &Cluster::name);
        if (found == clusters.end() || found->name != line.name) continue;
        (runs ? running_ : resting_).insert(static_cast<uint32_t>(found - clusters.begin()));
      }
    }
  }

  /// Of a group those who are asked about.
  std::vector<uint32_t> AskedOf(const PolicyGroup& group, Instant at) const {
    std::vector<uint32_t> asked;
    for (uint32_t c : group.clusters) {
      if (!running_.contains(c) && (at != input_.now || !resting_.contains(c))) asked.push_back(c);
    }
    return asked;
  }

  /// Whether a cluster of the group gets there; asked once, whatever the time.
  bool Reaches(const PolicyGroup& group, const PolicyOffer& offer) {
    auto [known, is_new] = reaches_.try_emplace({&group, &offer}, false);
    if (!is_new) return known->second;
    auto selects = [&](const ClusterMatch& match) {
      Diagnostics reported;
      auto compiled = CompiledMatch::Compile(match, EmptyMatch::kEverythingIfWritten, "", reported);
      return !compiled || compiled->Selects(model_.cluster(group.clusters.front()).labels);
    };
    return known->second =
               model_.catalog().NextHop(group.version, offer.name, group.skip, selects).has_value();
  }

  const PolicyOffer* Newest(const PolicyModel& policy, const PolicyGroup& group, Instant at,
                            bool beyond_range) {
    auto offers = policy.offers.find(group.provider);
    if (offers == policy.offers.end()) return nullptr;
    for (const PolicyOffer& offer : offers->second) {
      if (offer.name.version <= group.version) break;
      if (offer.from > at || offer.in_range == beyond_range) continue;
      if (beyond_range && HasEnded(offer.release, at)) continue;
      if (Reaches(group, offer)) return &offer;
    }
    return nullptr;
  }

  Choice ChoiceOf(const PolicyModel& policy, const PolicyGroup& group, Instant at) {
    const OnEndOfLife mode = policy.policy->on_end_of_life;
    if (const PolicyOffer* own = Newest(policy, group, at, false)) {
      const bool flees =
          mode == OnEndOfLife::kEnforce && HasEnded(group.release, at) && !HasEnded(own->release, at);
      return {own, flees ? Urge::kEnforced : Urge::kNewer};
    }
    if (mode == OnEndOfLife::kIgnore || !HasEnded(group.release, at + kProposedBeforeEndOfLife)) return {};
    return {Newest(policy, group, at, true), Urge::kProposed};
  }

  const UpgradeModel* FindUpgrade(const ObjectName& name) const {
    const auto& upgrades = model_.upgrades();
    auto found =
        std::ranges::lower_bound(upgrades, name, {}, [](const UpgradeModel& m) { return m.upgrade->name; });
    return found == upgrades.end() || found->upgrade->name != name ? nullptr : &*found;
  }

  bool IsRecorded(const ObjectName& name) const {
    return input_.book.contains(name) || input_.broken_status.contains(name);
  }

  ObjectName NameOf(const PolicyModel& policy, const PolicyOffer& offer, bool enforced) const {
    return {policy.policy->name.ns, GeneratedName(policy.policy->name, offer.name, enforced)};
  }

  using Sketches = std::map<std::pair<std::string, bool>, Sketch>;  ///< by release; whether enforced

  Sketches SketchesOf(const PolicyModel& policy, Instant at) {
    Sketches sketches;
    for (const PolicyGroup& group : policy.groups) {
      const std::vector<uint32_t> asked = AskedOf(group, at);
      if (asked.empty()) continue;
      const Choice choice = ChoiceOf(policy, group, at);
      if (choice.offer == nullptr) continue;
      const ObjectName enforced_name = NameOf(policy, *choice.offer, true);
      if (IsEnforced(asked, enforced_name)) continue;
      if (choice.urge == Urge::kEnforced && IsDeleted(enforced_name)) continue;
      const bool enforced = choice.urge == Urge::kEnforced && MayEnforce(policy, *choice.offer);
      Sketch& sketch = sketches[{choice.offer->release->name, enforced}];
      sketch.offer = choice.offer;
      sketch.groups.push_back(&group);
      sketch.leaves_range = sketch.leaves_range || choice.urge == Urge::kProposed;
      sketch.clusters.insert(sketch.clusters.end(), asked.begin(), asked.end());
    }
    return sketches;
  }

  bool Exists(const ObjectName& name) const { return FindUpgrade(name) != nullptr; }
  bool IsDeleted(const ObjectName& name) const { return IsRecorded(name) && !Exists(name); }

  /// An enforced upgrade is for the clusters of its moment; these are on their way with it, and may be
  /// between two hops.
  bool IsEnforced(const std::vector<uint32_t>& clusters, const ObjectName& enforced) const {
    const UpgradeModel* upgrade = FindUpgrade(enforced);
    return upgrade != nullptr && std::ranges::all_of(clusters, [&](uint32_t c) {
             return std::ranges::binary_search(upgrade->clusters, c);
           });
  }

  /// Whether its clusters get an upgrade of their own. Who has deleted the ordinary one to that release, or
  /// such a one, has said no. Clusters that came later follow the ordinary one.
  bool MayEnforce(const PolicyModel& policy, const PolicyOffer& offer) const {
    const ObjectName enforced = NameOf(policy, offer, true);
    return !IsDeleted(NameOf(policy, offer, false)) && !IsDeleted(enforced) && !Exists(enforced);
  }

  std::vector<GeneratedUpgrade> MadeAt(Instant at, std::vector<std::string>* problems) {
    std::map<ObjectName, GeneratedUpgrade> made;
    for (const PolicyModel& policy : model_.policies()) {
      for (const auto& [key, sketch] : SketchesOf(policy, at)) {
        const bool enforced = key.second;
        const ObjectName name = NameOf(policy, *sketch.offer, enforced);
        std::string problem = made.contains(name) ? fmt::format("{} asks for it as well",
                                                                made[name].document.proposal->policy.str())
                                                  : std::string{};
        if (problem.empty() && IsTaken(name, *sketch.offer, problem)) continue;
        if (problem.empty()) {
          if (auto one = Make(policy, name, sketch, enforced, problem)) {
            made.emplace(name, *std::move(one));
            continue;
          }
        }
        if (problems == nullptr) continue;
        problems->push_back(fmt::format("UpgradePolicy {} ({}): ClusterUpgrade {} to {} cannot be made: {}",
                                        policy.policy->name.str(), policy.policy->origin.file, name.str(),
                                        key.first, problem));
      }
    }
    std::vector<GeneratedUpgrade> list;
    for (auto& [name, one] : made) list.push_back(std::move(one));
    return list;
  }

  /// True: it was made before. With a problem: something else has its name.
  bool IsTaken(const ObjectName& name, const PolicyOffer& offer, std::string& problem) const {
    const std::string path = GeneratedPath(folder_, name);
    if (const UpgradeModel* there = FindUpgrade(name)) {
      const Origin& origin = there->upgrade->origin;
      if (origin.file != path)
        problem =
            fmt::format("an upgrade of that name is there already: {}:{}", origin.file, origin.mark.line);
      return problem.empty();
    }
    auto record = input_.book.find(name);
    if (record != input_.book.end()) {
      if (record->second.target != offer.name.str())
        problem = fmt::format("an upgrade of that name was there before, to {}", record->second.target);
      return problem.empty();
    }
    if (input_.broken_status.contains(name)) return true;
    if (auto refused = input_.refusals.find(path); refused != input_.refusals.end())
      problem = refused->second;
    return false;
  }

  /// All whom the manifest would move must be within what needs no approval, also those that go further.
  std::string WhyApproval(const PolicyModel& policy, const Sketch& sketch) {
    if (sketch.leaves_range) {
      return fmt::format(
          "It needs an approval: what runs comes to its end of life, and {} is out of the range {}.",
          sketch.offer->release->name, policy.policy->range.value);
    }
    for (const PolicyGroup& group : policy.groups) {
      const PolicyOffer& offer = *sketch.offer;
      if (group.provider != offer.name.provider || group.version >= offer.name.version) continue;
      if (IsAutomatic(policy.policy->auto_approve, group.version, offer.name.version, offer.release) ||
          !Reaches(group, offer))
        continue;
      return fmt::format("It needs an approval: {}{} -> {} is {}, and autoApprove is {}.", offer.name.prefix,
                         group.version.str(), offer.release->name,
                         LevelWord(group.version, offer.name.version),
                         AutoApproveWord(policy.policy->auto_approve));
    }
    return {};
  }

  std::vector<std::string> WhyMade(const PolicyModel& policy, const Sketch& sketch, bool enforced) const {
    const size_t clusters = sketch.clusters.size();
    std::set<Version> versions;
    for (const PolicyGroup* group : sketch.groups) versions.insert(group->version);
    std::string from;
    for (const Version& version : versions | std::views::take(kNamedReleasesMax))
      from += fmt::format("{}{}{}", from.empty() ? "" : ", ", sketch.offer->name.prefix, version.str());
    if (versions.size() > kNamedReleasesMax) from += " ...";
    const UpgradePolicy& origin = *policy.policy;
    std::vector<std::string> lines;
    lines.push_back(
        fmt::format("Made by lockkeeper for UpgradePolicy {} ({}).", origin.name.str(), origin.origin.file));
    lines.push_back(fmt::format("{} cluster{} on {}; {} is the newest release for {}.", clusters,
                                clusters == 1 ? "" : "s", from, sketch.offer->release->name,
                                clusters == 1 ? "it" : "them"));
    if (enforced)
      lines.emplace_back(
          "What they run is at its end of life, and the policy enforces that: no approval is needed.");
    return lines;
  }

  std::optional<GeneratedUpgrade> Make(const PolicyModel& policy, const ObjectName& name,
                                       const Sketch& sketch, bool enforced, std::string& problem) {
    ManifestDraft draft{.policy = *policy.policy,
                        .name = name.name,
                        .release = sketch.offer->name,
                        .provider = ProviderMatcher(*policy.policy, sketch.offer->name, providers_),
                        .enforced = enforced,
                        .why = WhyMade(policy, sketch, enforced)};
    if (enforced) {
      for (uint32_t c : sketch.clusters) draft.clusters.push_back(model_.cluster(c).name);
      std::ranges::sort(draft.clusters);
    } else if (std::string why = WhyApproval(policy, sketch); !why.empty()) {
      draft.needs_approval = true;
      draft.why.push_back(std::move(why));
    }
    draft.why.emplace_back("Change it as you like; whoever deletes it says no, and it is not made again.");
    GeneratedUpgrade one;
    one.document = {GeneratedPath(folder_, name), GeneratedText(draft), name,
                    Proposal{policy.policy->name, sketch.offer->release->name}};
    DecodedFile decoded = DecodeManifests(one.document.path, one.document.text);
    if (decoded.upgrades.size() != 1 || decoded.upgrades.front().name != name) {
      problem =
          decoded.diagnostics.empty() ? "it would not be read as that" : decoded.diagnostics.front().message;
      return std::nullopt;
    }
    one.upgrade = std::move(decoded.upgrades.front());
    return one;
  }

  /// At which a release gets old enough or comes to its end of life, or clusters are asked about again, in
  /// order.
  std::set<Instant> InstantsAfter(Instant now) const {
    std::set<Instant> instants;
    if (!resting_.empty()) instants.insert(now + Seconds{1});
    auto add = [&](Instant at) {
      if (at > now && at != Instant::max()) instants.insert(at);
    };
    auto add_end = [&](const Release* release) {
      if (release == nullptr || !release->end_of_life) return;
      add(*release->end_of_life);
      add(*release->end_of_life - kProposedBeforeEndOfLife);
    };
    for (const PolicyModel& policy : model_.policies()) {
      const bool ends = policy.policy->on_end_of_life != OnEndOfLife::kIgnore;
      for (const auto& [provider, offers] : policy.offers) {
        for (const PolicyOffer& offer : offers) {
          add(offer.from);
          if (ends) add_end(offer.release);
        }
      }
      for (const PolicyGroup& group : policy.groups) {
        if (ends) add_end(group.release);
      }
    }
    return instants;
  }

  const FleetModel& model_;
  const PlanInput& input_;
  const std::string folder_;
  const std::vector<std::string> providers_ = model_.catalog().Providers();
  std::map<std::pair<const PolicyGroup*, const PolicyOffer*>, bool> reaches_;
  std::set<uint32_t> running_;  ///< clusters that an upgrade moves
  std::set<uint32_t> resting_;  ///< clusters that one has moved, or come to its end with, at this instant
};

}  // namespace

PolicyRound FollowPolicies(const FleetModel& model, const PlanInput& input) {
  return PolicyFollower{model, input}.Run();
}

}  // namespace lockkeeper
