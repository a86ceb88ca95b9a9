#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reconciler/core/simulate/simulate.h"

namespace lockkeeper {

enum class DifferenceKind : uint8_t {
  kEarlier,     ///< its first bump that differs comes earlier, or where none does its end
  kLater,       ///< likewise
  kAppears,     ///< it makes bumps, and made none before
  kDisappears,  ///< the other way round
  kOther,       ///< it goes elsewhere, over other releases, or ends with another outcome
};
std::string_view Name(DifferenceKind kind);

/// What becomes of one cluster of one upgrade.
struct Course {
  std::vector<Event> bumps;
  std::optional<Event> end;
};

/// One cluster of one upgrade for which two futures differ in bumps or end.
struct Difference {
  ObjectName upgrade;
  std::string cluster;
  DifferenceKind kind = DifferenceKind::kOther;
  Seconds by{0};  ///< of kEarlier and kLater: how much, always positive
  Course before;
  Course after;
  std::string why;  ///< of kDisappears: the gate that holds it then, and what that says
};

/// What a change of manifests does to the future. Sorted by upgrade, then cluster.
std::vector<Difference> Compare(const Future& before, const Future& after);

}  // namespace lockkeeper
