#pragma once

#include <string>
#include <utility>
#include <vector>

#include "reconciler/cli/exit_code.h"
#include "reconciler/daemon/api_resources.h"
#include "schemas/instant.h"

namespace lockkeeper {

/// A query in a command's own words.
struct ApiQuestion {
  std::vector<std::string> arguments;
  Instant now;
};

/// kUsage, with the parameter's name first: one that the resource does not have (with those that it has), one
/// that is missing, empty or there too often, a `now` that is no instant, a simulation longer than
/// `simulated_max`. `clock` is for what is said from now. Pure.
CliResult<ApiQuestion> ReadQuestion(const ApiResource& resource,
                                    const std::vector<std::pair<std::string, std::string>>& query,
                                    Instant clock, std::chrono::days simulated_max);

/// A command's message in the query's words: `CLUSTER: ...` is `cluster: ...`, and `--from` is `from`.
std::string InQueryWords(const ApiResource& resource, std::string message);

}  // namespace lockkeeper
