// Gate 16: who gets one of the places that the Fleet's limits leave.

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "reconciler/core/plan/gates.h"

namespace lockkeeper {
namespace {

constexpr Seconds kHour{3600};

/// Clusters that move together, or one alone.
struct Party {
  std::vector<Contender*> members;
  int priority = 0;
  Version lowest;
  std::string_view name;
};

class Allotment {
 public:
  explicit Allotment(PlanContext& context) : context_(context), limits_(context.model.settings().limits) {}

  void Run() {
    if (limits_.max_concurrency <= 0 && limits_.bumps_per_hour <= 0 && !AnyRollout()) return Explain();
    CountUnderWay();
    CountLastHour();
    std::vector<Party> parties = Parties();
    std::ranges::sort(parties, [](const Party& a, const Party& b) {
      return std::tuple{-a.priority, a.lowest, a.name} < std::tuple{-b.priority, b.lowest, b.name};
    });
    for (Party& party : parties) Seat(party);
    Explain();
  }

 private:
  bool AnyRollout() const {
    return std::ranges::any_of(context_.rollouts,
                               [](const Rollout& rollout) { return rollout.plan != nullptr; });
  }

  /// Clusters of one stage, or with one value of a label, of which only so many run at once.
  struct Queue {
    int limit = 0;
    int taken = 0;
    std::multiset<Instant> frees;
    bool waits = false;  ///< somebody waits for a place already, whom nobody overtakes
  };

  /// SPEC 2.6: a percentage of the stage's clusters is rounded down, and at least 1.
  int LimitOf(const Contender& c) const {
    const PlanStage* stage = context_.StageOf(c);
    if (stage == nullptr || !stage->max_concurrency) return 0;
    const Share& share = *stage->max_concurrency;
    if (!share.percent) return share.value;
    int clusters = context_.rollout(c).stages[static_cast<size_t>(c.stage)].clusters;
    return std::max(1, clusters * share.value / 100);
  }

  /// The queues that a contender stands in, with what people call them.
  std::vector<std::pair<Queue*, std::string>> QueuesOf(const Contender& c) {
    std::vector<std::pair<Queue*, std::string>> queues;
    if (int limit = LimitOf(c); limit > 0) {
      Queue& queue = stages_[{c.upgrade, c.stage}];
      queue.limit = limit;
      queues.emplace_back(&queue, fmt::format("maxConcurrency of stage {}", context_.StageOf(c)->name));
    }
    if (const UpgradePlan* plan = context_.rollout(c).plan) {
      for (const std::string& key : plan->mutex_keys) {
        std::string_view value = FindLabel(context_.cluster(c).labels, key);
        if (value.empty()) continue;
        Queue& queue = mutexes_[{key, std::string{value}}];
        queue.limit = 1;
        queues.emplace_back(&queue, fmt::format("mutexKeys: {}={}", key, value));
      }
    }
    return queues;
  }

  /// A cluster that is under way keeps all those away that have a label in common which some plan names.
  void CountIntoQueues(const Contender& c, bool slot_taken) {
    if (LimitOf(c) > 0) {
      Queue& queue = stages_[{c.upgrade, c.stage}];
      ++queue.taken;
      if (slot_taken) queue.frees.insert(*c.slot_free);
    }
  }

  /// By every label of the cluster that some plan names.
  std::vector<Queue*> MutexesOf(const Contender& c) {
    std::vector<Queue*> queues;
    for (const std::string& key : mutex_keys_) {
      std::string_view value = FindLabel(context_.cluster(c).labels, key);
      if (!value.empty()) queues.push_back(&mutexes_[{key, std::string{value}}]);
    }
    return queues;
  }

  void CountIntoMutexes(const Contender& c, bool slot_taken) {
    for (Queue* queue : MutexesOf(c)) {
      ++queue->taken;
      if (slot_taken) queue->frees.insert(*c.slot_free);
    }
  }

