#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "reconciler/core/plan/fleet_model.h"
#include "reconciler/core/plan/gate.h"
#include "reconciler/core/plan/make_plan.h"
#include "reconciler/core/plan/notice.h"
#include "reconciler/core/plan/rollout.h"
#include "reconciler/core/status/record.h"

namespace lockkeeper {

/// From one release to the next on the way to an upgrade's target.
struct Way {
  std::string from;                ///< in the style of the target's name
  std::optional<Version> version;  ///< the same as a version; absent: nobody knows what runs
  std::string hop;                 ///< the release to go to now; empty: there is no way
  std::optional<Version> to;
  const Release* release = nullptr;  ///< of the hop; null without a catalog
  int hops_after = 0;
  bool at_target = false;             ///< nothing is left to do, or it runs something newer
  std::string no_way;                 ///< why there is none
  ChangeScopes change = kEveryScope;  ///< what the hop is, as far as the release says; without kNodes
};

/// Where a cluster stands in its upgrade.
enum class Phase : uint8_t {
  kWaiting,   ///< not begun
  kHopDone,   ///< one hop is done, the next one may begin
  kUnderWay,  ///< a bump was made and is not known to be done
  kEnding,    ///< what it came to is known now, and is recorded by this plan: it holds nobody any more
  kFinished,
};

/// One cluster of one upgrade while a plan is made.
struct Contender {
  uint32_t upgrade = 0;  ///< index into FleetModel::upgrades
  uint32_t cluster = 0;  ///< index into Fleet::clusters
  Phase phase = Phase::kWaiting;
  const ClusterRecord* line = nullptr;
  bool reopened = false;             ///< was finished, and its upgrade's manifest has changed since
  bool changed_by_hand = false;      ///< its ref is not where the last bump left it
  std::optional<Instant> slot_free;  ///< of a bump that nobody checks: until then it counts as under way
  Outcome ending = Outcome::kNone;   ///< of kEnding
  std::string ending_reason;         ///< of kEnding
  int stage =
      Rollout::kUnassigned;  ///< index into its rollout's plan, as Rollout::stage_of; of no plan, no meaning
  const ScheduleSet* schedules = nullptr;  ///< that govern it and those it shares a ref with
  const Way* way = nullptr;
  std::vector<std::pair<Gate, GateResult>> results;  ///< what does not plainly pass, sorted by gate

  const GateResult* Find(Gate gate) const;
  bool Passes(Gate gate) const;
  void Set(Gate gate, GateResult result);
  /// The first gate that does not pass; null: all do.
  const std::pair<Gate, GateResult>* FirstFailing() const;
};

/// It has come to an end, which is recorded already or is by this plan.
inline bool IsOver(const Contender& c) { return c.phase == Phase::kFinished || c.phase == Phase::kEnding; }

/// Refs that this upgrade's scope covers.
bool InScope(RefRole role, UpgradeScope scope);

/// A window's answer is the same for all clusters that differ in none of these.
struct WindowKey {
  const ScheduleSet* schedules;
  ChangeScopes change;
  Seconds runway;
  Seconds delay;
  auto operator<=>(const WindowKey&) const = default;
};

/// What all steps of one MakePlan share.
struct PlanContext {
  const FleetModel& model;
  const PlanInput& input;
  std::vector<Contender> contenders{};                         ///< by upgrade, then cluster
  std::vector<size_t> first_of{};                              ///< by upgrade: the first of its contenders
  std::vector<Rollout> rollouts{};                             ///< by upgrade
  std::map<uint32_t, Announcement> announcements{};            ///< by upgrade, where it asks for notice
  std::map<std::pair<uint32_t, int>, GateResult> approvals{};  ///< gate `approval` by upgrade and stage
  std::map<uint32_t, Instant> last_bumps{};  ///< by cluster, where some upgrade's plan has a minInterval
  std::map<uint32_t, std::vector<uint32_t>> rivals{};  ///< cluster -> its contenders, where it has several
  /// By contender, as far as gate `conflict` has asked; they depend on each other.
  std::vector<std::optional<bool>> superseded{};
  std::vector<std::optional<bool>> tied{};
  std::set<ScheduleSet> schedule_sets{};  ///< each of them once
  std::map<WindowKey, GateResult> windows{};
  /// The first start at or after an instant. Schedules that never meet are searched for a long time, and only
  /// once.
  std::map<std::pair<WindowKey, Instant>, std::optional<Instant>> starts{};

  const UpgradeModel& upgrade(const Contender& c) const { return model.upgrades()[c.upgrade]; }
  const ClusterUpgrade& manifest(const Contender& c) const { return *upgrade(c).upgrade; }
  const Cluster& cluster(const Contender& c) const { return model.cluster(c.cluster); }
  Instant now() const { return input.now; }
  /// What was seen of it; null: nothing.
  const Observation* Seen(const Contender& c) const;
  /// The contenders of an upgrade stand together, in the order of its clusters.
  const Contender* FirstOf(uint32_t upgrade) const { return contenders.data() + first_of[upgrade]; }
  const Rollout& rollout(const Contender& c) const { return rollouts[c.upgrade]; }
  /// Null: its upgrade follows no plan, or no stage selects it.
  const PlanStage* StageOf(const Contender& c) const;
  /// Whether passing gates say why they pass.
  bool Speaks(const Contender& c) const;
  /// The contender of the same upgrade for another cluster; null: the upgrade does not select it.
  const Contender* Sibling(const Contender& c, uint32_t cluster) const;
};

/// Another upgrade's bump of the same cluster is not known to be done. The latest instant at which one of
/// them counts as done is in `free`, where known.
bool IsMovedByRival(const PlanContext& context, const Contender& c, std::optional<Instant>* free = nullptr);

/// When its last bump must have come to something; nullopt: never.
std::optional<Instant> TimeoutOf(const PlanContext& context, const Contender& c);

/// The longest that the upgrade and its schedules ask for.
Seconds RunwayOf(const PlanContext& context, const Contender& c);

/// Whether somebody looks at what became of a bump (SPEC 2.12); the Fleet's defaults count.
bool HasAfterChecks(const PlanContext& context, const Contender& c);

/// Without a check nobody knows when a bump is done; it counts as under way for this long.
Seconds SlotOf(const PlanContext& context, const Contender& c);

}  // namespace lockkeeper
