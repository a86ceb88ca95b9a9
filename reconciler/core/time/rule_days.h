#pragma once

#include <array>
#include <optional>

#include "reconciler/core/time/recurrence_rule.h"
#include "reconciler/core/time/year_days.h"

namespace lockkeeper {

using CivilDay = std::chrono::local_days;

/// The time line of civil times ends with this year: zones shift instants of the year 9999 into it.
inline constexpr int kLastCivilYear = 10'000;

int YearOf(CivilDay day);
CivilDay FirstDayOf(int year);

/// The days that a completed rule matches from its first day on, INTERVAL included, BYSETPOS, COUNT and UNTIL
/// not. Every question looks at each year at most once and ends with kLastCivilYear.
class RuleDays {
 public:
  RuleDays(const RecurrenceRule& rule, CivilDay first_day);

  CivilDay first_day() const { return first_day_; }
  /// The days of a year; of the first year also those before the first day.
  YearDays Of(int year) const;
  /// The same as if INTERVAL were 1.
  const YearDays& Matching(int year) const;
  std::optional<CivilDay> Next(CivilDay at_or_after) const;
  std::optional<CivilDay> Last(CivilDay at_or_before) const;
  /// True if there is no end to the days and never more than `days` from one to the next.
  bool GapsAtMost(int days) const;

 private:
  YearDays Allowed(int year) const;
  int NextYear(int year) const;
  int YearsToLookAt() const;

  Frequency frequency_;
  int interval_;
  int week_start_;
  CivilDay first_day_;
  int first_year_;
  int first_month_;
  bool empty_ = true;
  std::array<YearDays, YearShape::kCount> tables_;
};

}  // namespace lockkeeper
