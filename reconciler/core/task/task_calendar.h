#pragma once

#include <chrono>
#include <optional>

#include "reconciler/core/time/recurrence.h"
#include "reconciler/core/time/zone.h"
#include "schemas/diagnostic.h"
#include "schemas/kinds/task.h"

namespace lockkeeper {

struct DueDate {
  std::chrono::local_days date;  ///< in the task's zone
  Instant due;
  bool operator==(const DueDate&) const = default;
};

/// When a task falls due: the starts of its rule, mapped to instants as the starts of windows are (SPEC 3).
/// At most one on a date. Immutable; every question ends in bounded time.
class TaskCalendar {
 public:
  /// Nullopt after at least one error in `findings`.
  static std::optional<TaskCalendar> Compile(const MaintenanceTask& task, Diagnostics& findings);

  /// The last one at or before the instant; nullopt: none.
  std::optional<DueDate> LastAtOrBefore(Instant at) const;
  /// The first one after the instant; nullopt: never again.
  std::optional<DueDate> FirstAfter(Instant at) const;
  /// The last one on an earlier date, and the first on a later.
  std::optional<DueDate> Before(std::chrono::local_days date) const;
  std::optional<DueDate> After(std::chrono::local_days date) const;

  const Zone& zone() const { return zone_; }
  const Recurrence& starts() const { return starts_; }
  CivilTime start() const { return start_; }  ///< startTime on the wall

 private:
  TaskCalendar(Zone zone, Recurrence starts, CivilTime start)
      : zone_(std::move(zone)), starts_(std::move(starts)), start_(start) {}
  std::optional<DueDate> Mapped(std::optional<CivilTime> time) const;

  Zone zone_;
  Recurrence starts_;
  CivilTime start_;
};

}  // namespace lockkeeper
