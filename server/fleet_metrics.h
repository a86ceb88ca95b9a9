#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "reconciler/core/plan/fleet_model.h"
#include "reconciler/core/plan/make_plan.h"
#include "reconciler/core/status/record.h"
#include "reconciler/core/status/task_record.h"
#include "schemas/instant.h"

namespace lockkeeper {

/// How many, by one word or two; words that count nothing are there with 0 wherever all of them are known.
using CountByWord = std::map<std::string, uint64_t>;
using CountByWords = std::map<std::pair<std::string, std::string>, uint64_t>;

/// What one commit says at one instant, in numbers. No names of clusters; of upgrades at most
/// kUpgradesNamedMax, the others together as `other`.
struct FleetMetrics {
  static constexpr size_t kUpgradesNamedMax = 50;

  CountByWord decisions;          ///< by action
  CountByWords held;              ///< decisions that wait or are blocked, by the first gate and its verdict
  CountByWord clusters;           ///< of the inventory: running | pending (an upgrade wants them) | idle
  CountByWord upgrades;           ///< by state
  CountByWords upgrade_clusters;  ///< by upgrade, and state or outcome
  CountByWord outcomes;           ///< of clusters whose part in an upgrade has ended
  CountByWord locks;              ///< active | future | expired
  CountByWord schedules;          ///< open | closed | broken
  CountByWord tasks;              ///< due dates: open | overdue | done
  CountByWord findings;           ///< error | warning
  std::optional<Instant> next_wake;
};

/// Pure. `plan` is of `model` and `book`; what holds is said for `plan.at`.
FleetMetrics MeasureFleet(const FleetModel& model, const StatusBook& book, const TaskBook& tasks,
                          const Plan& plan);

}  // namespace lockkeeper
