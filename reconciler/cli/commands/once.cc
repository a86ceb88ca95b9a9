#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "reconciler/cli/command.h"
#include "reconciler/cli/commands/back_off.h"
#include "reconciler/cli/commands/observed.h"
#include "reconciler/cli/open_fleet.h"
#include "reconciler/cli/output/display_width.h"
#include "reconciler/cli/output/time_text.h"
#include "reconciler/cycle/reconcile.h"
#include "reconciler/cycle/task_trials.h"

namespace lockkeeper {

void AddOnce(CommandLine& line);

namespace {

using nlohmann::ordered_json;

struct OnceOptions {
  bool dry_run = false;
  std::string observed;
};

std::string Subject(const std::string& message) { return message.substr(0, message.find('\n')); }

ordered_json OnceJson(const ReconcileResult& result, const std::string& branch) {
  auto bumps = ordered_json::array();
  for (const MadeCommit& made : result.commits) {
    for (const Transition& transition : made.change.record.transitions) {
      const auto* bump = std::get_if<Bumped>(&transition);
      if (bump == nullptr) continue;
      bumps.push_back({{"upgrade", bump->upgrade.str()},
                       {"cluster", bump->cluster},
                       {"from", bump->from},
                       {"to", bump->to},
                       {"commit", made.id.empty() ? ordered_json(nullptr) : ordered_json(made.id)}});
    }
  }
  auto pushed = ordered_json::array();
  if (!result.pushed.empty()) {
    pushed.push_back({{"ref", "refs/heads/" + branch}, {"old", result.read}, {"new", result.pushed}});
  }
  return {{"commit", result.pushed.empty() ? result.read : result.pushed},
          {"pushed", std::move(pushed)},
          {"bumps", std::move(bumps)},
          {"retries", result.retries}};
}

/// Of what the pass has left: the plan that it carried out does not know yet what its own bumps begin.
CliResult<std::optional<Instant>> NextWake(OpenedFleet& opened, const ReconcileResult& result,
                                           const Observations& observed) {
  if (result.pushed.empty()) return result.plan.next_wake;
  auto state = opened.reader->Read(result.pushed);
  if (!state) return Stop(state.error());
  if (auto fleet = RequireFleet(**state); !fleet) return Stop(fleet.error());
  const FleetModel model = FleetModel::Build((*state)->fleet);
  const EditRefusals refusals;
  auto trials = TryTaskChanges(model, (*state)->tasks, *opened.reader, result.plan.at);
  if (!trials) return Stop(trials.error());
  return MakePlan(model, {.book = (*state)->book,
                          .broken_status = (*state)->broken_status,
                          .refusals = refusals,
                          .now = result.plan.at,
                          .observations = &observed,
                          .tasks = &(*state)->tasks,
                          .task_trials = &*trials})
      .next_wake;
}

std::string OnceText(const ReconcileResult& result, const std::string& branch, DryRun dry_run,
                     const std::optional<Instant>& next_wake, const Style& style) {
  std::string text;
  for (const MadeCommit& made : result.commits) {
    bool bumps = !made.change.edits.empty();
    text += fmt::format("{}{}\n", made.id.empty() ? "" : style(Paint::kDim, made.id.substr(0, 12)) + " ",
                        style(bumps ? Paint::kGreen : Paint::kPlain, ForTerminal(Subject(made.message))));
    for (const RefEdit& edit : made.change.edits) {
      text +=
          ForTerminal(fmt::format("    {} {}: {} -> {}", edit.file, edit.path, edit.expected, edit.value)) +
          "\n";
    }
  }
  if (result.commits.empty()) {
    text += "Nothing is due, and nothing is new to record.\n";
  } else if (dry_run == DryRun::kYes) {
    text += fmt::format("Dry run: {} commit{} to {} not made.\n", result.commits.size(),
                        result.commits.size() == 1 ? "" : "s", branch);
  } else {
    text += fmt::format("{} is at {} now.\n", branch, result.pushed.substr(0, 12));
  }
  if (next_wake) {
    text += fmt::format("Time alone changes something next at {}.\n", WhenText(*next_wake, result.plan.at));
  }
  return text;
}

CliResult<ExitCode> RunOnce(const OnceOptions& options, Invocation& call) {
  const DryRun dry_run = options.dry_run ? DryRun::kYes : DryRun::kNo;
  auto observed = ReadObserved(options.observed);
  if (!observed) return std::unexpected(observed.error());
  auto opened = OpenFleet(call.options);
  if (!opened) return std::unexpected(opened.error());
  auto result = Reconcile(*opened->repository, *opened->reader,
                          {.now = call.now,
                           .dry_run = dry_run,
                           .observations = *observed,
                           .signing_key = call.options.signing_key,
                           .back_off = BackOff});
  if (!result) return Stop(result.error());
  NoteUnused(*observed, result->plan, call);
  for (const std::string& problem : result->problems) call.Note(problem);
  const std::string& branch = opened->repository->branch();
  if (call.out.is_text()) {
    // The pass is done whatever this says; its result is told all the same.
    auto next_wake = NextWake(*opened, *result, *observed);
    call.out.Text(OnceText(*result, branch, dry_run, next_wake.value_or(std::nullopt), call.out.style()));
    if (!next_wake) return std::unexpected(next_wake.error());
  } else {
    call.out.Value(OnceJson(*result, branch));
  }
  return ExitCode::kDone;
}

}  // namespace

void AddOnce(CommandLine& line) {
  auto options = std::make_shared<OnceOptions>();
  CLI::App& command =
      line.Add("once", "One pass: decide, commit the bumps that are due with their status, and end.",
               [options](Invocation& call) { return RunOnce(*options, call); });
  command.add_flag("--dry-run", options->dry_run, "Decide and try the edits, but commit nothing.");
  AddObserved(line, command, options->observed);
}

}  // namespace lockkeeper
