#pragma once

#include <string>

#include "reconciler/cli/command.h"
#include "reconciler/core/plan/decision.h"
#include "reconciler/core/plan/observation.h"

namespace lockkeeper {

/// `--observed FILE` of the commands that decide; - is stdin.
CLI::Option* AddObserved(CommandLine& line, CLI::App& command, std::string& file);

/// What the file says; nothing where `file` is empty. kNothingDone with every problem and its place.
CliResult<Observations> ReadObserved(const std::string& file);

/// Says which observations are of no cluster that the plan decides about: a slip in a name would otherwise
/// look like a cluster that nobody looked at.
void NoteUnused(const Observations& observed, const Plan& plan, const Invocation& call);

}  // namespace lockkeeper
