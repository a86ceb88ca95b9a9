#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/error.h"

namespace lockkeeper {

struct ChildCommand {
  std::string program;                   ///< a path; no search
  std::vector<std::string> arguments;    ///< without the program's own name
  std::string folder;                    ///< working directory
  std::vector<std::string> environment;  ///< NAME=value, all there is
  std::string input;                     ///< at most 4 KiB
  std::chrono::milliseconds time_max{0};
};

struct ChildOutcome {
  int exit_code = 0;  ///< 128 + the signal where one ended it
  bool timed_out = false;
  std::string output;  ///< stdout and stderr, the first 16 KiB
};

/// Runs a program in its own process group and waits for it. At the deadline the group is killed. What the
/// program leaves running in the background is not waited for. An error means that it could not be started.
Result<ChildOutcome> RunChild(const ChildCommand& command);

}  // namespace lockkeeper