  void CountUnderWay() {
    for (const Rollout& rollout : context_.rollouts) {
      if (rollout.plan != nullptr)
        mutex_keys_.insert(rollout.plan->mutex_keys.begin(), rollout.plan->mutex_keys.end());
    }
    std::set<uint32_t> clusters;
    for (const Contender& c : context_.contenders) {
      bool slot_taken = c.slot_free && *c.slot_free > context_.now();
      if (c.phase != Phase::kUnderWay && c.phase != Phase::kHopDone && !slot_taken) continue;
      CountIntoQueues(c, slot_taken);
      if (!clusters.insert(c.cluster).second) continue;
      CountIntoMutexes(c, slot_taken);
      if (slot_taken) frees_.insert(*c.slot_free);
    }
    under_way_ = static_cast<int>(clusters.size());
  }

  void CountLastHour() {
    if (limits_.bumps_per_hour <= 0) return;
    for (const auto& [name, record] : context_.input.book) {
      for (const ClusterRecord& line : record.clusters) {
        for (Instant bump : line.earlier_bumps) {
          if (bump > context_.now() - kHour) last_hour_.insert(bump);
        }
        for (const HopRecord& hop : line.hops) {
          if (hop.triggered_at > context_.now() - kHour) last_hour_.insert(hop.triggered_at);
        }
      }
    }
  }

  std::vector<Party> Parties() {
    std::vector<Party> parties;
    for (Contender& c : context_.contenders) {
      if ((c.phase != Phase::kWaiting && c.phase != Phase::kHopDone) || c.FirstFailing() != nullptr) continue;
      Party party{.members = {&c},
                  .priority = context_.manifest(c).priority,
                  .lowest = *c.way->version,
                  .name = context_.cluster(c).name};
      const auto& group = context_.model.SharedWith(c.cluster);
      if (!group.empty() && group.front() != c.cluster) continue;  // Its first member brings the whole party.
      for (uint32_t other : group) {
        // TieSharedRefs has made sure that they are all here.
        const Contender* sibling = other == c.cluster ? nullptr : context_.Sibling(c, other);
        if (sibling != nullptr) party.members.push_back(const_cast<Contender*>(sibling));
      }
      parties.push_back(std::move(party));
    }
    return parties;
  }

  /// Those who wait do so in the order of their turn: nobody passes a party that is too large for the places
  /// left.
  void Seat(Party& party) {
    int bumps = static_cast<int>(party.members.size());
    int places = static_cast<int>(
        std::ranges::count_if(party.members, [](const Contender* c) { return c->phase == Phase::kWaiting; }));
    GateResult held;
    if (limits_.max_concurrency > 0 && places > 0) held = AskConcurrency(places);
    if (held.verdict == Verdict::kPass) held = AskQueues(party);
    if (held.verdict == Verdict::kPass && limits_.bumps_per_hour > 0) held = AskRate(bumps);
    if (held.verdict != Verdict::kPass) {
      for (Contender* c : party.members) c->Set(Gate::kConcurrency, held);
      return;
    }
    under_way_ += places;
    for (int i = 0; i < bumps; ++i) last_hour_.insert(context_.now());
    for (const Contender* c : party.members) {
      if (c->phase != Phase::kWaiting) continue;
      // Nobody knows when a check will have its answer.
      const bool known = !HasAfterChecks(context_, *c);
      const Instant free = context_.now() + SlotOf(context_, *c);
      if (known) frees_.insert(free);
      if (LimitOf(*c) > 0) {
        Queue& queue = stages_[{c->upgrade, c->stage}];
        ++queue.taken;
        if (known) queue.frees.insert(free);
      }
      // Those count whom no plan holds back by it, too: they are under way from now on.
      for (Queue* queue : MutexesOf(*c)) {
        ++queue->taken;
        if (known) queue->frees.insert(free);
      }
    }
  }

