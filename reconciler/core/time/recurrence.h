#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "reconciler/core/time/recurrence_rule.h"
#include "reconciler/core/time/rule_days.h"

namespace lockkeeper {

/// The starts that a rule makes from a first wall-clock time, RFC 5545 3.3.10. All in civil time: no zone, no
/// instant. Parts that the rule leaves out come from `start`; `start` itself counts only if the rule produces
/// it. Nothing is ever stepped from `start`, so a rule begun long ago costs what a new one costs. Immutable.
class Recurrence {
 public:
  /// `start` alone.
  static Recurrence Once(CivilTime start);
  /// `until` is the rule's UNTIL as wall-clock time, inclusive. COUNT is turned into such a time here.
  Recurrence(RecurrenceRule rule, CivilTime start, std::optional<CivilTime> until);

  /// Nullopt: never.
  std::optional<CivilTime> NextAtOrAfter(CivilTime time) const;
  std::optional<CivilTime> LastAtOrBefore(CivilTime time) const;

  /// Times of day, sorted, in seconds. Every day of the rule has all of them, unless BYSETPOS picks (then
  /// empty).
  const std::vector<int>& times_of_day() const;
  /// True if, but for COUNT and UNTIL, there is no end to the starts and never more than `gap` from one to
  /// the next.
  bool GapsAtMost(Seconds gap) const;

 private:
  explicit Recurrence(CivilTime start);

  std::optional<CivilTime> Next(CivilTime time) const;
  std::optional<CivilTime> Last(CivilTime time) const;
  std::optional<CivilTime> NextPicked(CivilTime time) const;
  std::optional<CivilTime> LastPicked(CivilTime time) const;
  std::optional<CivilTime> Counted(int count) const;
  std::optional<CivilTime> CountedPicked(int count) const;

  struct Period {
    int first_day;
    int end_day;
  };
  int PeriodOf(CivilTime time) const;
  std::optional<Period> PeriodAt(int index) const;
  int PeriodsToLookAt() const;
  static std::vector<int> PickedIndices(const std::vector<int>& positions, int size);
  int SizeOf(Period period) const;
  void Pick(Period period, std::vector<CivilTime>& out) const;

  RecurrenceRule rule_;
  CivilTime start_;
  bool once_ = false;
  std::vector<int> times_;
  std::vector<int> positions_;  ///< BYSETPOS, unless it is settled in times_
  RuleDays days_;
  CivilTime until_;
};

}  // namespace lockkeeper
