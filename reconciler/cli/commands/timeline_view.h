#pragma once

#include <cstddef>
#include <string>

#include "reconciler/cli/commands/simulate_view.h"

namespace lockkeeper {

/// A chart at most `width` columns wide, in ASCII: a row for each cluster that moves or ends, or, where there
/// are more than kTimelineRowsMax, for each stage of each upgrade; a column for each day, or for several.
std::string TimelineText(const SimulateView& view, size_t width, const Style& style);

inline constexpr size_t kTimelineRowsMax = 60;

}  // namespace lockkeeper