  GateResult AskConcurrency(int places) {
    int limit = limits_.max_concurrency;
    if (places > limit) {
      return Blocked(fmt::format(
          "{} clusters share a ref and move together, and the Fleet's maxConcurrency is {}", places, limit));
    }
    if (!queue_for_place_ && under_way_ + places <= limit) return Pass();
    queue_for_place_ = true;
    std::string message = fmt::format("{} of {} places (maxConcurrency) are taken", under_way_, limit);
    return frees_.empty() ? Wait(std::move(message)) : WaitUntil(*frees_.begin(), std::move(message));
  }

  /// Every stage and every label value of the party must have room for its members.
  GateResult AskQueues(const Party& party) {
    struct Want {
      Queue* queue;
      int places;
      std::string what;
    };
    std::vector<Want> wanted;
    for (const Contender* c : party.members) {
      if (c->phase != Phase::kWaiting) continue;
      for (auto& [queue, name] : QueuesOf(*c)) {
        auto known = std::ranges::find(wanted, queue, &Want::queue);
        if (known == wanted.end()) {
          wanted.push_back({queue, 1, name});
        } else {
          ++known->places;
        }
      }
    }
    GateResult held;
    for (auto& [queue, places, what] : wanted) {
      if (places > queue->limit) {
        return Blocked(fmt::format("{} clusters share a ref and move together, and {} allows {} at a time",
                                   places, what, queue->limit));
      }
      if (!queue->waits && queue->taken + places <= queue->limit) continue;
      queue->waits = true;
      std::string message = fmt::format("{} of {} places are taken ({})", queue->taken, queue->limit, what);
      held = queue->frees.empty() ? Wait(std::move(message))
                                  : WaitUntil(*queue->frees.begin(), std::move(message));
    }
    return held;
  }

  GateResult AskRate(int bumps) {
    auto limit = static_cast<size_t>(limits_.bumps_per_hour);
    auto wanted = static_cast<size_t>(bumps);
    if (wanted > limit) {
      return Blocked(fmt::format(
          "{} clusters share a ref and move together, and the Fleet's bumpsPerHour is {}", bumps, limit));
    }
    if (!queue_for_rate_ && last_hour_.size() + wanted <= limit) return Pass();
    queue_for_rate_ = true;
    // So many of the oldest must be an hour old before there is room.
    size_t too_many = std::min(last_hour_.size() + wanted - limit, last_hour_.size());
    Instant free =
        *std::next(last_hour_.begin(), static_cast<ptrdiff_t>(std::max<size_t>(too_many, 1) - 1)) + kHour;
    return WaitUntil(free, fmt::format("{} bumps in the last hour, and the Fleet's bumpsPerHour is {}",
                                       last_hour_.size(), limit));
  }

  void Explain() {
    if (context_.input.detail != Detail::kAll) return;
    for (Contender& c : context_.contenders) {
      if (!context_.Speaks(c) || c.Find(Gate::kConcurrency) != nullptr) continue;
      c.Set(Gate::kConcurrency,
            Pass(limits_.max_concurrency > 0 ? fmt::format("{} of {} places (maxConcurrency) are taken",
                                                           under_way_, limits_.max_concurrency)
                 : QueuesOf(c).empty()       ? "no limit"
                                             : "a place is free"));
    }
  }

  PlanContext& context_;
  const LimitSettings& limits_;
  int under_way_ = 0;
  std::multiset<Instant> frees_;
  std::multiset<Instant> last_hour_;
  std::map<std::pair<uint32_t, int>, Queue> stages_;              ///< by upgrade and stage
  std::map<std::pair<std::string, std::string>, Queue> mutexes_;  ///< by label and value
  std::set<std::string> mutex_keys_;                              ///< of all plans
  bool queue_for_place_ = false;
  bool queue_for_rate_ = false;
};

}  // namespace

void AllotPlaces(PlanContext& context) { Allotment{context}.Run(); }

}  // namespace lockkeeper
