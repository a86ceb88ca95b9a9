#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/error.h"

namespace lockkeeper {

/// Where what a program writes to stderr goes: into `output`, in order with the rest, or into `errors`.
enum class ChildErrors : bool { kWithOutput, kApart };

struct ChildCommand {
  std::string program;                   ///< a path; no search
  std::vector<std::string> arguments;    ///< without the program's own name
  std::string folder;                    ///< working directory
  std::vector<std::string> environment;  ///< NAME=value, all there is
  std::string input;
  std::vector<std::string> files{};  ///< contents that it finds at /dev/fd/3, /dev/fd/4 ...; in memory only
  ChildErrors errors = ChildErrors::kWithOutput;
  std::chrono::milliseconds time_max{0};
};

struct ChildOutcome {
  int exit_code = 0;  ///< 128 + the signal where one ended it
  bool timed_out = false;
  std::string output;  ///< the first 16 KiB
  std::string errors;  ///< likewise
};

/// Runs a program in its own process group and waits for it. At the deadline the group is killed. What the
/// program leaves running in the background is not waited for. An error means that it could not be started.
Result<ChildOutcome> RunChild(const ChildCommand& command);

}  // namespace lockkeeper
