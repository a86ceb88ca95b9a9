#pragma once

#include <string>

#include "reconciler/cli/command.h"

namespace lockkeeper {

/// The innermost command that the arguments named; the program itself where they named none.
const CLI::App& ChosenCommand(const CLI::App& program);

/// What is left over of the arguments, said in words, with the nearest command or option; empty: nothing is.
std::string LeftoverProblem(const CLI::App& program);

/// CLI11's own errors in the program's words: the option or argument, then what is wrong.
std::string ParseProblem(const CLI::ParseError& error);

}  // namespace lockkeeper
