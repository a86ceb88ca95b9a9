#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "gitops/repository/uncommitted.h"
#include "reconciler/cli/command.h"
#include "reconciler/cli/commands/observed.h"
#include "reconciler/cli/commands/plan_diff.h"
#include "reconciler/cli/commands/plan_view.h"
#include "reconciler/cli/open_fleet.h"
#include "reconciler/cli/output/display_width.h"
#include "reconciler/cli/remote.h"
#include "reconciler/core/plan/make_plan.h"
#include "reconciler/cycle/task_trials.h"

namespace lockkeeper {

void AddPlan(CommandLine& line);

namespace {

/// Who has just written an upgrade looks for it in the plan, and the plan is that of a commit.
void NoteUncommitted(const OpenedFleet& opened, const Invocation& call) {
  if (IsRemote(call.options.repo)) return;
  const FleetSettings& settings = *opened.state->fleet.settings;
  std::vector<std::string> paths = settings.manifests;
  paths.insert(paths.end(), settings.releases.begin(), settings.releases.end());
  paths.emplace_back("lockkeeper.yaml");
  auto files = UncommittedFiles(call.options.repo, opened.repository->branch(), paths);
  if (!files) {
    call.Note(ForTerminal(
        fmt::format("note: whether the work tree differs cannot be told: {}", files.error().message)));
    return;
  }
  if (files->empty()) return;
  const std::string more = files->size() == 1 ? "" : fmt::format(" and {} more", files->size() - 1);
  call.Note(ForTerminal(fmt::format("note: only commits are read, and {}{} of the work tree {} not committed",
                                    files->front(), more, files->size() == 1 ? "is" : "are")));
}

CliResult<ExitCode> ShowPlan(const std::string& observed_file, Invocation& call) {
  auto observed = ReadObserved(observed_file);
  if (!observed) return std::unexpected(observed.error());
  auto opened = OpenFleet(call);
  if (!opened) return std::unexpected(opened.error());
  if (call.fleets == nullptr) NoteUncommitted(*opened, call);
  const FleetState& state = *opened->state;
  FleetModel model = FleetModel::Build(state.fleet);
  const EditRefusals refusals;
  auto trials = TryTaskChanges(model, state.tasks, *opened->reader, call.now);
  if (!trials) return Stop(trials.error());
  Plan plan = MakePlan(model, {.book = state.book,
                               .broken_status = state.broken_status,
                               .refusals = refusals,
                               .now = call.now,
                               .observations = &*observed,
                               .tasks = &state.tasks,
                               .task_trials = &*trials});
  NoteUnused(*observed, plan, call);
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
    std::string observed;
  };
  auto options = std::make_shared<PlanOptions>();
  CLI::App& command = line.Add("plan", "Every decision now, why, and when time alone changes it next.",
                               [options](Invocation& call) {
                                 return options->diff ? ShowPlanDiff(*options->diff, options->to, call)
                                                      : ShowPlan(options->observed, call);
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
  AddObserved(line, command, options->observed)->excludes(diff);
}

}  // namespace lockkeeper
