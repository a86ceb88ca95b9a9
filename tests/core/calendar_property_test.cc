// Random schedules: written as a calendar and read back they open at the same instants; a window and a VEVENT
// that say the same are the same; a VTIMEZONE that says what the zone database says is that zone.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "reconciler/core/icalendar/calendar_entries.h"
#include "reconciler/core/time/calendar_zones.h"
#include "reconciler/core/time/recurrence.h"
#include "schemas/calendar/decode_calendar.h"
#include "tests/core/time_oracle.h"
#include "tests/core/time_testing.h"

namespace lockkeeper {
namespace {

using std::chrono::days;
using testing::At;
using testing::Civil;
using testing::FindingsText;
using testing::OracleRule;
using testing::Pick;
using testing::Random;

constexpr std::array<const char*, 8> kZones{"UTC",           "Europe/Stockholm",    "America/New_York",
                                            "Europe/Dublin", "Australia/Lord_Howe", "Asia/Kolkata",
                                            "Asia/Gaza",     "Pacific/Chatham"};

/// `20240301T070000`
std::string IcsTime(CivilTime time) {
  std::string text = FormatCivil(time);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

WindowItem RandomItem(Random& random) {
  WindowItem item;
  item.name = fmt::format("w{}", Pick(random, 0, 9));
  item.time_zone.value = kZones[random() % kZones.size()];
  item.start.value = Civil("2023-01-01T00:00:00") + days{Pick(random, 0, 500)} +
                     std::chrono::minutes{15 * Pick(random, 0, 95)};
  item.duration = {std::chrono::minutes{15 * Pick(random, 1, 200)}, {}};
  OracleRule rule = testing::RandomRule(random);
  if (Pick(random, 0, 1) == 0) rule = OracleRule{.freq = Pick(random, 0, 1) == 0 ? "DAILY" : "WEEKLY"};
  if (Pick(random, 0, 5) == 0) rule.count = Pick(random, 1, 200);
  if (Pick(random, 0, 6) != 0) item.recurrence.value = rule.Text();
  return item;
}

MaintenanceSchedule Named(const std::string& zone) {
  MaintenanceSchedule schedule;
  schedule.name.name = "random, with; odd\\ name";
  schedule.time_zone.value = zone;
  return schedule;
}

ScheduleCalendar MustCompile(const MaintenanceSchedule& schedule, const CalendarFiles& files = {}) {
  Diagnostics findings;
  auto calendar = ScheduleCalendar::Compile(schedule, files, findings);
  if (!calendar) {
    ADD_FAILURE() << FindingsText(findings);
    calendar = ScheduleCalendar::Compile(MaintenanceSchedule{}, findings);
  }
  return std::move(*calendar);
}

ScheduleCalendar Allowing(const std::string& text, const std::string& zone) {
  CalendarFiles files;
  files.emplace("c.ics", DecodeCalendar("c.ics", text));
  MaintenanceSchedule schedule = Named(zone);
  schedule.calendars.push_back({.name = "c", .path = {"c.ics", {}}, .allows = true});
  return MustCompile(schedule, files);
}

TEST(CalendarProperty, WhatIsExportedOpensAtTheSameInstants) {
  const uint64_t seed = testing::SeedOr(1);
  size_t openings = 0;
  for (uint64_t i = 0; i < 150; ++i) {
    Random random{seed + i};
    MaintenanceSchedule schedule = Named(kZones[random() % kZones.size()]);
    std::string text = fmt::format("LK_SEED={}", seed + i);
    for (int n = Pick(random, 0, 3); n > 0; --n) schedule.windows.push_back(RandomItem(random));
    for (int n = Pick(random, 0, 2); n > 0; --n) schedule.exclusions.push_back(RandomItem(random));
    for (const WindowItem& item : schedule.windows) text += "\n  window " + item.recurrence.value;
    SCOPED_TRACE(text);
    const ScheduleCalendar calendar = MustCompile(schedule);
    const Instant from = At("2024-02-01T00:00:00Z") + Seconds{Pick(random, 0, 86'400)};
    const Interval span{from, from + days{Pick(random, 1, 500)}};
    std::vector<CalendarEntry> entries;
    AddWindows(schedule, calendar, span, entries);
    const std::string written = FormatCalendar("all", entries, from);
    const ScheduleCalendar back = Allowing(written, kZones[random() % kZones.size()]);
    const auto expected = calendar.Intervals(span.start, span.end, kEveryScope);
    ASSERT_EQ(back.Intervals(span.start, span.end, kEveryScope), expected);
    openings += expected.size();
  }
  EXPECT_GT(openings, 5'000U);
}

TEST(CalendarProperty, AnEventIsTheWindowThatSaysTheSame) {
  const uint64_t seed = testing::SeedOr(1'000);
  for (uint64_t i = 0; i < 200; ++i) {
    Random random{seed + i};
    const WindowItem item = RandomItem(random);
    MaintenanceSchedule schedule = Named("UTC");
    schedule.windows.push_back(item);
    const CivilTime start = std::get<CivilTime>(item.start.value);
    const std::string tzid = "TZID=" + item.time_zone.value;
    std::string event = fmt::format("BEGIN:VEVENT\nDTSTART;{}:{}\nDTEND;{}:{}\n", tzid, IcsTime(start), tzid,
                                    IcsTime(start + item.duration->value));
    if (!item.recurrence.value.empty()) event += "RRULE:" + item.recurrence.value + "\n";
    for (int n = Pick(random, 0, 2); n > 0; --n) {
      const CivilTime gone = start + days{Pick(random, 0, 60)};
      const bool whole_day = Pick(random, 0, 1) == 0;
      const auto day = std::chrono::floor<days>(gone);
      if (whole_day) schedule.windows[0].exdates.push_back({day, {}});
      if (!whole_day) schedule.windows[0].exdates.push_back({WrittenTime{gone}, {}});
      event += whole_day ? fmt::format("EXDATE;VALUE=DATE:{}\n", IcsTime(day).substr(0, 8))
                         : fmt::format("EXDATE;{}:{}\n", tzid, IcsTime(gone));
    }
    SCOPED_TRACE(fmt::format("LK_SEED={}\n{}", seed + i, event));
    const ScheduleCalendar calendar = MustCompile(schedule);
    const ScheduleCalendar back =
        Allowing("BEGIN:VCALENDAR\n" + event + "END:VEVENT\nEND:VCALENDAR\n", "Asia/Tokyo");
    const Instant from = At("2022-12-01T00:00:00Z");
    const Instant to = At("2025-12-01T00:00:00Z");
    ASSERT_EQ(back.Intervals(from, to, kEveryScope), calendar.Intervals(from, to, kEveryScope));
  }
}

CalendarObservance Observance(const char* start, int from, int to, const char* rule) {
  return {.start = Civil(start),
          .offset_from = std::chrono::minutes{from},
          .offset_to = std::chrono::minutes{to},
          .name = "",
          .rules = {{rule, {}}},
          .rdates = {},
          .mark = {}};
}

TEST(CalendarProperty, AZoneByItsRulesIsThatOfTheDatabase) {
  const uint64_t seed = testing::SeedOr(7);
  Random random{seed};
  const std::array<std::pair<const char*, CalendarZone>, 3> zones{{
      {"Europe/Berlin",
       {.id = "a",
        .observances = {Observance("1996-03-31T02:00:00", 60, 120, "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU"),
                        Observance("1996-10-27T03:00:00", 120, 60, "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU")}}},
      {"America/New_York",
       {.id = "b",
        .observances = {Observance("2007-11-04T02:00:00", -240, -300, "FREQ=YEARLY;BYMONTH=11;BYDAY=1SU"),
                        Observance("2007-03-11T02:00:00", -300, -240, "FREQ=YEARLY;BYMONTH=3;BYDAY=2SU")}}},
      {"Australia/Lord_Howe",
       {.id = "c",
        .observances = {Observance("2008-04-06T02:00:00", 660, 630, "FREQ=YEARLY;BYMONTH=4;BYDAY=1SU"),
                        Observance("2008-10-05T02:00:00", 630, 660, "FREQ=YEARLY;BYMONTH=10;BYDAY=1SU")}}},
  }};
  for (const auto& [name, rules] : zones) {
    const auto made = ZoneOfRules(rules);
    ASSERT_TRUE(made.has_value()) << made.error().message;
    const auto known = Zone::Load(name);
    ASSERT_TRUE(known.has_value());
    for (int i = 0; i < 4'000; ++i) {
      // Half of them within hours of a change of the clock in some year to come.
      CivilTime time =
          Civil("2010-01-01T00:00:00") + Seconds{static_cast<int64_t>(random() % (86'400ULL * 365 * 80))};
      if (i % 2 == 0) {
        const CalendarObservance& of = rules.observances[random() % 2];
        const auto rule = ParseRecurrenceRule(of.rules.front().value);
        const Recurrence onsets(*rule, of.start, std::nullopt);
        time = *onsets.NextAtOrAfter(time) + Seconds{Pick(random, -7'500, 7'500)};
      }
      SCOPED_TRACE(fmt::format("LK_SEED={} {} {}", seed, name, FormatCivil(time)));
      ASSERT_EQ(made->Start(time), known->Start(time));
      ASSERT_EQ(made->End(time), known->End(time));
      const Instant instant = known->Start(time) + Seconds{Pick(random, -3'600, 3'600)};
      ASSERT_EQ(made->Civil(instant), known->Civil(instant));
      ASSERT_EQ(made->LastStart(instant), known->LastStart(instant));
      ASSERT_EQ(made->LastEnd(instant), known->LastEnd(instant));
    }
  }
}

}  // namespace
}  // namespace lockkeeper
