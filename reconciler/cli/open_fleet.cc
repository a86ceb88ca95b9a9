#include "reconciler/cli/open_fleet.h"

#include <fmt/format.h>

#include <algorithm>

namespace lockkeeper {
namespace {

std::unexpected<Failure> Unreachable(const Error& error) {
  return Stop(ExitCode::kUnreachable, error.message);
}

}  // namespace

CliResult<std::unique_ptr<Repository>> OpenRepository(const GlobalOptions& options) {
  auto repository = OpenLocalRepository({.location = options.repo, .branch = options.branch});
  if (!repository) return Unreachable(repository.error());
  return std::move(*repository);
}

CliResult<OpenedFleet> OpenFleet(const GlobalOptions& options) {
  auto repository = OpenRepository(options);
  if (!repository) return std::unexpected(repository.error());
  OpenedFleet opened{.repository = std::move(*repository)};
  auto commit = opened.repository->Fetch();
  if (!commit) return Unreachable(commit.error());
  opened.commit = *commit;
  opened.reader = std::make_unique<FleetReader>(*opened.repository);
  auto state = opened.reader->Read(opened.commit);
  if (!state) return Unreachable(state.error());
  opened.state = *state;
  if (opened.state->fleet.settings) return opened;
  const std::string place = fmt::format("{}, branch {}", options.repo, opened.repository->branch());
  const auto& broken = opened.state->fleet.broken;
  auto fleet =
      std::ranges::find_if(broken, [](const BrokenObject& object) { return object.kind == "Fleet"; });
  if (fleet != broken.end()) {
    return Stop(
        ExitCode::kNothingDone,
        fmt::format(
            "{}: {}:{}:{}: the Fleet has errors, so nothing is known about the clusters: {}\n'lockkeeper "
            "validate' shows all of them",
            place, fleet->origin.file, fleet->origin.mark.line, fleet->origin.mark.column, fleet->message));
  }
  for (const Diagnostic& finding : opened.state->fleet.diagnostics) {
    if (finding.severity == Severity::kError) {
      return Stop(ExitCode::kNothingDone, fmt::format("{}: there is no Fleet that can be read: {}", place,
                                                      FormatDiagnostic(finding)));
    }
  }
  return Stop(
      ExitCode::kNothingDone,
      fmt::format(
          "{}: there is no lockkeeper.yaml with a Fleet at its root, so nothing is known about its "
          "clusters: run 'lockkeeper init' in a work tree of it, look at what it writes, and commit that",
          place));
}

}  // namespace lockkeeper
