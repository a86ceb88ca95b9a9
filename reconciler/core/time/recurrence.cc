#include "reconciler/core/time/recurrence.h"

#include <algorithm>

namespace lockkeeper {
namespace {

using std::chrono::days;
using std::chrono::floor;

constexpr Seconds kDay = days{1};

CivilTime EndOfTimeLine() { return CivilTime{FirstDayOf(kLastCivilYear + 1)} - Seconds{1}; }

/// RFC 5545 3.3.10: what is missing is taken from the start.
RecurrenceRule Completed(RecurrenceRule rule, CivilTime start) {
  const CivilDay day = floor<days>(start);
  const std::chrono::year_month_day date{day};
  const bool no_day =
      rule.days.empty() && rule.month_days.empty() && rule.year_days.empty() && rule.weeks.empty();
  const int month_day = static_cast<int>(static_cast<unsigned>(date.day()));
  switch (rule.frequency) {
    case Frequency::kDaily:
      break;
    case Frequency::kWeekly:
      if (rule.days.empty()) {
        rule.days = {{.ordinal = 0, .weekday = static_cast<int>(std::chrono::weekday{day}.c_encoding())}};
      }
      break;
    case Frequency::kMonthly:
      if (no_day) rule.month_days = {month_day};
      break;
    case Frequency::kYearly:
      if (no_day) rule.month_days = {month_day};
      if (no_day && rule.months.empty())
        rule.months = {static_cast<int>(static_cast<unsigned>(date.month()))};
      break;
  }
  const std::chrono::hh_mm_ss clock{start - day};
  if (rule.hours.empty()) rule.hours = {static_cast<int>(clock.hours().count())};
  if (rule.minutes.empty()) rule.minutes = {static_cast<int>(clock.minutes().count())};
  if (rule.seconds.empty()) rule.seconds = {static_cast<int>(clock.seconds().count())};
  return rule;
}

std::vector<int> TimesOfDay(const RecurrenceRule& rule) {
  std::vector<int> out;
  out.reserve(rule.hours.size() * rule.minutes.size() * rule.seconds.size());
  for (int hour : rule.hours) {
    for (int minute : rule.minutes) {
      for (int second : rule.seconds) {
        // RFC 5545 3.3.12: without leap seconds, second 60 is second 59.
        const int time = (hour * 60 + minute) * 60 + std::min(second, 59);
        if (out.empty() || out.back() != time) out.push_back(time);
      }
    }
  }
  return out;
}

}  // namespace

Recurrence Recurrence::Once(CivilTime start) { return Recurrence{start}; }

Recurrence::Recurrence(CivilTime start)
    : start_(start), once_(true), days_(RecurrenceRule{}, floor<days>(start)), until_(start) {
  times_ = {static_cast<int>((start - floor<days>(start)).count())};
}

Recurrence::Recurrence(RecurrenceRule rule, CivilTime start, std::optional<CivilTime> until)
    : rule_(Completed(std::move(rule), start)),
      start_(start),
      times_(TimesOfDay(rule_)),
      positions_(rule_.positions),
      days_(rule_, floor<days>(start)),
      until_(EndOfTimeLine()) {
  if (rule_.frequency == Frequency::kDaily && !positions_.empty()) {
    // A day is a whole period, so the positions always pick the same times.
    std::vector<int> picked;
    for (int index : PickedIndices(positions_, static_cast<int>(times_.size()))) {
      picked.push_back(times_[static_cast<size_t>(index)]);
    }
    times_ = std::move(picked);
    positions_.clear();
  }
  if (until) until_ = std::min(until_, *until);
  if (rule_.count) {
    auto last = positions_.empty() ? Counted(*rule_.count) : CountedPicked(*rule_.count);
    if (last) until_ = std::min(until_, *last);
  }
}

const std::vector<int>& Recurrence::times_of_day() const {
  static const std::vector<int> kNone;
  return positions_.empty() ? times_ : kNone;
}

std::optional<CivilTime> Recurrence::NextAtOrAfter(CivilTime time) const {
  time = std::max(time, start_);
  if (time > until_) return std::nullopt;
  if (once_) return start_;
  auto found = positions_.empty() ? Next(time) : NextPicked(time);
  if (found && *found > until_) return std::nullopt;
  return found;
}

std::optional<CivilTime> Recurrence::LastAtOrBefore(CivilTime time) const {
  time = std::min(time, until_);
  if (time < start_) return std::nullopt;
  if (once_) return start_;
  auto found = positions_.empty() ? Last(time) : LastPicked(time);
  if (found && *found < start_) return std::nullopt;
  return found;
}

std::optional<CivilTime> Recurrence::Next(CivilTime time) const {
  if (times_.empty()) return std::nullopt;
  const CivilDay day = floor<days>(time);
  auto found = days_.Next(day);
  if (found && *found == day) {
    auto of_day = std::ranges::lower_bound(times_, static_cast<int>((time - day).count()));
    if (of_day != times_.end()) return day + Seconds{*of_day};
    found = days_.Next(day + days{1});
  }
  if (!found) return std::nullopt;
  return *found + Seconds{times_.front()};
}

std::optional<CivilTime> Recurrence::Last(CivilTime time) const {
  if (times_.empty()) return std::nullopt;
  const CivilDay day = floor<days>(time);
  auto found = days_.Last(day);
  if (found && *found == day) {
    auto after = std::ranges::upper_bound(times_, static_cast<int>((time - day).count()));
    if (after != times_.begin()) return day + Seconds{*(after - 1)};
    found = days_.Last(day - days{1});
  }
  if (!found) return std::nullopt;
  return *found + Seconds{times_.back()};
}

std::optional<CivilTime> Recurrence::Counted(int count) const {
  if (times_.empty()) return std::nullopt;
  const int per_day = static_cast<int>(times_.size());
  const CivilDay first_day = floor<days>(start_);
  const int first_year = YearOf(first_day);
  for (int year = first_year; year <= kLastCivilYear; ++year) {
    YearDays set = days_.Of(year);
    int before = 0;  // Days and times of the first year that lie before the start.
    if (year == first_year) {
      const int into_year = static_cast<int>((first_day - FirstDayOf(year)).count());
      before = set.CountBelow(into_year) * per_day;
      if (set.Has(into_year)) {
        auto of_day = std::ranges::lower_bound(times_, static_cast<int>((start_ - first_day).count()));
        before += static_cast<int>(of_day - times_.begin());
      }
    }
    const int here = set.Count() * per_day - before;
    if (count > here) {
      count -= here;
      continue;
    }
    const int index = before + count - 1;
    return FirstDayOf(year) + days{set.Nth(index / per_day)} +
           Seconds{times_[static_cast<size_t>(index % per_day)]};
  }
  return std::nullopt;
}

bool Recurrence::GapsAtMost(Seconds gap) const {
  if (once_) return false;
  if (positions_.empty()) {
    if (times_.empty()) return false;
    for (size_t i = 1; i < times_.size(); ++i) {
      if (times_[i] - times_[i - 1] > gap.count()) return false;
    }
    // From the last time of a day to the first of the next matching day.
    const int64_t days_max = (gap.count() + times_.back() - times_.front()) / kDay.count();
    return days_max > 0 && days_.GapsAtMost(static_cast<int>(std::min<int64_t>(days_max, kRuleIntervalMax)));
  }
  auto at = NextPicked(start_);
  // What has no gap for so many of the longest allowed steps has none: the rule's periods are alike within a
  // few years.
  constexpr int kStepsMax = 5'000;
  for (int step = 0; at && step < kStepsMax; ++step) {
    const CivilTime reach = *at + gap;
    if (reach > EndOfTimeLine()) return true;
    auto next = LastPicked(reach);
    if (!next || *next <= *at) return false;
    at = next;
  }
  return at.has_value();
}

}  // namespace lockkeeper
