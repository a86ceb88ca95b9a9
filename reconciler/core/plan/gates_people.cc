// Gates 10, 11, 13 and 14: what people, locks and checks say.

#include <fmt/format.h>

#include "reconciler/core/plan/gates.h"

namespace lockkeeper {

const Override* OverrideInForce(const PlanContext& context, const Contender& c) {
  const auto& override_ = context.manifest(c).override_;
  return override_ && override_->windows && context.now() < override_->until ? &*override_ : nullptr;
}

GateResult JudgeApproval(PlanContext& context, const Contender& c) {
  if (context.manifest(c).approval.required) {
    return Blocked(
        "approval.required: this version reads no UpgradeApprovals, so nobody can have approved it");
  }
  return Pass(context.Speaks(c) ? "no approval is required" : "");
}

GateResult JudgeNotice(PlanContext& context, const Contender& c) {
  const auto& period = context.manifest(c).notice_period;
  if (!period) return Pass(context.Speaks(c) ? "no notice is required" : "");
  if (const Override* o = OverrideInForce(context, c)) {
    GateResult passes =
        Pass(fmt::format("overridden by {} until {}: {}", o->by, FormatInstant(o->until), o->reason));
    passes.changes_at = o->until;
    return passes;
  }
  return Blocked(fmt::format("noticePeriod: {} after a recorded notice, and this version sends none",
                             FormatDuration(*period)));
}

GateResult JudgeLock(PlanContext& context, const Contender& c) {
  if (!context.model.lock_problem().empty()) return Blocked(context.model.lock_problem());
  return Pass(context.Speaks(c) ? "no lock" : "");
}

GateResult JudgeCheck(PlanContext& context, const Contender& c) {
  const ClusterUpgrade& upgrade = context.manifest(c);
  const auto& checks =
      upgrade.checks_before.empty() ? context.model.settings().checks_before : upgrade.checks_before;
  if (checks.empty()) return Pass(context.Speaks(c) ? "no check is asked for" : "");
  if (c.phase == Phase::kUnderWay) return Pass();
  const Observation* seen = context.Seen(c);
  if (seen != nullptr && seen->ready) {
    return *seen->ready ? Pass(context.Speaks(c) ? "the checks before a start pass" : "")
                        : Wait(fmt::format("a check before the start fails: {}", seen->message));
  }
  return Blocked(fmt::format("check {} has no answer: this version makes no checks before a start",
                             checks.front().type));
}

}  // namespace lockkeeper
