#include "reconciler/core/plan/make_plan.h"

#include <algorithm>

#include "reconciler/core/plan/conclude.h"
#include "reconciler/core/plan/endings.h"
#include "reconciler/core/plan/gates.h"
#include "reconciler/core/plan/survey.h"
#include "schemas/assert.h"

namespace lockkeeper {

Plan MakePlan(const FleetModel& model, const PlanInput& input) {
  LK_ASSERT(model.fleet().settings.has_value());
  PlanContext context{.model = model, .input = input};
  Ways ways{model};
  Survey(context, ways);
  JudgeAll(context);
  TieSharedRefs(context);
  AllotPlaces(context);

  Plan plan{.commit = model.fleet().commit, .at = input.now};
  plan.transitions = TargetsTakenUp(context);
  std::ranges::move(Endings(context), std::back_inserter(plan.transitions));
  plan.decisions.reserve(context.contenders.size());
  for (const Contender& c : context.contenders) {
    plan.decisions.push_back(Conclude(context, c));
    std::optional<Instant> wake = WakeOf(context, c);
    if (wake && (!plan.next_wake || *wake < *plan.next_wake)) plan.next_wake = wake;
  }
  return plan;
}

}  // namespace lockkeeper
