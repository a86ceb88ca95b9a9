#include "reconciler/core/plan/survey.h"

#include <algorithm>

namespace lockkeeper {

const GateResult* Contender::Find(Gate gate) const {
  auto found = std::ranges::find(results, gate, &std::pair<Gate, GateResult>::first);
  return found == results.end() ? nullptr : &found->second;
}

bool Contender::Passes(Gate gate) const {
  const GateResult* result = Find(gate);
  return result == nullptr || result->verdict == Verdict::kPass;
}

void Contender::Set(Gate gate, GateResult result) {
  auto place = std::ranges::lower_bound(results, gate, {}, &std::pair<Gate, GateResult>::first);
  if (place != results.end() && place->first == gate) {
    place->second = std::move(result);
  } else {
    results.emplace(place, gate, std::move(result));
  }
}

const std::pair<Gate, GateResult>* Contender::FirstFailing() const {
  for (const auto& entry : results) {
    if (entry.second.verdict != Verdict::kPass) return &entry;
  }
  return nullptr;
}

bool PlanContext::Speaks(const Contender& c) const {
  if (input.detail != Detail::kAll) return false;
  return input.detail_cluster.empty() || input.detail_cluster == cluster(c).name;
}

const Contender* PlanContext::Sibling(const Contender& c, uint32_t cluster) const {
  auto key = [](const Contender& x) { return std::pair{x.upgrade, x.cluster}; };
  auto found = std::ranges::lower_bound(contenders, std::pair{c.upgrade, cluster}, {}, key);
  return found == contenders.end() || key(*found) != std::pair{c.upgrade, cluster} ? nullptr : &*found;
}

const PlanStage* PlanContext::StageOf(const Contender& c) const {
  const UpgradePlan* plan = rollouts[c.upgrade].plan;
  return plan == nullptr || c.stage < 0 ? nullptr : &plan->stages[static_cast<size_t>(c.stage)];
}

const Observation* PlanContext::Seen(const Contender& c) const {
  if (input.observations == nullptr) return nullptr;
  auto found = input.observations->find({manifest(c).name, cluster(c).name});
  return found == input.observations->end() ? nullptr : &found->second;
}

Seconds RunwayOf(const PlanContext& context, const Contender& c) {
  Seconds longest = context.manifest(c).runway.value_or(Seconds{0});
  for (uint32_t s : c.schedules->schedules) {
    longest = std::max(longest, context.model.schedules()[s].schedule->runway.value_or(Seconds{0}));
  }
  return longest;
}

bool HasAfterChecks(const PlanContext& context, const Contender& c) {
  return !context.manifest(c).checks_after.empty() || !context.model.settings().checks_after.empty();
}

std::optional<Instant> TimeoutOf(const PlanContext& context, const Contender& c) {
  const auto& timeout = context.manifest(c).finish_timeout;
  if (!timeout || c.line == nullptr || c.line->hops.empty()) return std::nullopt;
  return c.line->hops.back().triggered_at + *timeout;
}

bool IsMovedByRival(const PlanContext& context, const Contender& c, std::optional<Instant>* free) {
  auto rivals = context.rivals.find(c.cluster);
  if (rivals == context.rivals.end()) return false;
  bool moved = false;
  for (uint32_t index : rivals->second) {
    const Contender& rival = context.contenders[index];
    bool slot_taken = rival.slot_free && *rival.slot_free > context.now();
    if (&rival == &c || (!slot_taken && rival.phase != Phase::kUnderWay && rival.phase != Phase::kHopDone))
      continue;
    moved = true;
    if (free != nullptr && slot_taken && (!*free || **free < *rival.slot_free)) *free = rival.slot_free;
  }
  return moved;
}

Seconds SlotOf(const PlanContext& context, const Contender& c) {
  return std::max(RunwayOf(context, c), Seconds{60});
}

namespace {

class Surveyor {
 public:
  Surveyor(PlanContext& context, Ways& ways) : context_(context), ways_(ways) {}

  void Run() {
    size_t total = 0;
    for (const UpgradeModel& upgrade : context_.model.upgrades()) total += upgrade.clusters.size();
    context_.contenders.reserve(total);
    for (uint32_t u = 0; u < context_.model.upgrades().size(); ++u) TakeUpgrade(u);
    TakeSlowestWays();
    FindRivals();
    for (Contender& c : context_.contenders) {
      c.schedules = SchedulesOf(c);
      Place(c);
    }
  }

