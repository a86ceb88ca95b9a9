#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "reconciler/cli/command.h"
#include "reconciler/core/simulate/compare.h"

namespace lockkeeper {

/// `plan --diff REVISION`: what comes of the branch, beside what would come of the other commit.
CliResult<ExitCode> ShowPlanDiff(const std::string& revision, const std::string& to, Invocation& call);

/// Two futures of one horizon, and what differs.
struct PlanDiffView {
  const Future& base;
  const Future& head;
  std::string revision;  ///< as it was written
  std::vector<Difference> differences;
};
nlohmann::ordered_json PlanDiffJson(const PlanDiffView& view);
std::string PlanDiffText(const PlanDiffView& view, const Style& style);

}  // namespace lockkeeper
