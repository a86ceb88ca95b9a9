#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reconciler/core/plan/contender.h"
#include "reconciler/core/plan/gate.h"
#include "schemas/kinds/upgrade.h"

namespace lockkeeper {

/// Whether somebody has approved an upgrade, or one stage of it (an index into its plan's stages): SPEC 2.9.
/// An approval binds to the target and, where it names one, the set of clusters; one of the whole upgrade
/// counts for each of its stages, and one of a stage for the clusters of that stage. Blocked: with what is
/// wrong with the approval that comes nearest.
GateResult JudgeApprovals(PlanContext& context, uint32_t upgrade, std::optional<size_t> stage,
                          const ApprovalRule& rule);

/// Whether an author (`name <e-mail>`) is one of the approvers, who are written as either of them.
bool IsAmong(const std::vector<std::string>& approvers, std::string_view author);

/// The hash that an approval of this stage (or of the whole upgrade) names.
std::string ApprovalSet(const PlanContext& context, uint32_t upgrade, std::optional<size_t> stage);

}  // namespace lockkeeper
