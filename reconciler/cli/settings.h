#pragma once

#include <CLI/CLI.hpp>

namespace lockkeeper {

/// Gives every option its environment variable, LOCKKEEPER_[COMMAND_]OPTION, and the whole its --config FILE.
/// What is on the command line wins over the environment, and that over the file. Call it when all commands
/// have been added.
void AddSettings(CLI::App& app);

}  // namespace lockkeeper
