#pragma once

#include <string>
#include <vector>

namespace lockkeeper {

class CommandLine;
using AddCommand = void (*)(CommandLine&);

/// The whole program: reads the command line, the environment and the configuration file, runs one command
/// and says what the exit code is. `arguments` are without the program's name; `further` add the commands
/// that are built upon this library.
int RunProgram(std::vector<std::string> arguments, const std::vector<AddCommand>& further = {});

}  // namespace lockkeeper
