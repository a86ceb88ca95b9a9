#pragma once

#include <memory>

#include "gitops/repository/repository.h"
#include "reconciler/cli/command.h"
#include "reconciler/cycle/fleet_reader.h"

namespace lockkeeper {

/// The repository of --repo and --branch, and what its newest commit says.
struct OpenedFleet {
  std::unique_ptr<Repository> repository;
  std::unique_ptr<FleetReader> reader;
  const FleetState* state = nullptr;  ///< the reader's
  std::string commit;
};

/// The repository of --repo and --branch. Nothing is asked of a remote yet.
Result<std::unique_ptr<Repository>> OpenAnyRepository(const GlobalOptions& options);

/// The same; whatever goes wrong here is kUnreachable.
CliResult<std::unique_ptr<Repository>> OpenRepository(const GlobalOptions& options);

/// kNothingDone where the repository has no Fleet, or one with errors; the message says what to do.
CliResult<OpenedFleet> OpenFleet(const GlobalOptions& options);

}  // namespace lockkeeper
