// Gates 5 to 9: whose turn it is.

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "reconciler/core/plan/gates.h"

namespace lockkeeper {
namespace {

Instant StartOf(const ClusterUpgrade& upgrade) { return upgrade.start_time.value_or(Instant::min()); }

/// SPEC 4, conflict: who goes first.
bool GoesBefore(const ClusterUpgrade& a, const ClusterUpgrade& b) {
  return std::tuple{-a.priority, StartOf(a), a.name} < std::tuple{-b.priority, StartOf(b), b.name};
}

bool IsSuperseded(PlanContext& context, const Contender& c, const std::vector<uint32_t>& rivals);

/// Where the answer about a contender is kept: asked anew each time, it would double with each upgrade.
std::optional<bool>& AnswerOf(const PlanContext& context, std::vector<std::optional<bool>>& answers,
                              const Contender& c) {
  if (answers.empty()) answers.resize(context.contenders.size());
  return answers[static_cast<size_t>(&c - context.contenders.data())];
}

/// A cluster that it shares a ref with is superseded: that one ends in this very pass, so this one can never
/// move.
bool IsTiedToSuperseded(PlanContext& context, const Contender& c) {
  const auto& group = context.model.SharedWith(c.cluster);
  if (group.empty()) return false;
  std::optional<bool>& answer = AnswerOf(context, context.tied, c);
  if (answer) return *answer;
  answer = std::ranges::any_of(group, [&](uint32_t other) {
    const Contender* sibling = other == c.cluster ? nullptr : context.Sibling(c, other);
    auto rivals = context.rivals.find(other);
    return sibling != nullptr && sibling->phase == Phase::kWaiting && rivals != context.rivals.end() &&
           IsSuperseded(context, *sibling, rivals->second);
  });
  return *answer;
}

/// Nothing but time, windows and the like stands between it and its bump: what waits for a person holds
/// nobody else.
bool IsEligible(PlanContext& context, const Contender& c, Instant at) {
  if (c.phase != Phase::kWaiting) return false;
  for (Gate gate : {Gate::kManifest, Gate::kSuspend, Gate::kRef, Gate::kVersion, Gate::kRejected,
                    Gate::kFailureBudget, Gate::kApproval, Gate::kNotice}) {
    if (!c.Passes(gate)) return false;
  }
  const GateResult* start = c.Find(Gate::kStartTime);
  bool expired = start != nullptr && start->ends != Outcome::kNone;
  return !expired && StartOf(context.manifest(c)) <= at && !IsTiedToSuperseded(context, c);
}

void Earlier(std::optional<Instant>& earliest, const std::optional<Instant>& other) {
  if (other && (!earliest || *other < *earliest)) earliest = other;
}

/// When a rival that is not eligible now may become so by time alone.
void NoteRival(const Contender& rival, std::optional<Instant>& changes_at) {
  for (Gate gate : {Gate::kStartTime, Gate::kNotice}) {
    if (const GateResult* result = rival.Find(gate)) Earlier(changes_at, result->changes_at);
  }
}

/// A later request for something newer makes this one pointless.
bool Supersedes(PlanContext& context, const Contender& rival, const Contender& c) {
  const ClusterUpgrade& mine = context.manifest(c);
  const ClusterUpgrade& other = context.manifest(rival);
  if (mine.allow_downgrade || other.allow_downgrade || other.priority < mine.priority) return false;
  const auto& my_target = context.upgrade(c).target;
  const auto& other_target = context.upgrade(rival).target;
  if (!my_target || !other_target || other_target->version <= my_target->version) return false;
  return IsEligible(context, rival, std::max(context.now(), StartOf(mine)));
}

bool IsSuperseded(PlanContext& context, const Contender& c, const std::vector<uint32_t>& rivals) {
  std::optional<bool>& answer = AnswerOf(context, context.superseded, c);
  if (answer) return *answer;
  // Each question leads to one about a newer target, so it ends.
  answer = std::ranges::any_of(rivals, [&](uint32_t index) {
    const Contender& rival = context.contenders[index];
    return &rival != &c && Supersedes(context, rival, c);
  });
  return *answer;
}

/// What moves the cluster now is waited for, whatever else is asked of it.
std::optional<GateResult> WaitForRival(const PlanContext& context, const Contender& c,
                                       const std::vector<uint32_t>& rivals) {
  for (uint32_t index : rivals) {
    const Contender& rival = context.contenders[index];
    if (&rival == &c) continue;
    bool slot_taken = rival.slot_free && *rival.slot_free > context.now();
    if (!slot_taken && rival.phase != Phase::kUnderWay && rival.phase != Phase::kHopDone) continue;
    std::string message =
        fmt::format("upgrade {} of this cluster is under way", context.manifest(rival).name.str());
    return rival.phase == Phase::kFinished ? WaitUntil(*rival.slot_free, std::move(message))
                                           : Wait(std::move(message));
  }
  return std::nullopt;
}

}  // namespace

GateResult JudgeConflict(PlanContext& context, const Contender& c) {
  auto rivals = context.rivals.find(c.cluster);
  if (c.phase != Phase::kWaiting || rivals == context.rivals.end()) {
    return Pass(context.Speaks(c) ? "no other upgrade of this cluster is in the way" : "");
  }
  if (auto under_way = WaitForRival(context, c, rivals->second)) return *under_way;
  const ClusterUpgrade& mine = context.manifest(c);
  std::optional<Instant> changes_at;
  const Contender* first = nullptr;
  for (uint32_t index : rivals->second) {
    const Contender& rival = context.contenders[index];
    if (&rival == &c) continue;
    const ClusterUpgrade& other = context.manifest(rival);
    if (Supersedes(context, rival, c)) {
      return Ends(Outcome::kSuperseded, "superseded",
                  fmt::format("upgrade {} brings this cluster to {}", other.name.str(),
                              context.upgrade(rival).target->str()));
    }
    if (!IsEligible(context, rival, context.now())) {
      NoteRival(rival, changes_at);
    } else if (IsSuperseded(context, rival, rivals->second)) {
      // It ends in this very pass, so nobody waits for it.
    } else if (GoesBefore(other, mine) && (first == nullptr || GoesBefore(other, context.manifest(*first)))) {
      first = &rival;
    }
  }
  GateResult result;
  if (first != nullptr) {
    const ClusterUpgrade& other = context.manifest(*first);
    const char* by = other.priority != mine.priority   ? "its priority is higher"
                     : StartOf(other) != StartOf(mine) ? "its startTime is earlier"
                                                       : "its name comes first";
    result = Wait(fmt::format("upgrade {} goes first, {}", other.name.str(), by));
  } else if (context.Speaks(c)) {
    result.message = "no other upgrade of this cluster is in the way";
  }
  result.changes_at = changes_at;
  return result;
}

GateResult JudgeStartTime(PlanContext& context, const Contender& c) {
  const ClusterUpgrade& upgrade = context.manifest(c);
  // What has begun is not late.
  if (c.phase != Phase::kWaiting) return Pass();
  if (upgrade.start_deadline && *upgrade.start_deadline <= context.now()) {
    return Ends(Outcome::kExpired, "start-deadline",
                fmt::format("startDeadline {} has passed", FormatInstant(*upgrade.start_deadline)));
  }
  GateResult result;
  if (upgrade.start_time && *upgrade.start_time > context.now()) {
    result =
        WaitUntil(*upgrade.start_time, fmt::format("startTime is {}", FormatInstant(*upgrade.start_time)));
  } else if (context.Speaks(c)) {
    result.message = upgrade.start_time
                         ? fmt::format("startTime {} has passed", FormatInstant(*upgrade.start_time))
                         : "no startTime";
  }
  Earlier(result.changes_at, upgrade.start_deadline);
  return result;
}

GateResult JudgeRejected(PlanContext& context, const Contender& c) {
  if (c.changed_by_hand) {
    return Ends(Outcome::kRejected, "changed-by-hand",
                fmt::format("somebody changed the release to {} after the bump to {}; that holds until the "
                            "upgrade's spec changes",
                            c.way->from, c.line->to));
  }
  if (c.phase == Phase::kFinished && c.line->outcome == Outcome::kRejected) {
    return Blocked("was rejected by hand; a change of the upgrade's spec asks again");
  }
  return Pass(context.Speaks(c) ? "nobody has said no" : "");
}

}  // namespace lockkeeper
