#pragma once

#include <functional>
#include <string>
#include <vector>

#include "reconciler/cli/exit_code.h"
#include "reconciler/cli/open_fleet.h"
#include "schemas/instant.h"

namespace lockkeeper {

/// A command that runs inside this process, for somebody else than a shell.
struct CommandCall {
  /// The command's words, and its own options and arguments. Global options are none of them.
  std::vector<std::string> arguments;
  Instant now;
  FleetSource& fleets;
  std::string place;  ///< names the repository in messages
  size_t output_bytes_max = 0;
  std::function<Result<void>()> go_on = {};  ///< Invocation::go_on
};

struct CommandAnswer {
  std::string output;              ///< as with -o json
  std::vector<std::string> notes;  ///< what stderr would have said beside the result
};

/// Why a command did not do what it was asked for; `is_partial`: it has answered in part nevertheless.
struct CommandFailure {
  Failure failure;
  bool is_partial = false;
  std::vector<std::string> notes = {};
};

/// Neither the environment nor a configuration file counts, nothing is written to stdout or stderr, and
/// nothing of one call is left for the next.
std::expected<CommandAnswer, CommandFailure> CallCommand(const CommandCall& call);

}  // namespace lockkeeper
