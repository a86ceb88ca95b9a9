// Gates 10, 13 and 14: what people, locks and checks say.

#include <fmt/format.h>

#include "reconciler/core/plan/approvals.h"
#include "reconciler/core/plan/auto_approve.h"
#include "reconciler/core/plan/gates.h"
#include "reconciler/core/plan/locks.h"

namespace lockkeeper {

const Override* OverrideInForce(const PlanContext& context, const Contender& c) {
  const auto& override_ = context.manifest(c).override_;
  return override_ && override_->windows && context.now() < override_->until ? &*override_ : nullptr;
}

namespace {

/// Why this cluster needs an approval where the upgrade asks for none.
std::string WhyAbove(const PlanContext& context, const Contender& c) {
  const UpgradeModel& upgrade = context.upgrade(c);
  if (!c.way->version) return {};
  return fmt::format("{} -> {} is {}, and autoApprove of UpgradePolicy {} is {}: ", c.way->from,
                     upgrade.target->str(), LevelWord(*c.way->version, upgrade.target->version),
                     upgrade.policy->str(), AutoApproveWord(upgrade.auto_approve));
}

}  // namespace

GateResult JudgeApproval(PlanContext& context, const Contender& c) {
  const ApprovalRule& rule = context.manifest(c).approval;
  const bool is_above =
      !rule.required && !c.way->at_target && NeedsApproval(context.upgrade(c), c.way->version);
  if (!rule.required && !is_above) return Pass(context.Speaks(c) ? "no approval is required" : "");
  // What has begun needs nobody's word any more.
  if (c.phase != Phase::kWaiting) return Pass();
  const bool staged = context.StageOf(c) != nullptr;
  const std::pair key{c.upgrade, staged ? c.stage : -1};
  auto known = context.approvals.find(key);
  if (known == context.approvals.end()) {
    auto stage = staged ? std::optional{static_cast<size_t>(c.stage)} : std::nullopt;
    known = context.approvals.emplace(key, JudgeApprovals(context, c.upgrade, stage, rule)).first;
  }
  GateResult result = known->second;
  if (result.verdict == Verdict::kPass && !context.Speaks(c)) result.message.clear();
  if (result.verdict != Verdict::kPass && is_above) result.message = WhyAbove(context, c) + result.message;
  return result;
}

namespace {

/// Every lock that is made for the cluster and for this kind of change, at whatever time.
template <class F>
void ForEachLock(const PlanContext& context, const Contender& c, F&& use) {
  for (const ClusterLock* lock : context.model.locks().Of(c.cluster)) {
    if ((lock->scope & ChangeOf(context, c)) != 0) use(*lock);
  }
}

}  // namespace

std::optional<Instant> LockPassesFrom(const PlanContext& context, const Contender& c, Instant from) {
  if (!context.model.locks().problem().empty()) return std::nullopt;
  Instant free = from;
  for (bool moved = true; moved;) {
    moved = false;
    ForEachLock(context, c, [&](const ClusterLock& lock) {
      if (!IsActive(lock, free)) return;
      free = lock.expires_at;
      moved = true;
    });
  }
  return free;
}

GateResult JudgeLock(PlanContext& context, const Contender& c) {
  if (!context.model.locks().problem().empty()) return Blocked(context.model.locks().problem());
  const ClusterLock* held_by = nullptr;
  std::optional<Instant> changes_at;
  ForEachLock(context, c, [&](const ClusterLock& lock) {
    if (IsActive(lock, context.now()) && (held_by == nullptr || lock.expires_at > held_by->expires_at)) {
      held_by = &lock;
    }
    if (lock.start && *lock.start > context.now() && (!changes_at || *lock.start < *changes_at))
      changes_at = lock.start;
  });
  GateResult result;
  if (held_by != nullptr) {
    // The edges of other locks before that change nothing.
    changes_at = LockPassesFrom(context, c, context.now());
    result = WaitUntil(
        *changes_at, fmt::format("locked by {}{} until {}: {}", held_by->name.str(),
                                 held_by->created_by.empty() ? "" : fmt::format(" ({})", held_by->created_by),
                                 FormatInstant(held_by->expires_at), held_by->reason));
  } else if (context.Speaks(c)) {
    result.message = "no lock";
  }
  result.changes_at = changes_at;
  return result;
}

GateResult JudgeCheck(PlanContext& context, const Contender& c) {
  const ClusterUpgrade& upgrade = context.manifest(c);
  const auto& checks =
      upgrade.checks_before.empty() ? context.model.settings().checks_before : upgrade.checks_before;
  if (checks.empty()) return Pass(context.Speaks(c) ? "no check is asked for" : "");
  if (c.phase == Phase::kUnderWay) return Pass();
  const Observation* seen = context.Seen(c);
  if (seen == nullptr || !seen->ready) {
    return Wait(fmt::format("check {} has no answer; `lockkeeper once --observed FILE` hands it in",
                            checks.front().type));
  }
  if (*seen->ready) return Pass(context.Speaks(c) ? "the checks before a start pass" : "");
  return Wait(
      fmt::format("a check before the start fails{}{}", seen->message.empty() ? "" : ": ", seen->message));
}

}  // namespace lockkeeper
