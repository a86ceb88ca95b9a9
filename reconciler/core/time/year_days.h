#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "reconciler/core/time/recurrence_rule.h"

namespace lockkeeper {

/// A set of days of one year; day 0 is 1 January.
class YearDays {
 public:
  void Add(int day);
  /// [first, end), cut to 0..366.
  void AddRange(int first, int end);
  bool Has(int day) const;
  bool Empty() const;
  int Count() const;
  /// Days below `day`.
  int CountBelow(int day) const;
  /// The first day at or after `day`; nullopt: none.
  std::optional<int> Next(int day) const;
  /// The last day at or before `day`.
  std::optional<int> Last(int day) const;
  /// The day with `index` days of the set before it. 0 <= index < Count().
  int Nth(int index) const;

  YearDays& operator&=(const YearDays& other);
  YearDays& operator|=(const YearDays& other);

 private:
  std::array<uint64_t, 6> words_{};
};

/// All that decides which days of a year a rule without INTERVAL matches.
struct YearShape {
  int first_weekday = 0;  ///< of 1 January, from Sunday = 0
  bool leap = false;
  bool after_leap = false;   ///< the year before is a leap year
  bool before_leap = false;  ///< the year after is one

  static constexpr int kCount = 28;
  int Index() const { return first_weekday * 4 + (leap ? 1 : after_leap ? 2 : before_leap ? 3 : 0); }
  static YearShape FromIndex(int index);
  static YearShape Of(int year);
  int days() const { return leap ? 366 : 365; }
};

/// The days of such a year that a completed rule matches (see Recurrence): all of its BYMONTH, BYWEEKNO,
/// BYYEARDAY, BYMONTHDAY and BYDAY hold. INTERVAL and BYSETPOS do not count here.
YearDays MatchingDays(const RecurrenceRule& rule, const YearShape& shape);

}  // namespace lockkeeper
