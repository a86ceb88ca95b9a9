#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "reconciler/cli/command.h"
#include "reconciler/cli/commands/plan_diff.h"
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
  struct PlanOptions {
    std::optional<std::string> diff;
    std::string to;
  };
  auto options = std::make_shared<PlanOptions>();
  CLI::App& command = line.Add(
      "plan", "Every decision now, why, and when time alone changes it next.", [options](Invocation& call) {
        return options->diff ? ShowPlanDiff(*options->diff, options->to, call) : ShowPlan(call);
      });
  CLI::Option* diff =
      command
          .add_option(
              "--diff", options->diff,
              "Instead: for whom the future is another one than it was at this commit, branch or tag.")
          ->type_name("REVISION");
  command.add_option("--to", options->to, "With --diff: look so far ahead. Default: 90 days.")
      ->type_name("INSTANT")
      ->needs(diff);
}

}  // namespace lockkeeper
