#pragma once

namespace lockkeeper {

class CommandLine;

/// `lockkeeper run`: the daemon (SPEC 8).
void AddRun(CommandLine& line);

}  // namespace lockkeeper
