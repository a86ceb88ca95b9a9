#include "tests/core/time_oracle.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <set>

namespace lockkeeper::testing {
namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::weekday;
using std::chrono::year_month_day;

constexpr std::array<const char*, 7> kDayNames{"SU", "MO", "TU", "WE", "TH", "FR", "SA"};

int WeekdayOf(local_days day) { return static_cast<int>(weekday{day}.c_encoding()); }
int YearOfDay(local_days day) { return static_cast<int>(year_month_day{day}.year()); }
int MonthOfDay(local_days day) {
  return static_cast<int>(static_cast<unsigned>(year_month_day{day}.month()));
}
local_days NewYear(int year) { return local_days{std::chrono::year{year} / 1 / 1}; }
local_days MonthBegin(int year, int month) { return local_days{std::chrono::year{year} / month / 1}; }
local_days MonthFinish(int year, int month) {
  return local_days{std::chrono::year{year} / month / std::chrono::last} + days{1};
}
local_days WeekBegin(local_days day, int wkst) {
  while (WeekdayOf(day) != wkst) day -= days{1};
  return day;
}

/// `number` counts from 1, or from -1 at the end.
bool Counts(const std::vector<int>& list, int number, int size) {
  return std::ranges::any_of(list, [&](int n) { return n == number || n == number - size - 1; });
}

bool MatchesWeek(const OracleRule& rule, local_days day) {
  // A week belongs to the year that has its fourth day.
  const local_days fourth = WeekBegin(day, rule.wkst) + days{3};
  const int year = YearOfDay(fourth);
  int weeks = 0;
  int number = 0;
  for (local_days d = NewYear(year); d < NewYear(year + 1); d += days{1}) {
    if (WeekdayOf(d) != WeekdayOf(fourth)) continue;
    ++weeks;
    if (d == fourth) number = weeks;
  }
  return Counts(rule.byweekno, number, weeks);
}

bool MatchesDay(const OracleRule& rule, local_days day) {
  const int year = YearOfDay(day);
  local_days begin = NewYear(year);
  local_days end = NewYear(year + 1);
  if (rule.freq == "MONTHLY" || (rule.freq == "YEARLY" && !rule.bymonth.empty())) {
    begin = MonthBegin(year, MonthOfDay(day));
    end = MonthFinish(year, MonthOfDay(day));
  }
  int before = 0;
  int all = 0;
  for (local_days d = begin; d < end; d += days{1}) {
    if (WeekdayOf(d) != WeekdayOf(day)) continue;
    ++all;
    if (d <= day) ++before;
  }
  return std::ranges::any_of(rule.byday, [&](auto entry) {
    if (entry.second != WeekdayOf(day)) return false;
    return entry.first == 0 || entry.first == before || entry.first == before - all - 1;
  });
}

/// RFC 5545 3.3.10: for a day, expanding and limiting come to the same: every part that is given must hold.
bool Matches(const OracleRule& rule, local_days day, local_days start) {
  const year_month_day date{day};
  const year_month_day from{start};
  const int year = YearOfDay(day);
  const int month = MonthOfDay(day);
  const int of_month = static_cast<int>(static_cast<unsigned>(date.day()));
  const int month_days = static_cast<int>((MonthFinish(year, month) - MonthBegin(year, month)).count());
  const int of_year = static_cast<int>((day - NewYear(year)).count()) + 1;
  const int year_days = static_cast<int>((NewYear(year + 1) - NewYear(year)).count());
  if (!rule.bymonth.empty() && !Counts(rule.bymonth, month, 100)) return false;
  if (!rule.byweekno.empty() && !MatchesWeek(rule, day)) return false;
  if (!rule.byyearday.empty() && !Counts(rule.byyearday, of_year, year_days)) return false;
  if (!rule.bymonthday.empty() && !Counts(rule.bymonthday, of_month, month_days)) return false;
  if (!rule.byday.empty() && !MatchesDay(rule, day)) return false;
  const bool no_day =
      rule.byweekno.empty() && rule.byyearday.empty() && rule.bymonthday.empty() && rule.byday.empty();
  if (!no_day) return true;
  if (rule.freq == "WEEKLY") return WeekdayOf(day) == WeekdayOf(start);
  if (rule.freq == "MONTHLY") return date.day() == from.day();
  if (rule.freq == "YEARLY")
    return date.day() == from.day() && (!rule.bymonth.empty() || date.month() == from.month());
  return true;
}

std::pair<local_days, local_days> PeriodAround(const OracleRule& rule, local_days day) {
  if (rule.freq == "DAILY") return {day, day + days{1}};
  if (rule.freq == "WEEKLY") return {WeekBegin(day, rule.wkst), WeekBegin(day, rule.wkst) + days{7}};
  const int year = YearOfDay(day);
  if (rule.freq == "MONTHLY") return {MonthBegin(year, MonthOfDay(day)), MonthFinish(year, MonthOfDay(day))};
  return {NewYear(year), NewYear(year + 1)};
}

std::vector<CivilTime> StartsOfPeriod(const OracleRule& rule, CivilTime start, local_days begin,
                                      local_days end) {
  const auto start_day = std::chrono::floor<days>(start);
  const std::chrono::hh_mm_ss clock{start - start_day};
  auto or_start = [](const std::vector<int>& list, int64_t of_start) {
    return list.empty() ? std::vector<int>{static_cast<int>(of_start)} : list;
  };
  std::set<CivilTime> all;
  for (local_days day = begin; day < end; day += days{1}) {
    if (!Matches(rule, day, start_day)) continue;
    for (int hour : or_start(rule.byhour, clock.hours().count())) {
      for (int minute : or_start(rule.byminute, clock.minutes().count())) {
        for (int second : or_start(rule.bysecond, clock.seconds().count())) {
          all.insert(day + std::chrono::hours{hour} + std::chrono::minutes{minute} + Seconds{second});
        }
      }
    }
  }
  std::vector<CivilTime> sorted{all.begin(), all.end()};
  if (rule.bysetpos.empty()) return sorted;
  std::vector<CivilTime> picked;
  for (size_t i = 0; i < sorted.size(); ++i) {
    if (Counts(rule.bysetpos, static_cast<int>(i) + 1, static_cast<int>(sorted.size())))
      picked.push_back(sorted[i]);
  }
  return picked;
}

template <class Show>
void AddPart(std::string& out, const char* name, const auto& list, Show show) {
  if (list.empty()) return;
  std::vector<std::string> items;
  for (const auto& item : list) items.push_back(show(item));
  out += fmt::format(";{}={}", name, fmt::join(items, ","));
}

std::string CompactTime(CivilTime time) {
  std::string out = FormatCivil(time);
  std::erase_if(out, [](char c) { return c == '-' || c == ':'; });
  return out;
}

/// Up to `most` different values.
std::vector<int> SomeOf(Random& random, int min, int max, int most, bool negative) {
  std::set<int> out;
  for (int i = Pick(random, 1, most); i > 0; --i) {
    const int value = Pick(random, min, max);
    out.insert(negative && Pick(random, 0, 2) == 0 ? -value : value);
  }
  return {out.begin(), out.end()};
}

}  // namespace

