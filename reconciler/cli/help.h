#pragma once

#include <string>

#include "reconciler/cli/command.h"
#include "reconciler/cli/output/style.h"

namespace lockkeeper {

/// What --help shows about a command, or about the whole program.
std::string HelpText(const CLI::App& command, const Style& style);

/// `lockkeeper calendar export`
std::string FullName(const CLI::App& command);

/// The commands below one, without the hidden ones.
std::vector<const CLI::App*> CommandsBelow(const CLI::App& command);

}  // namespace lockkeeper