 private:
  void TakeUpgrade(uint32_t index) {
    const UpgradeModel& upgrade = context_.model.upgrades()[index];
    auto record = context_.input.book.find(upgrade.upgrade->name);
    const Rollout& rollout = context_.rollouts[index];
    context_.first_of.push_back(context_.contenders.size());
    for (size_t n = 0; n < upgrade.clusters.size(); ++n) {
      const uint32_t cluster = upgrade.clusters[n];
      Contender c{.upgrade = index, .cluster = cluster};
      if (rollout.plan != nullptr) c.stage = rollout.stage_of[n];
      const MaxSkip& own = context_.model.cluster(cluster).max_skip;
      const MaxSkip& skip = rollout.plan != nullptr && rollout.plan->max_skip ? *rollout.plan->max_skip : own;
      if (record != context_.input.book.end())
        c.line = record->second.Find(context_.model.cluster(cluster).name);
      c.way = &ways_.Find(index, cluster, skip);
      context_.contenders.push_back(std::move(c));
    }
  }

  /// Clusters that share a ref make the same hop: the shortest that one of them may make.
  void TakeSlowestWays() {
    std::vector<std::pair<Contender*, const Way*>> slower;
    for (Contender& c : context_.contenders) {
      const Way* slowest = c.way;
      for (uint32_t other : context_.model.SharedWith(c.cluster)) {
        const Contender* sibling = context_.Sibling(c, other);
        if (sibling == nullptr || !sibling->way->to || !slowest->to) continue;
        bool same = sibling->way->version == c.way->version;
        if (same && *sibling->way->to < *slowest->to) slowest = sibling->way;
      }
      if (slowest != c.way) slower.emplace_back(&c, slowest);
    }
    for (auto [c, way] : slower) c->way = way;
  }

  void FindRivals() {
    std::vector<std::pair<uint32_t, uint32_t>> by_cluster;
    by_cluster.reserve(context_.contenders.size());
    for (uint32_t i = 0; i < context_.contenders.size(); ++i) {
      by_cluster.emplace_back(context_.contenders[i].cluster, i);
    }
    if (context_.model.upgrades().size() < 2) return;
    std::ranges::sort(by_cluster);
    for (size_t i = 1; i < by_cluster.size(); ++i) {
      if (by_cluster[i].first != by_cluster[i - 1].first) continue;
      std::vector<uint32_t>& list = context_.rivals[by_cluster[i].first];
      if (list.empty()) list.push_back(by_cluster[i - 1].second);
      list.push_back(by_cluster[i].second);
    }
  }

  const ScheduleSet* SchedulesOf(const Contender& c) {
    std::optional<uint32_t> extra = context_.upgrade(c).schedule;
    ScheduleSet set = context_.model.Governing(c.cluster, extra);
    // Those who share a ref move in one commit, so the schedules of all of them must be open.
    for (uint32_t other : context_.model.SharedWith(c.cluster)) {
      if (other == c.cluster) continue;
      ScheduleSet more = context_.model.Governing(other, extra);
      set.schedules.insert(set.schedules.end(), more.schedules.begin(), more.schedules.end());
      if (set.named_problem.empty()) set.named_problem = more.named_problem;
      if (set.broken.empty()) set.broken = more.broken;
    }
    std::ranges::sort(set.schedules);
    auto repeated = std::ranges::unique(set.schedules);
    set.schedules.erase(repeated.begin(), repeated.end());
    return &*context_.schedule_sets.insert(std::move(set)).first;
  }

  std::optional<Instant> SlotEnd(const Contender& c) const {
    if (HasAfterChecks(context_, c) || c.line->hops.empty()) return std::nullopt;
    return c.line->hops.back().triggered_at + SlotOf(context_, c);
  }

  bool SpecChanged(const Contender& c) const {
    const UpgradeRecord& record = context_.input.book.find(context_.manifest(c).name)->second;
    return record.spec_hash != context_.manifest(c).spec_hash;
  }

  static bool IsUnassigned(const ClusterRecord& line) {
    return line.outcome == Outcome::kSkipped && (line.reason == "unassigned" || line.reason == "joined-late");
  }

