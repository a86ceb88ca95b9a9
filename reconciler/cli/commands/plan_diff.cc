#include "reconciler/cli/commands/plan_diff.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "reconciler/cli/open_fleet.h"
#include "reconciler/cli/simulate_fleet.h"
#include "reconciler/cycle/reconcile.h"

namespace lockkeeper {
namespace {

CliResult<Future> FutureOf(Repository& repository, const AllowedSigners& allowed, const std::string& revision,
                           Interval horizon) {
  auto fail = [&](const Error& error) {
    return Stop(ExitCodeOf(error.kind), fmt::format("--diff: {}", error.message));
  };
  auto commit = repository.Resolve(revision);
  if (!commit) return fail(commit.error());
  FleetReader reader(repository, allowed);
  auto state = reader.Read(*commit);
  if (!state) return fail(state.error());
  if (auto fleet = RequireFleet(**state); !fleet) return fail(fleet.error());
  return SimulateFleet(**state, reader, horizon, {});
}

}  // namespace

CliResult<ExitCode> ShowPlanDiff(const std::string& revision, const std::string& to, Invocation& call) {
  auto horizon = ReadHorizon(call.now, to, call.now);
  if (!horizon) return std::unexpected(horizon.error());
  auto opened = OpenFleet(call);
  if (!opened) return std::unexpected(opened.error());
  auto base = FutureOf(*opened->repository, call.options.allowed_signers, revision, *horizon);
  if (!base) return std::unexpected(base.error());
  auto head = SimulateFleet(*opened->state, *opened->reader, *horizon, {});
  if (!head) return std::unexpected(head.error());
  const PlanDiffView view{
      .base = *base, .head = *head, .revision = revision, .differences = Compare(*base, *head)};
  if (call.out.is_text()) {
    call.out.Text(PlanDiffText(view, call.out.style()));
  } else {
    call.out.Value(PlanDiffJson(view));
  }
  for (const Future* future : {&*base, &*head}) {
    if (future->incomplete.empty()) continue;
    return Stop(ExitCode::kNothingDone, fmt::format("commit {}: the simulation has no end: {}",
                                                    future->commit.substr(0, 12), future->incomplete));
  }
  return ExitCode::kDone;
}

}  // namespace lockkeeper
