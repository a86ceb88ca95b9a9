#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "reconciler/cli/output/output.h"
#include "reconciler/cli/output/style.h"
#include "reconciler/core/plan/decision.h"

namespace lockkeeper {

/// SPEC 6: `{"commit","at","nextWake","decisions":[...]}`.
void WritePlan(const Plan& plan, Output& out);
nlohmann::ordered_json DecisionJson(const Decision& decision);

Paint PaintOf(Action action);
/// `bump`, `wait`, ... as people say it: `done`, `already there`.
std::string ActionText(const Decision& decision);

/// A table by upgrade, then what comes next.
std::string PlanText(const Plan& plan, const Style& style);

}  // namespace lockkeeper
