// Gates 8, 9 and 12: the order that an UpgradePlan gives.

#include <fmt/format.h>

#include <algorithm>

#include "reconciler/core/plan/gates.h"
#include "reconciler/core/plan/min_interval.h"

namespace lockkeeper {
namespace {

bool HasInterval(const UpgradePlan& plan) {
  return plan.min_interval.major || plan.min_interval.minor || plan.min_interval.patch;
}

const std::optional<Seconds>& IntervalFor(const MinInterval& interval, BumpLevel level) {
  switch (level) {
    case BumpLevel::kMajor:
      return interval.major;
    case BumpLevel::kMinor:
      return interval.minor;
    case BumpLevel::kPatch:
    case BumpLevel::kNone:
      break;
  }
  return interval.patch;
}

GateResult NoPlan(const PlanContext& context, const Contender& c) {
  return Pass(context.Speaks(c) ? "the upgrade follows no UpgradePlan" : "");
}

/// Between two hops the cluster soaks, as its stage does after its last success.
std::optional<Instant> SoaksUntil(const PlanContext& context, const Contender& c) {
  const PlanStage* stage = context.StageOf(c);
  if (c.phase != Phase::kHopDone || stage == nullptr || c.line->hops.empty()) return std::nullopt;
  const Instant soaked = c.line->hops.back().triggered_at + stage->soak_time;
  return context.now() < soaked ? std::optional{soaked} : std::nullopt;
}

}  // namespace

GateResult JudgeStage(PlanContext& context, const Contender& c) {
  const Rollout& rollout = context.rollout(c);
  if (rollout.plan == nullptr) return NoPlan(context, c);
  if (c.stage == Rollout::kUnassigned) {
    return Ends(
        Outcome::kSkipped, "unassigned",
        fmt::format("unassigned: no stage of plan {} selects this cluster", rollout.plan->name.str()));
  }
  if (c.stage == Rollout::kJoinedLate) {
    return Ends(Outcome::kSkipped, "joined-late",
                "unassigned (joined-late): it was not there when the upgrade's first bump was made");
  }
  if (auto soaked = SoaksUntil(context, c)) {
    return WaitUntil(
        *soaked, fmt::format("soaks for {} between two hops", FormatDuration(context.StageOf(c)->soak_time)));
  }
  if (c.phase != Phase::kWaiting) return Pass();
  GateResult result = rollout.stages[static_cast<size_t>(c.stage)].may_start;
  if (result.verdict == Verdict::kPass && context.Speaks(c)) {
    result.message =
        fmt::format("stage {} of plan {} may start", context.StageOf(c)->name, rollout.plan->name.str());
  }
  return result;
}

GateResult JudgeFailureBudget(PlanContext& context, const Contender& c) {
  const Rollout& rollout = context.rollout(c);
  if (rollout.plan == nullptr) return NoPlan(context, c);
  if (c.stage < 0 || c.phase == Phase::kUnderWay) return Pass();
  const StageProgress& stage = rollout.stages[static_cast<size_t>(c.stage)];
  if (stage.budget.verdict != Verdict::kPass || !context.Speaks(c)) return stage.budget;
  return Pass(fmt::format("stage {}: {} failed, {} allowed", context.StageOf(c)->name, stage.failed,
                          stage.failures_allowed));
}

void FindLastBumps(PlanContext& context) {
  bool wanted = std::ranges::any_of(context.rollouts, [](const Rollout& rollout) {
    return rollout.plan != nullptr && HasInterval(*rollout.plan);
  });
  if (!wanted) return;
  auto clusters = context.model.fleet().clusters;
  for (const auto& [name, record] : context.input.book) {
    for (const ClusterRecord& line : record.clusters) {
      auto found = std::ranges::lower_bound(clusters, line.name, {}, &Cluster::name);
      if (found == clusters.end() || found->name != line.name) continue;
      std::optional<Instant> last;
      if (!line.earlier_bumps.empty()) last = line.earlier_bumps.back();
      if (!line.hops.empty()) last = std::max(last.value_or(Instant::min()), line.hops.back().triggered_at);
      if (!last) continue;
      auto [known, added] =
          context.last_bumps.try_emplace(static_cast<uint32_t>(found - clusters.begin()), *last);
      if (!added) known->second = std::max(known->second, *last);
    }
  }
}

std::optional<Instant> IntervalEnd(const PlanContext& context, const Contender& c) {
  const Rollout& rollout = context.rollout(c);
  // The hops of one upgrade are one upgrade.
  if (rollout.plan == nullptr || c.phase != Phase::kWaiting || !c.way->version || !c.way->to)
    return std::nullopt;
  const auto& interval = IntervalFor(rollout.plan->min_interval, LevelOf(*c.way->version, *c.way->to));
  auto last = context.last_bumps.find(c.cluster);
  if (!interval || last == context.last_bumps.end()) return std::nullopt;
  const Instant end = last->second + *interval;
  return context.now() < end ? std::optional{end} : std::nullopt;
}

GateResult JudgeMinInterval(PlanContext& context, const Contender& c) {
  const Rollout& rollout = context.rollout(c);
  if (rollout.plan == nullptr) return NoPlan(context, c);
  auto end = IntervalEnd(context, c);
  if (!end) return Pass(context.Speaks(c) ? "no upgrade of this cluster was too recent" : "");
  std::string message =
      fmt::format("the cluster was upgraded at {}, and plan {} wants {} between upgrades like this",
                  FormatInstant(context.last_bumps.at(c.cluster)), rollout.plan->name.str(),
                  FormatDuration(*end - context.last_bumps.at(c.cluster)));
  if (const Override* o = OverrideInForce(context, c)) {
    GateResult passes = Pass(fmt::format("overridden by {} until {}: {} ({})", o->by, FormatInstant(o->until),
                                         o->reason, message));
    passes.changes_at = std::min(*end, o->until);
    return passes;
  }
  return WaitUntil(*end, std::move(message));
}

}  // namespace lockkeeper
