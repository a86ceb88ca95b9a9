#pragma once

#include "reconciler/cli/command.h"

namespace lockkeeper {

/// Adds every command that there is, in the order in which the help shows them.
void AddCommands(CommandLine& line);

}  // namespace lockkeeper
