#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "reconciler/cli/output/style.h"
#include "reconciler/core/simulate/simulate.h"

namespace lockkeeper {

/// What of a future is shown, and on whose wall clock.
struct SimulateView {
  const Future& future;
  std::function<bool(const ObjectName& upgrade, const std::string& cluster)> is_meant;
  std::string zone = "UTC";
  std::string assumed;  ///< a sentence; empty: nothing had to be assumed
};

/// SPEC 6: `{"from","to","events":[...]}`, and `held`: who has not come to an end.
nlohmann::ordered_json SimulateJson(const SimulateView& view);

/// Bumps and endings by day, then who has not come to an end, and why.
std::string SimulateText(const SimulateView& view, const Style& style);

/// The heading of both texts, and their end.
std::string SimulateHeading(const SimulateView& view, const Style& style);
std::string HeldText(const SimulateView& view, const Style& style);

/// `c1, c2, c3 and 40 more`.
std::string ClusterList(const std::vector<std::string>& clusters);

}  // namespace lockkeeper
