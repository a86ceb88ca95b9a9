#pragma once

#include <optional>
#include <vector>

#include "reconciler/core/time/recurrence.h"
#include "reconciler/core/time/zone.h"

namespace lockkeeper {

/// The time line that calendars answer for. An interval that reaches its end never closes: its end is
/// Instant::max().
inline constexpr Instant kTimeLineBegin = std::chrono::sys_days{std::chrono::year{1} / 1 / 1};
inline constexpr Instant kTimeLineEnd = std::chrono::sys_days{std::chrono::year{10'000} / 1 / 1};

/// Starts from `first` to `last`, both inclusive.
struct CivilRange {
  CivilTime first;
  CivilTime last;
};

/// One window item on the time line: the occurrences of its rule, those that touch on the wall clock merged
/// into runs. Runs that touch only because the clock changes stay apart. Immutable.
class WindowRuns {
 public:
  /// `length` is counted on the wall clock; starts in `removed` (exdates) are taken away.
  WindowRuns(Zone zone, Recurrence starts, Seconds length, std::vector<CivilRange> removed);

  /// The first run that ends after `time`; it may begin before. Nullopt: never again.
  std::optional<Interval> FirstEndingAfter(Instant time) const;
  /// The last run that begins before `time`; it may end after. Nullopt: none.
  std::optional<Interval> LastStartingBefore(Instant time) const;

  const Zone& zone() const { return zone_; }
  const Recurrence& starts() const { return starts_; }
  Seconds length() const { return length_; }

 private:
  struct Block {
    int first;
    int last;
  };

  std::optional<CivilTime> NextKept(CivilTime at_or_after) const;
  std::optional<CivilTime> LastKept(CivilTime at_or_before) const;
  CivilTime LastOfRun(CivilTime start) const;
  CivilTime FirstOfRun(CivilTime start) const;
  CivilTime LeapForward(CivilTime start) const;
  CivilTime LeapBack(CivilTime start) const;
  std::optional<Block> BlockOf(CivilTime start) const;
  Interval Mapped(CivilTime first, CivilTime last) const;

  Zone zone_;
  Recurrence starts_;
  Seconds length_;
  std::vector<CivilRange> removed_;  ///< sorted, apart from each other
  std::vector<Block> blocks_;  ///< for each time of day those of the same day that it is in one run with
  std::optional<CivilRange> endless_;  ///< the first and last start, where all occurrences are one run
};

}  // namespace lockkeeper
