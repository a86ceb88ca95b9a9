#pragma once

#include <string>
#include <vector>

#include "gitops/repository/child_process.h"
#include "schemas/error.h"

namespace lockkeeper {

/// The path of a program on the PATH; kDenied: it is not there, and what `package` to install.
Result<std::string> FindProgram(const std::string& name, const std::string& package);

/// This process's environment without its own settings, which may name secrets.
std::vector<std::string> ProgramEnvironment();

/// What a program said, as one line.
std::string SaidLine(const ChildOutcome& outcome);

}  // namespace lockkeeper
