// Random schedules against plain lists of occurrences, mapped to instants by the C library.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>

#include "tests/core/time_oracle.h"
#include "tests/core/time_testing.h"

namespace lockkeeper {
namespace {

using std::chrono::days;
using testing::At;
using testing::Civil;
using testing::FindingsText;
using testing::OracleRule;
using testing::OracleZone;
using testing::Pick;
using testing::Random;

constexpr std::array<const char*, 10> kZones{
    "UTC",          "Europe/Stockholm", "America/New_York", "Europe/Dublin",   "Australia/Lord_Howe",
    "Asia/Kolkata", "America/Santiago", "Asia/Gaza",        "Pacific/Chatham", "Africa/Casablanca",
};

const OracleZone& ZoneNamed(const std::string& name) {
  static std::map<std::string, OracleZone> zones;
  auto found = zones.find(name);
  if (found == zones.end()) found = zones.emplace(name, OracleZone{name}).first;
  return found->second;
}

/// An item and what it comes to until the end of the look.
struct RandomItem {
  WindowItem item;
  std::vector<Interval> occurrences;
  std::string text;
};

/// Times of day near clock changes more often than elsewhere.
CivilTime RandomStart(Random& random) {
  const CivilTime day = Civil("2023-01-01T00:00:00") + days{Pick(random, 0, 600)};
  const int hour = Pick(random, 0, 2) == 0 ? Pick(random, 0, 23) : Pick(random, 0, 4);
  return day + std::chrono::hours{hour} + std::chrono::minutes{15 * Pick(random, 0, 3)} +
         Seconds{Pick(random, 0, 5) == 0 ? Pick(random, 0, 59) : 0};
}

Seconds RandomLength(Random& random) {
  switch (Pick(random, 0, 5)) {
    case 0:
      return Seconds{Pick(random, 1, 3'600)};
    case 1:
      return std::chrono::hours{24};
    case 2:
      return std::chrono::hours{Pick(random, 24, 24 * 40)};
    default:
      return std::chrono::minutes{15 * Pick(random, 1, 80)};
  }
}

void AddExDates(Random& random, const OracleZone& zone, std::vector<CivilTime>& starts, RandomItem& out) {
  for (int i = Pick(random, 0, 3); i > 0 && !starts.empty(); --i) {
    const CivilTime gone = starts[random() % std::min<size_t>(starts.size(), 200)];
    const auto day = std::chrono::floor<days>(gone);
    const int kind = Pick(random, 0, 2);
    ExDate exdate = day;
    if (kind == 1) exdate = WrittenTime{gone};
    if (kind == 2) exdate = WrittenTime{zone.Start(gone)};
    out.item.exdates.push_back({exdate, {}});
    out.text += fmt::format(" exdate {} kind {}", FormatCivil(gone), kind);
    std::erase_if(starts, [&](CivilTime start) {
      if (kind == 0) return std::chrono::floor<days>(start) == day;
      return kind == 1 ? start == gone : zone.Start(start) == zone.Start(gone);
    });
  }
}

RandomItem MakeItem(Random& random, const std::string& name, CivilTime last) {
  RandomItem out;
  const std::string zone_name = kZones[random() % kZones.size()];
  const OracleZone& zone = ZoneNamed(zone_name);
  const CivilTime start = RandomStart(random);
  const Seconds length = RandomLength(random);
  OracleRule rule = testing::RandomRule(random);
  if (Pick(random, 0, 1) == 0) rule = OracleRule{.freq = Pick(random, 0, 1) == 0 ? "DAILY" : "WEEKLY"};
  if (Pick(random, 0, 5) == 0) rule.count = Pick(random, 1, 200);
  std::optional<Instant> until;
  if (!rule.count && Pick(random, 0, 3) == 0) {
    until = Instant{start.time_since_epoch()} + Seconds{Pick(random, 0, 86'400 * 500)};
    rule.until = *until;
  }
  out.item.name = name;
  out.item.start.value = start;
  out.item.duration = {length, {}};
  out.item.time_zone.value = zone_name;
  std::vector<CivilTime> starts{start};
  if (Pick(random, 0, 9) != 0) {
    out.item.recurrence.value = rule.Text();
    starts = OracleStarts(rule, start, last);
    if (until) std::erase_if(starts, [&](CivilTime time) { return zone.Start(time) > *until; });
  }
  out.text = fmt::format("{} {} {} + {} '{}'", name, zone_name, FormatCivil(start), FormatDuration(length),
                         out.item.recurrence.value);
  AddExDates(random, zone, starts, out);
  for (CivilTime time : starts) {
    const Interval occurrence{zone.Start(time), zone.End(time + length)};
    if (occurrence.start < occurrence.end) out.occurrences.push_back(occurrence);
  }
  return out;
}

/// Open intervals by walking over every instant at which anything begins or ends.
std::vector<Interval> Sweep(const std::vector<RandomItem>& windows,
                            const std::vector<RandomItem>& exclusions) {
  std::map<Instant, std::pair<int, int>> changes;
  for (const RandomItem& item : windows) {
    for (const Interval& occurrence : item.occurrences) {
      ++changes[occurrence.start].first;
      --changes[occurrence.end].first;
    }
  }
  for (const RandomItem& item : exclusions) {
    for (const Interval& occurrence : item.occurrences) {
      ++changes[occurrence.start].second;
      --changes[occurrence.end].second;
    }
  }
  std::vector<Interval> out;
  int open = 0;
  int closed = 0;
  for (auto change = changes.begin(); change != changes.end(); ++change) {
    open += change->second.first;
    closed += change->second.second;
    if (open == 0 || closed > 0) continue;
    const Instant end = std::next(change)->first;
    if (!out.empty() && out.back().end == change->first) {
      out.back().end = end;
    } else {
      out.push_back({change->first, end});
    }
  }
  return out;
}

void CheckQueries(const ScheduleCalendar& calendar, const std::vector<Interval>& expected, Instant from,
                  Instant horizon, Random& random) {
  for (int i = 0; i < 40; ++i) {
    Instant at =
        from + Seconds{static_cast<int64_t>(random() % static_cast<uint64_t>((horizon - from).count()))};
    if (!expected.empty() && i % 4 != 0) {
      const Interval& near = expected[random() % expected.size()];
      at = (i % 2 == 0 ? near.start : near.end) + Seconds{Pick(random, -1, 1)};
    }
    if (at >= horizon) continue;
    SCOPED_TRACE(FormatInstant(at));
    const auto found = std::ranges::upper_bound(expected, at, {}, &Interval::end);
    const bool open = found != expected.end() && found->start <= at;
    ASSERT_EQ(calendar.Open(at, kEveryScope), open);
    auto around = calendar.Around(at, kEveryScope);
    ASSERT_EQ(around.has_value(), open);
    auto next = calendar.NextOpen(at, kEveryScope);
    if (open) {
      ASSERT_EQ(FormatInstant(around->interval.start), FormatInstant(found->start));
      if (found->end < horizon) {
        ASSERT_EQ(around->interval.end, found->end);
      }
      ASSERT_TRUE(around->interval.end == found->end || around->interval.end >= horizon);
      ASSERT_EQ(next, at);
    } else if (found != expected.end() && found->start < horizon) {
      ASSERT_TRUE(next.has_value());
      ASSERT_EQ(FormatInstant(*next), FormatInstant(found->start));
    } else {
      ASSERT_FALSE(next && *next < horizon);
    }
  }
}

TEST(ScheduleProperty, RandomSchedulesAgreeWithTheOracle) {
  const uint64_t seed = testing::SeedOr(1);
  for (int i = 0; i < 400; ++i) {
    Random random{seed + static_cast<uint64_t>(i)};
    const CivilTime last = Civil("2025-12-31T00:00:00");
    const Instant horizon = At("2025-12-25T00:00:00Z");
    MaintenanceSchedule schedule;
    std::vector<RandomItem> windows;
    std::vector<RandomItem> exclusions;
    std::string text = fmt::format("LK_SEED={}", seed + static_cast<uint64_t>(i));
    for (int n = Pick(random, 1, 3); n > 0; --n) windows.push_back(MakeItem(random, "window", last));
    for (int n = Pick(random, 0, 2); n > 0; --n) exclusions.push_back(MakeItem(random, "exclusion", last));
    for (const RandomItem& item : windows) schedule.windows.push_back(item.item), text += "\n  " + item.text;
    for (const RandomItem& item : exclusions)
      schedule.exclusions.push_back(item.item), text += "\n  " + item.text;
    SCOPED_TRACE(text);
    Diagnostics findings;
    auto calendar = ScheduleCalendar::Compile(schedule, findings);
    ASSERT_TRUE(calendar.has_value()) << FindingsText(findings);
    const std::vector<Interval> expected = Sweep(windows, exclusions);
    CheckQueries(*calendar, expected, At("2022-12-30T00:00:00Z"), horizon, random);
    std::vector<Interval> clipped;
    const Instant from = At("2024-03-01T00:00:00Z");
    const Instant to = At("2025-04-15T00:00:00Z");
    for (Interval interval : expected) {
      interval = {std::max(interval.start, from), std::min(interval.end, to)};
      if (interval.start < interval.end) clipped.push_back(interval);
    }
    ASSERT_EQ(calendar->Intervals(from, to, kEveryScope), clipped);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace lockkeeper
