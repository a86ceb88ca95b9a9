#pragma once

#include <memory>

#include "gitops/repository/repository.h"
#include "reconciler/cli/command.h"
#include "reconciler/cycle/fleet_reader.h"

namespace lockkeeper {

/// A repository, and what its newest commit says.
struct OpenedFleet {
  Repository* repository = nullptr;
  FleetReader* reader = nullptr;
  const FleetState* state = nullptr;  ///< the reader's
  std::string commit;
  /// Of a call that opened them for itself; else they are the FleetSource's.
  std::unique_ptr<Repository> own_repository = {};
  std::unique_ptr<FleetReader> own_reader = {};
};

/// Keeps a fleet for several calls of commands, so that each costs what has changed since the last one.
class FleetSource {
 public:
  virtual ~FleetSource() = default;
  /// Valid until the next call. Errors as OpenFleet().
  virtual CliResult<OpenedFleet> Open() = 0;
};

/// The repository of --repo and --branch. Nothing is asked of a remote yet.
Result<std::unique_ptr<Repository>> OpenAnyRepository(const GlobalOptions& options);

/// The same; whatever goes wrong here is kUnreachable.
CliResult<std::unique_ptr<Repository>> OpenRepository(const GlobalOptions& options);

/// kNothingDone where the repository has no Fleet, or one with errors; the message says what to do.
CliResult<OpenedFleet> OpenFleet(const GlobalOptions& options);
/// Of the call's own source, where it has one.
CliResult<OpenedFleet> OpenFleet(const Invocation& call);
/// What the repository's newest commit says; `place` names it in messages.
CliResult<OpenedFleet> ReadFleet(Repository& repository, FleetReader& reader, const std::string& place);

}  // namespace lockkeeper
