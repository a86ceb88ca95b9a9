#include "reconciler/core/time/rule_days.h"

#include <algorithm>

namespace lockkeeper {
namespace {

using std::chrono::days;

/// Gregorian years repeat after this many, weekdays included.
constexpr int kCycleYears = 400;

int MonthOf(CivilDay day) {
  return static_cast<int>(static_cast<unsigned>(std::chrono::year_month_day{day}.month()));
}

int DayNumber(CivilDay day) { return static_cast<int>(day.time_since_epoch().count()); }

int WeekStart(int day_number, int week_start) {
  const int weekday = ((day_number + 4) % 7 + 7) % 7;  // 1970-01-01 was a Thursday.
  return day_number - (weekday - week_start + 7) % 7;
}

/// The smallest number >= `from` that is `base` plus a multiple of `step`.
int AlignUp(int from, int base, int step) {
  const int rest = (from - base) % step;
  if (rest == 0) return from;
  return rest > 0 ? from - rest + step : from - rest;
}

/// The first and last day of a set and the longest way from one to the next.
struct GapSummary {
  int count = 0;
  int first = 0;
  int last = 0;
  int gap = 0;
};

GapSummary Summarize(const YearDays& set) {
  GapSummary out{.count = set.Count()};
  if (out.count == 0) return out;
  out.first = set.Next(0).value_or(0);
  out.last = set.Last(365).value_or(0);
  if (out.last - out.first + 1 == out.count) {
    out.gap = 1;
    return out;
  }
  int previous = out.first;
  for (auto day = set.Next(previous + 1); day; day = set.Next(*day + 1)) {
    out.gap = std::max(out.gap, *day - previous);
    previous = *day;
  }
  return out;
}

}  // namespace

int YearOf(CivilDay day) { return static_cast<int>(std::chrono::year_month_day{day}.year()); }

CivilDay FirstDayOf(int year) { return CivilDay{std::chrono::year{year} / 1 / 1}; }

RuleDays::RuleDays(const RecurrenceRule& rule, CivilDay first_day)
    : frequency_(rule.frequency),
      interval_(rule.interval),
      week_start_(rule.week_start),
      first_day_(first_day),
      first_year_(YearOf(first_day)),
      first_month_(MonthOf(first_day)) {
  for (int index = 0; index < YearShape::kCount; ++index) {
    YearDays& table = tables_[static_cast<size_t>(index)];
    // Only week numbers look across the year's ends; otherwise shapes 2 and 3 are shape 0.
    const int plain = index - index % 4;
    const bool same_as_plain = rule.weeks.empty() && index % 4 > 1;
    table =
        same_as_plain ? tables_[static_cast<size_t>(plain)] : MatchingDays(rule, YearShape::FromIndex(index));
    empty_ = empty_ && table.Empty();
  }
}

YearDays RuleDays::Allowed(int year) const {
  YearDays out;
  const int year_start = DayNumber(FirstDayOf(year));
  switch (frequency_) {
    case Frequency::kDaily:
      for (int day = AlignUp(year_start, DayNumber(first_day_), interval_) - year_start; day < 366;
           day += interval_) {
        out.Add(day);
      }
      break;
    case Frequency::kWeekly: {
      const int first_week = WeekStart(DayNumber(first_day_), week_start_);
      const int step = 7 * std::min(interval_, kRuleIntervalMax / 7);
      for (int week = AlignUp(year_start - 6, first_week, step) - year_start; week < 366; week += step) {
        out.AddRange(week, week + 7);
      }
      break;
    }
    case Frequency::kMonthly:
      for (int month = 1; month <= 12; ++month) {
        if (((year - first_year_) * 12 + month - first_month_) % interval_ != 0) continue;
        const CivilDay first{std::chrono::year{year} / month / 1};
        const CivilDay last{std::chrono::year{year} / month / std::chrono::last};
        out.AddRange(DayNumber(first) - year_start, DayNumber(last) + 1 - year_start);
      }
      break;
    case Frequency::kYearly:
      if ((year - first_year_) % interval_ == 0) out.AddRange(0, 366);
      break;
  }
  return out;
}

const YearDays& RuleDays::Matching(int year) const {
  return tables_[static_cast<size_t>(YearShape::Of(year).Index())];
}

YearDays RuleDays::Of(int year) const {
  YearDays out = Matching(year);
  if (interval_ > 1 && !out.Empty()) out &= Allowed(year);
  return out;
}

int RuleDays::NextYear(int year) const {
  if (frequency_ != Frequency::kYearly) return year + 1;
  return AlignUp(year + 1, first_year_, interval_);
}

int RuleDays::YearsToLookAt() const {
  // Without an interval a year comes again after one cycle, so a rule that has matched nothing by then never
  // will.
  return interval_ == 1 ? kCycleYears : kLastCivilYear;
}

std::optional<CivilDay> RuleDays::Next(CivilDay at_or_after) const {
  if (empty_) return std::nullopt;
  const CivilDay from = std::max(at_or_after, first_day_);
  int year = YearOf(from);
  const int last_year = std::min(kLastCivilYear, year + YearsToLookAt());
  int day = DayNumber(from) - DayNumber(FirstDayOf(year));
  for (; year <= last_year; year = NextYear(year)) {
    if (auto found = Of(year).Next(day)) return FirstDayOf(year) + days{*found};
    day = 0;
  }
  return std::nullopt;
}

std::optional<CivilDay> RuleDays::Last(CivilDay at_or_before) const {
  if (empty_ || at_or_before < first_day_) return std::nullopt;
  int year = YearOf(at_or_before);
  int day = DayNumber(at_or_before) - DayNumber(FirstDayOf(year));
  if (year > kLastCivilYear) {
    year = kLastCivilYear;
    day = 365;
  }
  const int first_year = std::max(first_year_, year - YearsToLookAt());
  for (; year >= first_year; --year) {
    if (auto found = Of(year).Last(day)) {
      const CivilDay out = FirstDayOf(year) + days{*found};
      if (out < first_day_) return std::nullopt;
      return out;
    }
    day = 365;
  }
  return std::nullopt;
}

bool RuleDays::GapsAtMost(int max_days) const {
  // A cheap no first: most windows are shorter than their rule's period.
  if (empty_ || (frequency_ == Frequency::kDaily && max_days < interval_)) return false;
  std::array<std::optional<GapSummary>, YearShape::kCount> known;
  std::optional<int> last_day;
  const int last_year = std::min(kLastCivilYear, first_year_ + YearsToLookAt() + 1);
  for (int year = first_year_; year <= last_year; ++year) {
    const int year_start = DayNumber(FirstDayOf(year));
    GapSummary summary;
    if (year == first_year_) {
      YearDays from_start;
      from_start.AddRange(DayNumber(first_day_) - year_start, 366);
      summary = Summarize(from_start &= Of(year));
    } else if (interval_ > 1) {
      summary = Summarize(Of(year));
    } else {
      auto& kept = known[static_cast<size_t>(YearShape::Of(year).Index())];
      if (!kept) kept = Summarize(Matching(year));
      summary = *kept;
    }
    if (summary.count == 0) {
      if (last_day && year_start + 365 - *last_day > max_days) return false;
      continue;
    }
    if (summary.gap > max_days) return false;
    if (last_day && year_start + summary.first - *last_day > max_days) return false;
    last_day = year_start + summary.last;
  }
  return last_day.has_value();
}

}  // namespace lockkeeper
