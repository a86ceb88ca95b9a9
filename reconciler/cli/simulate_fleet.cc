#include "reconciler/cli/simulate_fleet.h"

#include <fmt/format.h>

#include "reconciler/cli/command.h"
#include "reconciler/cycle/edit_files.h"
#include "reconciler/cycle/task_trials.h"

namespace lockkeeper {

CliResult<Interval> ReadHorizon(Instant start, const std::string& to, Instant now) {
  Interval horizon{start, start + kSimulatedSpan};
  if (to.empty()) return horizon;
  auto end = ReadInstant("--to", to, now);
  if (!end) return std::unexpected(end.error());
  horizon.end = *end;
  if (horizon.end > horizon.start) return horizon;
  return BadUsage(fmt::format("--to: {} is not after {}, where the simulation begins",
                              FormatInstant(horizon.end), FormatInstant(horizon.start)));
}

CliResult<Future> SimulateFleet(const FleetState& state, FleetReader& reader, Interval horizon,
                                const Assumptions& assumptions, const std::function<Result<void>()>& go_on) {
  TrialEdits trial(reader);
  auto try_edits = [&](const std::vector<Change>& changes) -> Result<EditRefusals> {
    if (auto may = go_on ? go_on() : Result<void>{}; !may) return std::unexpected(may.error());
    return trial.Try(changes);
  };
  auto future = Simulate({.fleet = state.fleet,
                          .book = state.book,
                          .broken_status = state.broken_status,
                          .horizon = horizon,
                          .assumptions = assumptions,
                          .tasks = &state.tasks,
                          .try_edits = try_edits,
                          .try_tasks = [&](const std::vector<DueChanges>& due) {
                            return TryTaskChanges(due, state.fleet,
                                                  [&](const std::string& path) { return trial.Read(path); });
                          }});
  if (!future) return Stop(future.error());
  return *std::move(future);
}

}  // namespace lockkeeper
