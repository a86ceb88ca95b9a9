#include <fmt/format.h>

#include <algorithm>

#include "reconciler/core/plan/gates.h"

namespace lockkeeper {
namespace {

/// SPEC 4 but for `concurrency`, which is no judgement about one contender but a division among all of them.
/// The order is that of the questions, not of the answers: who goes first is known only when it is known what
/// holds the others.
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
    GateRule{Gate::kNotice, JudgeNotice},
    GateRule{Gate::kMinInterval, JudgeMinInterval},
    GateRule{Gate::kLock, JudgeLock},
    GateRule{Gate::kCheck, JudgeCheck},
    GateRule{Gate::kWindow, JudgeWindow},
    GateRule{Gate::kConflict, JudgeConflict},
};

bool SaysSomething(const GateResult& result) {
  return result.verdict != Verdict::kPass || result.changes_at || !result.message.empty();
}

/// Why `c` cannot move with `sibling` now; nullopt: it can.
std::optional<GateResult> HeldBy(const PlanContext& context, const Contender& c, const Contender& sibling) {
  const std::string& name = context.cluster(sibling).name;
  const auto* failing = sibling.FirstFailing();
  if (failing == nullptr) return std::nullopt;
  std::string message =
      fmt::format("shared-ref: cluster {} has its release in the same place, and is held by gate {}: {}",
                  name, Name(failing->first), failing->second.message);
  if (failing->second.verdict == Verdict::kBlocked) return Blocked(std::move(message));
  GateResult waits = Wait(std::move(message));
  waits.until = failing->second.until;
  waits.changes_at = failing->second.changes_at;
  // What holds both alike is better told where it is.
  const GateResult* own = c.Find(failing->first);
  if (own != nullptr && own->verdict != Verdict::kPass) return std::nullopt;
  return waits;
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
    if (c.phase == Phase::kFinished || !c.Passes(Gate::kRef)) continue;
    for (uint32_t other : context.model.SharedWith(c.cluster)) {
      const Contender* sibling = other == c.cluster ? nullptr : context.Sibling(c, other);
      auto result = sibling == nullptr ? std::nullopt : HeldBy(context, c, *sibling);
      if (!result) continue;
      held.emplace_back(&c, *std::move(result));
      break;
    }
  }
  for (auto& [c, result] : held) c->Set(Gate::kRef, std::move(result));
}

}  // namespace lockkeeper