std::string OracleRule::Text() const {
  std::string out = "FREQ=" + freq;
  if (interval != 1) out += fmt::format(";INTERVAL={}", interval);
  if (count) out += fmt::format(";COUNT={}", *count);
  if (until) {
    const auto* civil = std::get_if<CivilTime>(&*until);
    out += ";UNTIL=" + (civil != nullptr
                            ? CompactTime(*civil)
                            : CompactTime(CivilTime{std::get<Instant>(*until).time_since_epoch()}) + "Z");
  }
  if (wkst != 1) out += fmt::format(";WKST={}", kDayNames[static_cast<size_t>(wkst)]);
  auto number = [](int n) { return std::to_string(n); };
  AddPart(out, "BYMONTH", bymonth, number);
  AddPart(out, "BYWEEKNO", byweekno, number);
  AddPart(out, "BYYEARDAY", byyearday, number);
  AddPart(out, "BYMONTHDAY", bymonthday, number);
  AddPart(out, "BYDAY", byday, [](auto entry) {
    return (entry.first == 0 ? "" : std::to_string(entry.first)) +
           kDayNames[static_cast<size_t>(entry.second)];
  });
  AddPart(out, "BYHOUR", byhour, number);
  AddPart(out, "BYMINUTE", byminute, number);
  AddPart(out, "BYSECOND", bysecond, number);
  AddPart(out, "BYSETPOS", bysetpos, number);
  return out;
}

std::vector<CivilTime> OracleStarts(const OracleRule& rule, CivilTime start, CivilTime last) {
  std::vector<CivilTime> out;
  if (rule.until && std::holds_alternative<CivilTime>(*rule.until))
    last = std::min(last, std::get<CivilTime>(*rule.until));
  auto [begin, end] = PeriodAround(rule, std::chrono::floor<days>(start));
  for (int skipped = 0; CivilTime{begin} <= last; ++skipped) {
    if (skipped % rule.interval == 0) {
      for (CivilTime time : StartsOfPeriod(rule, start, begin, end)) {
        if (time < start) continue;
        if (time > last || (rule.count && static_cast<int>(out.size()) == *rule.count)) return out;
        out.push_back(time);
      }
    }
    std::tie(begin, end) = PeriodAround(rule, end);
  }
  return out;
}

