#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "reconciler/cli/output/style.h"
#include "reconciler/core/status/record.h"
#include "schemas/instant.h"

namespace lockkeeper {

/// SPEC 5's fields, as JSON.
nlohmann::ordered_json StatusJson(const UpgradeRecord& record);
nlohmann::ordered_json ClusterStatusJson(const ClusterRecord& line);

/// One line for each upgrade.
std::string StatusOverview(const std::vector<const UpgradeRecord*>& records, Instant now, const Style& style);
/// One upgrade and its clusters.
std::string StatusText(const UpgradeRecord& record, Instant now, const Style& style);

Paint PaintOf(Outcome outcome);
/// `finished: unverified`, `pending: window`.
std::string StateText(const ClusterRecord& line);

}  // namespace lockkeeper
