#pragma once

#include <optional>
#include <vector>

#include "reconciler/core/time/interval_source.h"
#include "reconciler/core/time/recurrence.h"
#include "reconciler/core/time/zone.h"

namespace lockkeeper {

/// Starts from `first` to `last`, both inclusive.
struct CivilRange {
  CivilTime first;
  CivilTime last;
};

/// Sorted, and those that overlap or touch put together.
std::vector<CivilRange> MergedRanges(std::vector<CivilRange> ranges);

/// One window item on the time line: the occurrences of its rule, those that touch on the wall clock merged
/// into runs. Runs that touch only because the clock changes stay apart. Immutable.
class WindowRuns final : public IntervalSource {
 public:
  /// `length` is counted on the wall clock; starts in `removed` (exdates) are taken away.
  WindowRuns(Zone zone, Recurrence starts, Seconds length, std::vector<CivilRange> removed);

  std::optional<Interval> FirstEndingAfter(Instant time) const override;
  std::optional<Interval> LastStartingBefore(Instant time) const override;

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
