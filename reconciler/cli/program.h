#pragma once

#include <string>
#include <vector>

namespace lockkeeper {

/// The whole program: reads the command line, the environment and the configuration file, runs one command
/// and says what the exit code is. `arguments` are without the program's name.
int RunProgram(std::vector<std::string> arguments);

}  // namespace lockkeeper