OracleZone::OracleZone(const std::string& name) {
  setenv("TZ", name.c_str(), 1);
  tzset();
  auto offset_at = [](int64_t instant) {
    const time_t seconds = instant;
    std::tm shown{};
    localtime_r(&seconds, &shown);
    return static_cast<int64_t>(shown.tm_gmtoff);
  };
  const int64_t begin = 1'262'304'000;  // 2010
  const int64_t end = 2'208'988'800;    // 2040
  segments_.push_back({begin - 400 * 86'400, offset_at(begin)});
  for (int64_t hour = begin; hour < end; hour += 3'600) {
    if (offset_at(hour + 3'600) == offset_at(hour)) continue;
    int64_t instant = hour;
    while (offset_at(instant) == offset_at(hour)) ++instant;
    segments_.push_back({instant, offset_at(instant)});
  }
  segments_.push_back({end, offset_at(end)});
  unsetenv("TZ");
  tzset();
}

/// The first instant at which the wall shows `time` or a later one.
Instant OracleZone::Start(CivilTime time) const {
  const int64_t civil = time.time_since_epoch().count();
  for (size_t i = 0; i < segments_.size(); ++i) {
    const int64_t first = std::max(segments_[i].from, civil - segments_[i].offset);
    if (i + 1 == segments_.size() || first < segments_[i + 1].from) return Instant{Seconds{first}};
  }
  return {};
}

/// The last instant at which the wall shows `time`; where it never does, the first at which it shows a later
/// one.
Instant OracleZone::End(CivilTime time) const {
  const int64_t civil = time.time_since_epoch().count();
  for (size_t i = segments_.size(); i-- > 0;) {
    const int64_t instant = civil - segments_[i].offset;
    if (instant >= segments_[i].from && (i + 1 == segments_.size() || instant < segments_[i + 1].from)) {
      return Instant{Seconds{instant}};
    }
  }
  return Start(time);
}

int Pick(Random& random, int min, int max) {
  return min + static_cast<int>(random() % static_cast<uint64_t>(max - min + 1));
}

OracleRule RandomRule(Random& random) {
  OracleRule rule;
  rule.freq = std::array{"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}[static_cast<size_t>(Pick(random, 0, 3))];
  const bool yearly = rule.freq == "YEARLY";
  const bool monthly = rule.freq == "MONTHLY";
  auto one_in = [&](int n) { return Pick(random, 1, n) == 1; };
  if (one_in(2)) rule.interval = Pick(random, 1, one_in(4) ? 40 : 5);
  if (one_in(2)) rule.wkst = Pick(random, 0, 6);
  const bool by_week = yearly && one_in(4);
  if (by_week) {
    rule.interval = 1;
    rule.byweekno = SomeOf(random, 1, 53, 3, true);
    if (one_in(3)) rule.byweekno = {one_in(2) ? 53 : one_in(2) ? 1 : -53};
  }
  if (!by_week && one_in(3)) rule.bymonth = SomeOf(random, 1, 12, 6, false);
  if (yearly && !by_week && one_in(4)) rule.byyearday = SomeOf(random, 1, 366, 8, true);
  if (!by_week && rule.freq != "WEEKLY" && (!yearly || !rule.bymonth.empty()) && one_in(3)) {
    rule.bymonthday = SomeOf(random, 1, 31, 6, true);
  }
  if (by_week || one_in(2)) {
    std::set<std::pair<int, int>> entries;
    for (int i = Pick(random, 1, 4); i > 0; --i) {
      int ordinal = 0;
      if (monthly && one_in(2)) ordinal = Pick(random, 1, 5);
      if (yearly && !by_week && one_in(2)) ordinal = Pick(random, 1, rule.bymonth.empty() ? 53 : 5);
      entries.insert({one_in(3) ? -ordinal : ordinal, Pick(random, 0, 6)});
    }
    rule.byday.assign(entries.begin(), entries.end());
  }
  if (one_in(4)) rule.byhour = SomeOf(random, 0, 23, 4, false);
  if (one_in(5)) rule.byminute = SomeOf(random, 0, 59, 3, false);
  if (one_in(8)) rule.bysecond = SomeOf(random, 0, 59, 3, false);
  const bool any = !rule.bymonth.empty() || !rule.byyearday.empty() || !rule.bymonthday.empty() ||
                   !rule.byday.empty() || !rule.byhour.empty() || !rule.byminute.empty() ||
                   !rule.bysecond.empty();
  if (any && !by_week && one_in(3)) rule.bysetpos = SomeOf(random, 1, one_in(4) ? 366 : 6, 3, true);
  return rule;
}

uint64_t SeedOr(uint64_t fixed) {
  const char* text = std::getenv("LK_SEED");
  return text == nullptr ? fixed : std::strtoull(text, nullptr, 10);
}

}  // namespace lockkeeper::testing
