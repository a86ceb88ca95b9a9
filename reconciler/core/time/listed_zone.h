#pragma once

#include <string>
#include <vector>

#include "reconciler/core/time/zone.h"

namespace lockkeeper {

/// From `at` on the clock is `offset` ahead of UTC.
struct ZoneChange {
  Instant at;
  Seconds offset{0};
  std::string abbreviation;
};

/// Clocks are never further from UTC than that, and no two changes are nearer to each other.
inline constexpr Seconds kZoneOffsetMax = std::chrono::hours{18};
inline constexpr Seconds kZoneChangeDistanceMin = std::chrono::hours{48};

/// A zone made of its changes, in any order; where two are at one instant the later in the list counts.
/// `before` holds until the first of them. kInvalid: offsets too large, or changes too near to each other, so
/// that wall-clock times would not go on in order.
Result<Zone> MakeListedZone(std::string name, ZoneChange before, std::vector<ZoneChange> changes);

}  // namespace lockkeeper
