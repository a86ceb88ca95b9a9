#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reconciler/core/time/interval_source.h"

namespace lockkeeper {

struct NamedTime {
  Interval interval;
  uint32_t name = 0;  ///< index
};

/// Intervals that are listed one by one: those that overlap or touch are one. Any number of them costs a
/// question no more than a binary search.
class ListedTimes final : public IntervalSource {
 public:
  ListedTimes() = default;
  ListedTimes(std::vector<NamedTime> times, std::vector<std::string> names);

  std::optional<Interval> FirstEndingAfter(Instant time) const override;
  std::optional<Interval> LastStartingBefore(Instant time) const override;
  /// The name of the one that `at` is in; of several the one that began last. Null: none.
  const std::string* NameAt(Instant at) const;
  bool empty() const { return merged_.empty(); }
  /// The end of the last one; only where there is one.
  Instant end() const { return merged_.back().end; }

 private:
  std::vector<Interval> merged_;
  std::vector<NamedTime> times_;  ///< sorted by start
  std::vector<Instant> reach_;    ///< the latest end of each of them and all before it
  std::vector<std::string> names_;
};

}  // namespace lockkeeper
