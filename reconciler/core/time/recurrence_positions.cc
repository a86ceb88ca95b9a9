// BYSETPOS: the starts of one period (a week, month or year) are listed and the positions pick from the list.
#include <algorithm>
#include <array>

#include "reconciler/core/time/recurrence.h"

namespace lockkeeper {
namespace {

using std::chrono::days;
using std::chrono::floor;

int DayNumber(CivilDay day) { return static_cast<int>(day.time_since_epoch().count()); }
CivilDay DayOf(int number) { return CivilDay{days{number}}; }

int FloorDivide(int a, int b) { return a / b - (a % b < 0 ? 1 : 0); }

int MonthIndex(CivilDay day) {
  const std::chrono::year_month_day date{day};
  return static_cast<int>(date.year()) * 12 + static_cast<int>(static_cast<unsigned>(date.month())) - 1;
}

CivilDay FirstOfMonth(int index) {
  return CivilDay{std::chrono::year{FloorDivide(index, 12)} /
                  std::chrono::month{static_cast<unsigned>(index - FloorDivide(index, 12) * 12 + 1)} / 1};
}

int WeekStart(CivilDay day, int week_start) {
  const int weekday = static_cast<int>(std::chrono::weekday{day}.c_encoding());
  return DayNumber(day) - (weekday - week_start + 7) % 7;
}

}  // namespace

/// What sorted positions (BYSETPOS) pick from `size` things, as sorted indices.
std::vector<int> Recurrence::PickedIndices(const std::vector<int>& positions, int size) {
  std::vector<int> out;
  auto keep = [&](int index) {
    if (index >= 0 && index < size) out.push_back(index);
  };
  // Those from the end and those from the beginning are each in order already.
  const auto positive = std::ranges::lower_bound(positions, 0);
  for (auto position = positions.begin(); position != positive; ++position) keep(size + *position);
  const auto middle = static_cast<ptrdiff_t>(out.size());
  for (auto position = positive; position != positions.end(); ++position) keep(*position - 1);
  std::inplace_merge(out.begin(), out.begin() + middle, out.end());
  auto repeated = std::ranges::unique(out);
  out.erase(repeated.begin(), repeated.end());
  return out;
}

/// Periods count from 0, the one that holds the start; INTERVAL leaves out those between. A time between two
/// of them belongs to the one before.
int Recurrence::PeriodOf(CivilTime time) const {
  const CivilDay first = floor<days>(start_);
  const CivilDay day = floor<days>(time);
  switch (rule_.frequency) {
    case Frequency::kWeekly:
      return FloorDivide((WeekStart(day, rule_.week_start) - WeekStart(first, rule_.week_start)) / 7,
                         rule_.interval);
    case Frequency::kMonthly:
      return FloorDivide(MonthIndex(day) - MonthIndex(first), rule_.interval);
    default:
      return FloorDivide(YearOf(day) - YearOf(first), rule_.interval);
  }
}

/// Nullopt: past the end of the time line.
std::optional<Recurrence::Period> Recurrence::PeriodAt(int index) const {
  const CivilDay first = floor<days>(start_);
  const int64_t units = int64_t{index} * rule_.interval;
  if (units > int64_t{kLastCivilYear} * 366) return std::nullopt;
  const int skipped = static_cast<int>(units);
  int begin = 0;
  int end = 0;
  switch (rule_.frequency) {
    case Frequency::kWeekly:
      begin = WeekStart(first, rule_.week_start) + 7 * skipped;
      end = begin + 7;
      break;
    case Frequency::kMonthly:
      if (skipped > kLastCivilYear * 12) return std::nullopt;
      begin = DayNumber(FirstOfMonth(MonthIndex(first) + skipped));
      end = DayNumber(FirstOfMonth(MonthIndex(first) + skipped + 1));
      break;
    default:
      if (skipped > kLastCivilYear) return std::nullopt;
      begin = DayNumber(FirstDayOf(YearOf(first) + skipped));
      end = DayNumber(FirstDayOf(YearOf(first) + skipped + 1));
      break;
  }
  if (begin >= DayNumber(FirstDayOf(kLastCivilYear + 1))) return std::nullopt;
  return Period{begin, end};
}

/// After so many periods the calendar has come round once, for every interval: nothing by then means never.
int Recurrence::PeriodsToLookAt() const {
  switch (rule_.frequency) {
    case Frequency::kWeekly:
      return 20'871 + 1;
    case Frequency::kMonthly:
      return 4'800 + 1;
    default:
      return 400 + 1;
  }
}

/// How many starts a period has to pick from.
int Recurrence::SizeOf(Period period) const {
  int count = 0;
  for (int year = YearOf(DayOf(period.first_day)); year <= YearOf(DayOf(period.end_day - 1)); ++year) {
    const int year_start = DayNumber(FirstDayOf(year));
    const YearDays& set = days_.Matching(year);
    count += set.CountBelow(std::min(period.end_day - year_start, 366)) -
             set.CountBelow(std::max(period.first_day - year_start, 0));
  }
  return count * static_cast<int>(times_.size());
}

void Recurrence::Pick(Period period, std::vector<CivilTime>& out) const {
  out.clear();
  std::array<int, 366> matching{};
  int count = 0;
  for (int year = YearOf(DayOf(period.first_day)); year <= YearOf(DayOf(period.end_day - 1)); ++year) {
    const YearDays& set = days_.Matching(year);
    const int year_start = DayNumber(FirstDayOf(year));
    for (auto day = set.Next(std::max(0, period.first_day - year_start));
         day && year_start + *day < period.end_day; day = set.Next(*day + 1)) {
      matching[static_cast<size_t>(count++)] = year_start + *day;
    }
  }
  const int per_day = static_cast<int>(times_.size());
  for (int index : PickedIndices(positions_, count * per_day)) {
    out.push_back(DayOf(matching[static_cast<size_t>(index / per_day)]) +
                  Seconds{times_[static_cast<size_t>(index % per_day)]});
  }
}

std::optional<CivilTime> Recurrence::NextPicked(CivilTime time) const {
  std::vector<CivilTime> picked;
  const int first = PeriodOf(time);
  for (int index = first; index <= first + PeriodsToLookAt(); ++index) {
    auto period = PeriodAt(index);
    if (!period) return std::nullopt;
    Pick(*period, picked);
    auto found = std::ranges::lower_bound(picked, time);
    if (found != picked.end()) return *found;
  }
  return std::nullopt;
}

std::optional<CivilTime> Recurrence::LastPicked(CivilTime time) const {
  std::vector<CivilTime> picked;
  const int first = PeriodOf(time);
  for (int index = first; index >= std::max(0, first - PeriodsToLookAt()); --index) {
    auto period = PeriodAt(index);
    if (!period) continue;
    Pick(*period, picked);
    auto after = std::ranges::upper_bound(picked, time);
    if (after != picked.begin()) return *(after - 1);
  }
  return std::nullopt;
}

std::optional<CivilTime> Recurrence::CountedPicked(int count) const {
  std::vector<CivilTime> picked;
  int known_size = 0;
  int known_picks = 0;
  // A run of empty periods as long as the cycle means that there is no other.
  for (int index = 0, empty = 0; empty <= PeriodsToLookAt(); ++index) {
    auto period = PeriodAt(index);
    if (!period) return std::nullopt;
    const int size = SizeOf(*period);
    if (size != known_size) {
      known_size = size;
      known_picks = static_cast<int>(PickedIndices(positions_, size).size());
    }
    empty = known_picks == 0 ? empty + 1 : 0;
    // Only the first period can have picks before the start.
    if (index > 0 && count > known_picks) {
      count -= known_picks;
      continue;
    }
    Pick(*period, picked);
    const auto first = std::ranges::lower_bound(picked, start_);
    const int here = static_cast<int>(picked.end() - first);
    if (count <= here) return *(first + (count - 1));
    count -= here;
  }
  return std::nullopt;
}

}  // namespace lockkeeper
