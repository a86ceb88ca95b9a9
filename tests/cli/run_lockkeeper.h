#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/temp_repository.h"

namespace lockkeeper {

struct RunOptions {
  std::string folder = "/";  ///< where it runs
  std::string_view input;    ///< stdin
  std::vector<std::pair<std::string, std::string>> environment;
  std::string output_file;  ///< instead of what ProgramResult::output shows: `/dev/full`
};

/// Runs the real program as a child, with an environment that holds nothing of this machine. An exit by a
/// signal gives 128 and its number.
ProgramResult RunLockkeeper(const std::vector<std::string>& arguments, const RunOptions& options = {});

}  // namespace lockkeeper
