#include "reconciler/cli/open_fleet.h"

#include <fmt/format.h>

#include <algorithm>

#include "reconciler/cli/remote.h"

namespace lockkeeper {
namespace {

constexpr std::string_view kFleetFile = "lockkeeper.yaml";

std::unexpected<Failure> Unreachable(const Error& error) {
  return Stop(ExitCode::kUnreachable, error.message);
}

std::unexpected<Failure> WithoutFleet(const Fleet& fleet, const std::string& place) {
  auto is_error = [](const Diagnostic& finding) { return finding.severity == Severity::kError; };
  auto missing = std::ranges::find(fleet.diagnostics, "no-fleet", &Diagnostic::code);
  auto wrong = std::ranges::find_if(fleet.diagnostics, [&](const Diagnostic& finding) {
    return is_error(finding) && finding.file == kFleetFile && finding.code != "no-fleet";
  });
  if (missing != fleet.diagnostics.end() || wrong == fleet.diagnostics.end()) {
    return Stop(
        ExitCode::kNothingDone,
        fmt::format("{}: there is no Fleet in a {} at its root, so nothing is known about its clusters: run "
                    "'lockkeeper init' in a work tree of it, read what it writes, and commit that",
                    place, kFleetFile));
  }
  return Stop(ExitCode::kNothingDone, fmt::format("{}: the Fleet has errors, so nothing is known about its "
                                                  "clusters:\n{}\n'lockkeeper validate' shows "
                                                  "all of them",
                                                  place, FormatDiagnostic(*wrong)));
}

}  // namespace

Result<std::unique_ptr<Repository>> OpenAnyRepository(const GlobalOptions& options) {
  if (IsRemote(options.repo)) return OpenRemote(options, CloneUse::kCommand);
  return OpenLocalRepository({.location = options.repo, .branch = options.branch});
}

CliResult<std::unique_ptr<Repository>> OpenRepository(const GlobalOptions& options) {
  auto repository = OpenAnyRepository(options);
  if (!repository) return Unreachable(repository.error());
  return std::move(*repository);
}

CliResult<OpenedFleet> ReadFleet(Repository& repository, FleetReader& reader, const std::string& place) {
  auto commit = repository.Fetch();
  if (!commit) return Unreachable(commit.error());
  auto state = reader.Read(*commit);
  if (!state) return Unreachable(state.error());
  if (!(*state)->fleet.settings)
    return WithoutFleet((*state)->fleet, fmt::format("{}, branch {}", place, repository.branch()));
  return OpenedFleet{
      .repository = &repository, .reader = &reader, .state = *state, .commit = *std::move(commit)};
}

CliResult<OpenedFleet> OpenFleet(const GlobalOptions& options) {
  auto repository = OpenRepository(options);
  if (!repository) return std::unexpected(repository.error());
  auto reader = std::make_unique<FleetReader>(**repository, options.allowed_signers);
  auto opened = ReadFleet(**repository, *reader, ShownRepo(options.repo));
  if (!opened) return opened;
  opened->own_repository = std::move(*repository);
  opened->own_reader = std::move(reader);
  return opened;
}

CliResult<OpenedFleet> OpenFleet(const Invocation& call) {
  return call.fleets == nullptr ? OpenFleet(call.options) : call.fleets->Open();
}

}  // namespace lockkeeper
