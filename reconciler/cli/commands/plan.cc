#include <nlohmann/json.hpp>

#include "reconciler/cli/command.h"
#include "reconciler/cli/commands/plan_view.h"
#include "reconciler/cli/open_fleet.h"
#include "reconciler/core/plan/make_plan.h"

namespace lockkeeper {

void AddPlan(CommandLine& line);

namespace {

CliResult<ExitCode> ShowPlan(Invocation& call) {
  auto opened = OpenFleet(call.options);
  if (!opened) return std::unexpected(opened.error());
  const FleetState& state = *opened->state;
  FleetModel model = FleetModel::Build(state.fleet);
  const EditRefusals refusals;
  Plan plan = MakePlan(
      model,
      {.book = state.book, .broken_status = state.broken_status, .refusals = refusals, .now = call.now});
  if (call.out.is_text()) {
    call.out.Text(PlanText(plan, call.out.style()));
  } else {
    WritePlan(plan, call.out);
  }
  return ExitCode::kDone;
}

}  // namespace

void AddPlan(CommandLine& line) {
  line.Add("plan", "Every decision now, why, and when time alone changes it next.",
           [](Invocation& call) { return ShowPlan(call); });
}

}  // namespace lockkeeper
