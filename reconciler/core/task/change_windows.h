#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "reconciler/core/plan/fleet_model.h"
#include "reconciler/core/status/record.h"

namespace lockkeeper {

/// When a task's changes may be made: now, or from some instant on.
struct ChangeOpening {
  std::optional<Instant> at;  ///< the first instant at or after now; nullopt: never, as far as is known now
  std::string gate;           ///< what holds them until then: manifest, lock or window; empty: nothing
  std::string why;
};

/// Answers for one plan. What a task changes is of no kind that exclusions and locks could be limited to, so
/// that each of them counts whatever its scope. The schedules' runway and spread hold as for a bump.
class ChangeWindows {
 public:
  ChangeWindows(const FleetModel& model, Instant now) : model_(model), now_(now) {}

  /// Of one cluster, by its schedules and locks. nullopt: of the fleet, by those schedules and locks that
  /// cover every cluster, else by the default schedules.
  const ChangeOpening& For(std::optional<uint32_t> cluster);
  /// The window that is open now; nullopt: no schedule governs this.
  std::optional<WindowRecord> Current(std::optional<uint32_t> cluster);

 private:
  struct Windows {
    Seconds runway{0};
    Seconds delay{0};
    ScheduleSet set;
  };
  using Key = std::pair<std::vector<uint32_t>, Seconds>;

  const Windows& WindowsOf(std::optional<uint32_t> cluster);
  ChangeOpening Ask(std::optional<uint32_t> cluster);
  ChangeOpening AskSchedules(const Windows& windows, const std::vector<const ClusterLock*>& locks);
  std::optional<Instant> FirstStart(const Windows& windows, Instant from);

  const FleetModel& model_;
  Instant now_;
  std::map<std::optional<uint32_t>, Windows> windows_;
  std::map<std::optional<uint32_t>, ChangeOpening> openings_;
  std::map<std::pair<Key, Instant>, std::optional<Instant>> starts_;  ///< schedules that never meet cost most
};

}  // namespace lockkeeper