  void Place(Contender& c) const {
    if (c.line == nullptr) return;
    // A hop that was seen to be done waits for the next one.
    if (c.line->state == ClusterState::kPending && c.line->triggered_at) PlaceBetweenHops(c);
    if (c.line->state == ClusterState::kRunning) PlaceRunning(c);
    if (c.line->state == ClusterState::kFinished) PlaceFinished(c);
  }

  void PlaceRunning(Contender& c) const {
    c.slot_free = SlotEnd(c);
    auto bumped_to = ParseReleaseName(c.line->to);
    c.changed_by_hand = bumped_to && c.way->version && *c.way->version != bumped_to->version;
    c.phase = Phase::kUnderWay;
    if (c.changed_by_hand) {
      End(c, Outcome::kRejected, "changed-by-hand");
    } else if (HasAfterChecks(context_, c)) {
      PlaceChecked(c);
    } else if (!c.slot_free || *c.slot_free <= context_.now()) {
      c.phase = Phase::kHopDone;
      if (c.way->at_target) End(c, Outcome::kUnverified, "");
    }
  }

  void PlaceBetweenHops(Contender& c) const {
    c.phase = Phase::kHopDone;
    auto bumped_to = ParseReleaseName(c.line->to);
    c.changed_by_hand = bumped_to && c.way->version && *c.way->version != bumped_to->version;
    if (c.changed_by_hand) End(c, Outcome::kRejected, "changed-by-hand");
  }

  void PlaceChecked(Contender& c) const {
    const Observation* seen = context_.Seen(c);
    const Outcome outcome = seen == nullptr ? Outcome::kNone : seen->outcome;
    auto timeout = TimeoutOf(context_, c);
    if (outcome == Outcome::kFailure) {
      End(c, Outcome::kFailure, "check");
    } else if (outcome == Outcome::kSuccess) {
      c.phase = Phase::kHopDone;
      if (c.way->at_target) End(c, Outcome::kSuccess, "");
    } else if (timeout && *timeout <= context_.now()) {
      End(c, Outcome::kTimedOut, "finish-timeout");
    }
  }

  static void End(Contender& c, Outcome outcome, std::string reason) {
    c.phase = Phase::kEnding;
    c.ending = outcome;
    c.ending_reason = std::move(reason);
    c.slot_free.reset();
  }

  void PlaceFinished(Contender& c) const {
    const ClusterRecord& line = *c.line;
    // These were ended by what the repository lacked, and it has it again.
    bool back =
        line.outcome == Outcome::kCancelled ||
        (line.outcome == Outcome::kSkipped && (line.reason == "gone" || line.reason == "not-selected")) ||
        (IsUnassigned(line) && context_.rollout(c).plan != nullptr && c.stage >= 0);
    if (back || (SpecChanged(c) && !c.way->at_target)) {
      c.reopened = true;
      return;
    }
    c.phase = Phase::kFinished;
    if (line.outcome == Outcome::kUnverified) c.slot_free = SlotEnd(c);
    bool moved = line.outcome == Outcome::kUnverified || line.outcome == Outcome::kSuccess;
    c.changed_by_hand = moved && IsRolledBack(c);
    if (c.changed_by_hand) End(c, Outcome::kRejected, "changed-by-hand");
  }

  /// Somebody went back below what a bump reached, and it was none of our own bumps.
  bool IsRolledBack(const Contender& c) const {
    auto reached = ParseReleaseName(c.line->to);
    auto began = ParseReleaseName(c.line->from);
    if (!reached || !began || !c.way->version) return false;
    if (reached->version <= began->version || *c.way->version >= reached->version) return false;
    const std::string& name = context_.cluster(c).name;
    return std::ranges::none_of(context_.input.book, [&](const auto& entry) {
      const ClusterRecord* other = entry.second.Find(name);
      return other != nullptr && other != c.line && BumpedSince(*other, *c.line);
    });
  }

  static bool BumpedSince(const ClusterRecord& other, const ClusterRecord& line) {
    if (!line.triggered_at) return false;
    bool this_run = std::ranges::any_of(
        other.hops, [&](const HopRecord& hop) { return hop.triggered_at >= *line.triggered_at; });
    return this_run ||
           std::ranges::any_of(other.earlier_bumps, [&](Instant bump) { return bump >= *line.triggered_at; });
  }

  PlanContext& context_;
  Ways& ways_;
};

}  // namespace

void Survey(PlanContext& context, Ways& ways) { Surveyor{context, ways}.Run(); }

}  // namespace lockkeeper
