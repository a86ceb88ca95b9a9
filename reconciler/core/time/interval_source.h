#pragma once

#include <optional>

#include "schemas/instant.h"

namespace lockkeeper {

/// The time line that calendars answer for. An interval that reaches its end never closes: its end is
/// Instant::max().
inline constexpr Instant kTimeLineBegin = std::chrono::sys_days{std::chrono::year{1} / 1 / 1};
inline constexpr Instant kTimeLineEnd = std::chrono::sys_days{std::chrono::year{10'000} / 1 / 1};

/// Intervals on the time line, apart from each other and in order. Immutable.
class IntervalSource {
 public:
  IntervalSource() = default;
  IntervalSource(const IntervalSource&) = default;
  IntervalSource(IntervalSource&&) = default;
  IntervalSource& operator=(const IntervalSource&) = default;
  IntervalSource& operator=(IntervalSource&&) = default;
  virtual ~IntervalSource() = default;

  /// The first one that ends after `time`; it may begin before. Nullopt: never again.
  virtual std::optional<Interval> FirstEndingAfter(Instant time) const = 0;
  /// The last one that begins before `time`; it may end after. Nullopt: none.
  virtual std::optional<Interval> LastStartingBefore(Instant time) const = 0;
};

}  // namespace lockkeeper
