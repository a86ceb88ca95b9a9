#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "schemas/kinds/match.h"

namespace lockkeeper {

/// `matchers` as it would be written in full, without defaults.
nlohmann::json MatchersJson(const ClusterMatch& match);

/// In an order of its own: matchLabels is a mapping, so the order in which it was written means nothing.
std::vector<SelectorRequirement> SortedRequirements(const ClusterMatch& match);

}  // namespace lockkeeper
