#include "reconciler/core/time/year_days.h"

#include <algorithm>
#include <bit>
#include <chrono>

#include "schemas/assert.h"

namespace lockkeeper {
namespace {

constexpr std::array<int, 13> kMonthStarts{0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};

/// First day of a month, 1 to 12, and with 13 the length of the year.
int MonthStart(const YearShape& shape, int month) {
  return kMonthStarts[static_cast<size_t>(month - 1)] + (shape.leap && month > 2 ? 1 : 0);
}

YearDays DaysOfMonths(const std::vector<int>& months, const YearShape& shape) {
  YearDays out;
  for (int month : months) out.AddRange(MonthStart(shape, month), MonthStart(shape, month + 1));
  return out;
}

YearDays DaysOfMonthDays(const std::vector<int>& month_days, const YearShape& shape) {
  YearDays out;
  for (int month = 1; month <= 12; ++month) {
    const int first = MonthStart(shape, month);
    const int end = MonthStart(shape, month + 1);
    for (int day : month_days) {
      int at = day > 0 ? first + day - 1 : end + day;
      if (at >= first && at < end) out.Add(at);
    }
  }
  return out;
}

YearDays DaysOfYearDays(const std::vector<int>& year_days, const YearShape& shape) {
  YearDays out;
  for (int day : year_days) {
    int at = day > 0 ? day - 1 : shape.days() + day;
    if (at >= 0 && at < shape.days()) out.Add(at);
  }
  return out;
}

/// The `ordinal`th such weekday of [first, end), or all of them for 0.
void AddWeekdays(YearDays& out, const YearShape& shape, const RuleDay& day, int first, int end) {
  const int weekday_of_first = (shape.first_weekday + first) % 7;
  const int earliest = first + (day.weekday - weekday_of_first + 7) % 7;
  if (day.ordinal == 0) {
    for (int at = earliest; at < end; at += 7) out.Add(at);
    return;
  }
  const int latest = earliest + (end - 1 - earliest) / 7 * 7;
  const int at = day.ordinal > 0 ? earliest + 7 * (day.ordinal - 1) : latest + 7 * (day.ordinal + 1);
  if (at >= first && at < end) out.Add(at);
}

YearDays DaysOfWeekdays(const RecurrenceRule& rule, const YearShape& shape) {
  YearDays out;
  const bool by_month =
      rule.frequency == Frequency::kMonthly || (rule.frequency == Frequency::kYearly && !rule.months.empty());
  for (const RuleDay& day : rule.days) {
    if (day.ordinal == 0 || !by_month) {
      AddWeekdays(out, shape, day, 0, shape.days());
      continue;
    }
    for (int month = 1; month <= 12; ++month) {
      AddWeekdays(out, shape, day, MonthStart(shape, month), MonthStart(shape, month + 1));
    }
  }
  return out;
}

/// Where week 1 begins, as an offset from that 1 January: it is the first week with four days in the year.
int FirstWeekStart(int first_weekday, int week_start) {
  const int into_week = (first_weekday - week_start + 7) % 7;
  return into_week <= 3 ? -into_week : 7 - into_week;
}

/// BYWEEKNO numbers the weeks of a week-based year. Its first and last weeks reach into the calendar years
/// beside it, so three of them can have days in one calendar year.
YearDays DaysOfWeeks(const RecurrenceRule& rule, const YearShape& shape) {
  const int before = shape.after_leap ? 366 : 365;
  const int after = shape.before_leap ? 366 : 365;
  const int weekday_before = (shape.first_weekday - before % 7 + 7) % 7;
  const int weekday_after = (shape.first_weekday + shape.days()) % 7;
  const int weekday_after_next = (weekday_after + after) % 7;
  const std::array<int, 4> starts{
      FirstWeekStart(weekday_before, rule.week_start) - before,
      FirstWeekStart(shape.first_weekday, rule.week_start),
      FirstWeekStart(weekday_after, rule.week_start) + shape.days(),
      FirstWeekStart(weekday_after_next, rule.week_start) + shape.days() + after,
  };
  YearDays out;
  for (size_t year = 0; year < 3; ++year) {
    const int weeks = (starts[year + 1] - starts[year]) / 7;
    for (int number : rule.weeks) {
      const int week = number > 0 ? number : weeks + 1 + number;
      if (week < 1 || week > weeks) continue;
      const int first = starts[year] + 7 * (week - 1);
      out.AddRange(first, std::min(first + 7, shape.days()));
    }
  }
  return out;
}

}  // namespace

void YearDays::Add(int day) { words_[static_cast<size_t>(day) / 64] |= uint64_t{1} << (day % 64); }

void YearDays::AddRange(int first, int end) {
  first = std::max(first, 0);
  end = std::min(end, 366);
  while (first < end) {
    const int word_end = std::min(end, (first / 64 + 1) * 64);
    const uint64_t bits = ~uint64_t{0} >> (64 - (word_end - first));
    words_[static_cast<size_t>(first) / 64] |= bits << (first % 64);
    first = word_end;
  }
}

bool YearDays::Has(int day) const { return (words_[static_cast<size_t>(day) / 64] >> (day % 64) & 1) != 0; }

bool YearDays::Empty() const {
  return std::ranges::all_of(words_, [](uint64_t word) { return word == 0; });
}

int YearDays::Count() const {
  int count = 0;
  for (uint64_t word : words_) count += std::popcount(word);
  return count;
}

int YearDays::CountBelow(int day) const {
  int count = 0;
  size_t word = 0;
  for (; word < static_cast<size_t>(day) / 64; ++word) count += std::popcount(words_[word]);
  if (day % 64 != 0) count += std::popcount(words_[word] << (64 - day % 64));
  return count;
}

std::optional<int> YearDays::Next(int day) const {
  size_t word = static_cast<size_t>(day) / 64;
  if (word >= words_.size()) return std::nullopt;
  uint64_t bits = words_[word] >> (day % 64) << (day % 64);
  while (bits == 0) {
    if (++word == words_.size()) return std::nullopt;
    bits = words_[word];
  }
  return static_cast<int>(word) * 64 + std::countr_zero(bits);
}

std::optional<int> YearDays::Last(int day) const {
  if (day < 0) return std::nullopt;
  size_t word = static_cast<size_t>(day) / 64;
  uint64_t bits = words_[word] << (63 - day % 64) >> (63 - day % 64);
  while (bits == 0) {
    if (word-- == 0) return std::nullopt;
    bits = words_[word];
  }
  return static_cast<int>(word) * 64 + 63 - std::countl_zero(bits);
}

int YearDays::Nth(int index) const {
  LK_ASSERT(index >= 0);
  for (size_t word = 0; word < words_.size(); ++word) {
    uint64_t bits = words_[word];
    const int here = std::popcount(bits);
    if (index >= here) {
      index -= here;
      continue;
    }
    for (; index > 0; --index) bits &= bits - 1;
    return static_cast<int>(word) * 64 + std::countr_zero(bits);
  }
  LK_ASSERT(false);
}

YearDays& YearDays::operator&=(const YearDays& other) {
  for (size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
  return *this;
}

YearDays& YearDays::operator|=(const YearDays& other) {
  for (size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
  return *this;
}

YearShape YearShape::FromIndex(int index) {
  const int leaps = index % 4;
  return {
      .first_weekday = index / 4, .leap = leaps == 1, .after_leap = leaps == 2, .before_leap = leaps == 3};
}

YearShape YearShape::Of(int year) {
  using std::chrono::year_month_day;
  const std::chrono::year y{year};
  const std::chrono::weekday first{std::chrono::local_days{y / 1 / 1}};
  return {.first_weekday = static_cast<int>(first.c_encoding()),
          .leap = y.is_leap(),
          .after_leap = (y - std::chrono::years{1}).is_leap(),
          .before_leap = (y + std::chrono::years{1}).is_leap()};
}

YearDays MatchingDays(const RecurrenceRule& rule, const YearShape& shape) {
  YearDays out;
  out.AddRange(0, shape.days());
  if (!rule.months.empty()) out &= DaysOfMonths(rule.months, shape);
  if (!rule.weeks.empty()) out &= DaysOfWeeks(rule, shape);
  if (!rule.year_days.empty()) out &= DaysOfYearDays(rule.year_days, shape);
  if (!rule.month_days.empty()) out &= DaysOfMonthDays(rule.month_days, shape);
  if (!rule.days.empty()) out &= DaysOfWeekdays(rule, shape);
  return out;
}

}  // namespace lockkeeper
