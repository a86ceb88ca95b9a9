#include "reconciler/core/plan/make_plan.h"

#include <algorithm>

#include "reconciler/core/plan/conclude.h"
#include "reconciler/core/plan/endings.h"
#include "reconciler/core/plan/gates.h"
#include "reconciler/core/plan/min_interval.h"
#include "reconciler/core/plan/notice.h"
#include "reconciler/core/plan/policies.h"
#include "reconciler/core/plan/survey.h"
#include "reconciler/core/task/plan_tasks.h"
#include "schemas/assert.h"

namespace lockkeeper {
namespace {

/// The first bump of an upgrade fixes the plan that it follows.
void FreezePlans(const PlanContext& context, Plan& plan) {
  for (const Decision& decision : plan.decisions) {
    if (decision.action != Action::kBump) continue;
    const auto u = static_cast<uint32_t>(
        context.contenders[static_cast<size_t>(&decision - plan.decisions.data())].upgrade);
    const Rollout& rollout = context.rollouts[u];
    if (rollout.plan == nullptr || rollout.frozen) continue;
    const ObjectName& name = decision.upgrade;
    if (!plan.frozen.empty() && plan.frozen.back().upgrade == name) continue;
    plan.frozen.push_back(Freeze(context.model, u, rollout));
  }
}

void TakeTasks(const PlanContext& context, Plan& plan) {
  if (context.input.tasks == nullptr) return;
  TaskPlan tasks = PlanTasks(context.model, *context.input.tasks, plan.at, context.input.task_trials,
                             &context.input.refusals);
  plan.tasks = std::move(tasks.transitions);
  plan.task_edits = std::move(tasks.edits);
  std::ranges::move(tasks.problems, std::back_inserter(plan.problems));
  const std::optional<Instant>& wake = tasks.next_wake;
  if (wake && (!plan.next_wake || *wake < *plan.next_wake)) plan.next_wake = wake;
}

/// Every decision about the upgrades that the repository has.
Plan Decide(const FleetModel& model, const PlanInput& input) {
  PlanContext context{.model = model, .input = input};
  context.rollouts = PlansInForce(model, input.book);
  Ways ways{model};
  Survey(context, ways);
  MeasureProgress(context);
  FindLastBumps(context);
  JudgeAll(context);
  TieSharedRefs(context);
  AllotPlaces(context);

  Plan plan{.commit = model.fleet().commit, .at = input.now};
  plan.transitions = TargetsTakenUp(context);
  std::ranges::move(Endings(context), std::back_inserter(plan.transitions));
  Announce(context, plan);
  plan.decisions.reserve(context.contenders.size());
  for (const Contender& c : context.contenders) {
    plan.decisions.push_back(Conclude(context, c));
    std::optional<Instant> wake = WakeOf(context, c);
    if (wake && (!plan.next_wake || *wake < *plan.next_wake)) plan.next_wake = wake;
  }
  FreezePlans(context, plan);
  TakeTasks(context, plan);
  return plan;
}

void WakeFor(const PolicyRound& round, Plan& plan) {
  if (round.next_wake && (!plan.next_wake || *round.next_wake < *plan.next_wake))
    plan.next_wake = round.next_wake;
}

/// With the upgrades that policies ask for now as if they stood in the repository: what the next pass would
/// find.
Plan DecideWith(PolicyRound round, const FleetModel& model, const PlanInput& input) {
  Fleet fleet = model.fleet();
  std::vector<Document> documents;
  for (GeneratedUpgrade& one : round.made) {
    fleet.upgrades.push_back(std::move(one.upgrade));
    documents.push_back(std::move(one.document));
  }
  std::ranges::sort(fleet.upgrades, {}, &ClusterUpgrade::name);
  const FleetModel with = FleetModel::Build(fleet);
  Plan plan = Decide(with, input);
  std::ranges::move(documents, std::back_inserter(plan.documents));
  std::ranges::move(round.problems, std::back_inserter(plan.problems));
  WakeFor(FollowPolicies(with, input), plan);
  return plan;
}

}  // namespace

Plan MakePlan(const FleetModel& model, const PlanInput& input) {
  LK_ASSERT(model.fleet().settings.has_value());
  PolicyRound round = FollowPolicies(model, input);
  if (!round.made.empty()) return DecideWith(std::move(round), model, input);
  Plan plan = Decide(model, input);
  std::ranges::move(round.problems, std::back_inserter(plan.problems));
  WakeFor(round, plan);
  return plan;
}

}  // namespace lockkeeper
