#pragma once

#include <cstdint>
#include <string>

#include "schemas/instant.h"

namespace lockkeeper {

enum class WallKind : uint8_t { kUnique, kSkipped, kRepeated };

/// The instants at which a wall-clock time is shown. Of a skipped one only `change`, when the clock jumps
/// over it, means something; of a unique one `first` and `last` are the same, and `change` means nothing.
struct WallMapping {
  WallKind kind = WallKind::kUnique;
  Instant first;
  Instant change;
  Instant last;
};

/// What the clocks of a zone show. Immutable.
class ZoneRules {
 public:
  virtual ~ZoneRules() = default;
  virtual CivilTime Shown(Instant instant) const = 0;
  virtual WallMapping Map(CivilTime time) const = 0;
  /// `CET`
  virtual std::string Abbreviation(Instant instant) const = 0;
};

}  // namespace lockkeeper
