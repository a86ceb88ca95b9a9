#include "reconciler/core/simulate/assumptions.h"

#include <algorithm>

namespace lockkeeper {

Outcome Assumptions::OutcomeOf(const std::string& cluster) const {
  auto found = outcomes.find(cluster);
  return found == outcomes.end() ? Outcome::kSuccess : found->second;
}

Seconds Assumptions::DurationOf(const ClusterUpgrade* upgrade) const {
  if (duration) return *duration;
  if (upgrade == nullptr) return kUsualDuration;
  const Seconds usual = upgrade->runway.value_or(kUsualDuration);
  return upgrade->finish_timeout ? std::min(usual, *upgrade->finish_timeout) : usual;
}

}  // namespace lockkeeper
