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
    if (limits_.max_concurrency <= 0 && limits_.bumps_per_hour <= 0) return Explain();
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
  void CountUnderWay() {
    std::set<uint32_t> clusters;
    for (const Contender& c : context_.contenders) {
      bool slot_taken = c.slot_free && *c.slot_free > context_.now();
      if (c.phase != Phase::kUnderWay && c.phase != Phase::kHopDone && !slot_taken) continue;
      if (!clusters.insert(c.cluster).second) continue;
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
    if (held.verdict == Verdict::kPass && limits_.bumps_per_hour > 0) held = AskRate(bumps);
    if (held.verdict != Verdict::kPass) {
      for (Contender* c : party.members) c->Set(Gate::kConcurrency, held);
      return;
    }
    under_way_ += places;
    for (int i = 0; i < bumps; ++i) last_hour_.insert(context_.now());
    for (const Contender* c : party.members) {
      if (c->phase == Phase::kWaiting) frees_.insert(context_.now() + SlotOf(context_, *c));
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
                                             : "no limit"));
    }
  }

  PlanContext& context_;
  const LimitSettings& limits_;
  int under_way_ = 0;
  std::multiset<Instant> frees_;
  std::multiset<Instant> last_hour_;
  bool queue_for_place_ = false;
  bool queue_for_rate_ = false;
};

}  // namespace

void AllotPlaces(PlanContext& context) { Allotment{context}.Run(); }

}  // namespace lockkeeper
