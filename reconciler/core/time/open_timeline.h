#pragma once

#include <optional>
#include <vector>

#include "reconciler/core/time/interval_source.h"

namespace lockkeeper {

/// Where some windows are open and no exclusion is: runs of several items put together. Touching intervals
/// are one. Not for two threads at once: it remembers the run of each item that was asked for last.
class OpenTimeline {
 public:
  /// Without windows all time is open but for the exclusions. The runs must outlive this.
  OpenTimeline(const std::vector<const IntervalSource*>& windows,
               const std::vector<const IntervalSource*>& exclusions);

  /// The first open interval that ends after `time`; it may begin before. Nullopt: none.
  ///
  /// Each rule is followed to the end of the time line. What only several items make together, such as two
  /// windows that take turns without a gap, or exclusions that happen to cover every window, is followed
  /// through kRunsMax runs (more than ten years of daily ones) and then taken to go on for ever.
  std::optional<Interval> FirstEndingAfter(Instant time);

  static constexpr int kRunsMax = 10'000;

 private:
  /// The answer for `asked` holds for every time from it to the run's end.
  struct Item {
    const IntervalSource* runs = nullptr;
    bool known = false;
    Instant asked;
    std::optional<Interval> run;
  };

  const std::optional<Interval>& RunOf(Item& item, Instant time);
  std::optional<Instant> FirstOpen(Instant time);
  Instant CloseOf(Instant open);
  Instant OpeningOf(Instant open);

  std::vector<Item> windows_;
  std::vector<Item> exclusions_;
  int runs_left_ = 0;
};

}  // namespace lockkeeper
