#include <fmt/format.h>

#include <algorithm>

#include "reconciler/core/plan/gates.h"

namespace lockkeeper {
namespace {

/// SPEC 4 but for `concurrency`, which is no judgement about one contender but a division among all of them.
/// The order is that of the questions, not of the answers: an upgrade is announced once nothing but time
/// holds it, and who goes first is known only when it is known what holds the others.
constexpr std::array kGates{
    GateRule{Gate::kManifest, JudgeManifest},
    GateRule{Gate::kSuspend, JudgeSuspend},
    GateRule{Gate::kRef, JudgeRef},
    GateRule{Gate::kVersion, JudgeVersion},
    GateRule{Gate::kStartTime, JudgeStartTime},
    GateRule{Gate::kRejected, JudgeRejected},
    GateRule{Gate::kStage, JudgeStage},
    GateRule{Gate::kFailureBudget, JudgeFailureBudget},
    GateRule{Gate::kApproval, JudgeApproval},
    GateRule{Gate::kMinInterval, JudgeMinInterval},
    GateRule{Gate::kLock, JudgeLock},
    GateRule{Gate::kCheck, JudgeCheck},
    GateRule{Gate::kWindow, JudgeWindow},
    GateRule{Gate::kNotice, JudgeNotice},
    GateRule{Gate::kConflict, JudgeConflict},
};

bool SaysSomething(const GateResult& result) {
  return result.verdict != Verdict::kPass || result.changes_at || !result.message.empty();
}

std::optional<Instant> EarliestChange(const Contender& a, const Contender& b) {
  std::optional<Instant> earliest;
  for (const Contender* c : {&a, &b}) {
    for (const auto& [gate, result] : c->results) {
      if (result.changes_at && (!earliest || *result.changes_at < *earliest)) earliest = result.changes_at;
    }
  }
  return earliest;
}

/// Why `c` cannot move with `sibling` now; nullopt: it can, or something of its own holds it, which is better
/// told where it is.
std::optional<GateResult> HeldBy(const PlanContext& context, const Contender& c, const Contender& sibling) {
  if (sibling.phase == Phase::kUnderWay && c.phase != Phase::kUnderWay) {
    GateResult result = Wait(fmt::format(
        "shared-ref: cluster {} has its release in the same place, and its last bump is not known to be done",
        context.cluster(sibling).name));
    if (!HasAfterChecks(context, sibling)) result.until = result.changes_at = sibling.slot_free;
    return result;
  }
  const auto* theirs = sibling.FirstFailing();
  if (theirs == nullptr) return std::nullopt;
  const auto* own = c.FirstFailing();
  if (own != nullptr && own->second.ends != Outcome::kNone) return std::nullopt;
  bool ends = theirs->second.ends != Outcome::kNone;
  bool waits = theirs->second.verdict == Verdict::kWait;
  if (own != nullptr && !ends && (own->second.verdict == Verdict::kBlocked || waits)) return std::nullopt;
  std::string message =
      fmt::format("shared-ref: cluster {} has its release in the same place, and is held by gate {}: {}",
                  context.cluster(sibling).name, Name(theirs->first), theirs->second.message);
  GateResult result = waits ? Wait(std::move(message)) : Blocked(std::move(message));
  result.until = theirs->second.until;
  result.changes_at = EarliestChange(c, sibling);
  return result;
}

}  // namespace

void JudgeAll(PlanContext& context) {
  for (const GateRule& rule : kGates) {
    for (Contender& c : context.contenders) {
      GateResult result = rule.judge(context, c);
      if (SaysSomething(result)) c.Set(rule.gate, std::move(result));
    }
  }
}

void TieSharedRefs(PlanContext& context) {
  std::vector<std::pair<Contender*, GateResult>> held;
  for (Contender& c : context.contenders) {
    if (IsOver(c)) continue;
    for (uint32_t other : context.model.SharedWith(c.cluster)) {
      const Contender* sibling = other == c.cluster ? nullptr : context.Sibling(c, other);
      if (sibling == nullptr || IsOver(*sibling)) continue;
      auto result = HeldBy(context, c, *sibling);
      if (!result) continue;
      held.emplace_back(&c, *std::move(result));
      break;
    }
  }
  for (auto& [c, result] : held) c->Set(Gate::kRef, std::move(result));
}

}  // namespace lockkeeper
