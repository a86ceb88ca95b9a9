#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <thread>

#include "tests/core/time_testing.h"

namespace lockkeeper {
namespace {

using testing::At;
using testing::CalendarFromText;
using testing::FindingsText;
using testing::ScheduleFromText;

constexpr auto kMajor = static_cast<ChangeScopes>(ChangeScope::kMajor);
constexpr auto kPatch = static_cast<ChangeScopes>(ChangeScope::kPatch);
constexpr auto kSecurity = static_cast<ChangeScopes>(ChangeScope::kSecurity);

/// `2024-03-31T00:00:00Z/2024-03-31T06:00:00Z ...`
std::string Open(const ScheduleCalendar& calendar, const std::string& from, const std::string& to,
                 ChangeScopes change = kEveryScope) {
  std::string out;
  for (const Interval& interval : calendar.Intervals(At(from), At(to), change)) {
    out += (out.empty() ? "" : " ") + FormatInstant(interval.start) + "/" + FormatInstant(interval.end);
  }
  return out;
}

std::string NextOpen(const ScheduleCalendar& calendar, const std::string& at,
                     ChangeScopes change = kEveryScope) {
  auto next = calendar.NextOpen(At(at), change);
  return next ? FormatInstant(*next) : "never";
}

std::string Around(const ScheduleCalendar& calendar, const std::string& at,
                   ChangeScopes change = kEveryScope) {
  auto around = calendar.Around(At(at), change);
  if (!around) return "closed";
  const Interval& interval = around->interval;
  return around->name + " " + FormatInstant(interval.start) + "/" +
         (interval.end == Instant::max() ? "never" : FormatInstant(interval.end));
}

struct OpenRow {
  const char* name;
  const char* spec;
  const char* from;
  const char* to;
  const char* open;
};

class CalendarIntervals : public ::testing::TestWithParam<OpenRow> {};

TEST_P(CalendarIntervals, AreOpen) {
  const OpenRow& row = GetParam();
  EXPECT_EQ(Open(CalendarFromText(row.spec), row.from, row.to), row.open);
}

const OpenRow kRows[] = {
    {"an_end_is_outside_and_clipped",
     R"({"maintenanceWindows": [{"startTime": "2024-01-01T08:00:00", "duration": "8h",
        "recurrence": "FREQ=DAILY"}]})",
     "2024-01-02T10:00:00Z", "2024-01-03T10:00:00Z",
     "2024-01-02T10:00:00Z/2024-01-02T16:00:00Z 2024-01-03T08:00:00Z/2024-01-03T10:00:00Z"},
    {"a_night_when_the_clock_goes_forward", R"({"timeZone": "Europe/Stockholm", "maintenanceWindows": [
        {"startTime": "2024-01-05T22:00:00", "endTime": "2024-01-06T06:00:00", "recurrence": "FREQ=DAILY"}]})",
     "2024-03-30T12:00:00Z", "2024-03-31T12:00:00Z", "2024-03-30T21:00:00Z/2024-03-31T04:00:00Z"},
    {"a_night_when_the_clock_goes_back", R"({"timeZone": "Europe/Stockholm", "maintenanceWindows": [
        {"startTime": "2024-01-05T22:00:00", "duration": "8h", "recurrence": "FREQ=DAILY"}]})",
     "2024-10-26T12:00:00Z", "2024-10-27T12:00:00Z", "2024-10-26T20:00:00Z/2024-10-27T05:00:00Z"},
    {"a_window_in_the_skipped_hour_is_empty", R"({"timeZone": "Europe/Stockholm", "maintenanceWindows": [
        {"startTime": "2024-03-30T02:00:00", "duration": "1h", "recurrence": "FREQ=DAILY"}]})",
     "2024-03-30T00:00:00Z", "2024-04-02T00:00:00Z",
     "2024-03-30T01:00:00Z/2024-03-30T02:00:00Z 2024-04-01T00:00:00Z/2024-04-01T01:00:00Z"},
    {"a_hole_of_the_skipped_hour_closes", R"({"timeZone": "Europe/Stockholm", "maintenanceWindows": [
        {"startTime": "2024-03-01T03:00:00", "duration": "23h", "recurrence": "FREQ=DAILY"}]})",
     "2024-03-30T02:00:00Z", "2024-04-01T12:00:00Z",
     "2024-03-30T02:00:00Z/2024-04-01T00:00:00Z 2024-04-01T01:00:00Z/2024-04-01T12:00:00Z"},
    {"weekday_is_that_of_the_start", R"({"maintenanceWindows": [{"startTime": "2024-01-01T22:00:00",
        "endTime": "2024-01-02T04:00:00", "recurrence": "FREQ=WEEKLY;BYDAY=FR"}]})",
     "2024-01-01T00:00:00Z", "2024-01-08T00:00:00Z", "2024-01-05T22:00:00Z/2024-01-06T04:00:00Z"},
    {"an_instant_is_converted_once", R"({"timeZone": "Europe/Stockholm", "maintenanceWindows": [
        {"startTime": "2024-01-01T07:00:00Z", "endTime": "2024-01-01T18:00:00+09:00", "recurrence": "FREQ=YEARLY;BYMONTH=7"}]})",
     "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z", "2024-07-01T06:00:00Z/2024-07-01T08:00:00Z"},
    {"touching_windows_are_one", R"({"maintenanceWindows": [
        {"startTime": "2024-01-01T00:00:00", "duration": "4h", "recurrence": "FREQ=DAILY"},
        {"startTime": "2024-01-01T04:00:00", "duration": "2h", "recurrence": "FREQ=DAILY"}]})",
     "2024-01-05T00:00:00Z", "2024-01-06T00:00:00Z", "2024-01-05T00:00:00Z/2024-01-05T06:00:00Z"},
    {"an_exclusion_cuts", R"({"maintenanceWindows": [{"startTime": "2024-01-01T00:00:00", "duration": "12h",
        "recurrence": "FREQ=DAILY"}], "maintenanceExclusions": [
        {"startTime": "2024-01-01T03:00:00", "duration": "1h", "recurrence": "FREQ=DAILY"},
        {"startTime": "2024-01-02T11:00:00", "duration": "2d"}]})",
     "2024-01-02T00:00:00Z", "2024-01-05T00:00:00Z",
     "2024-01-02T00:00:00Z/2024-01-02T03:00:00Z 2024-01-02T04:00:00Z/2024-01-02T11:00:00Z "
     "2024-01-04T11:00:00Z/2024-01-04T12:00:00Z"},
    {"no_windows_means_open_but_for_exclusions", R"({"maintenanceExclusions": [
        {"startTime": "2024-01-05T00:00:00", "duration": "3d", "recurrence": "FREQ=WEEKLY"}]})",
     "2024-01-01T00:00:00Z", "2024-01-14T00:00:00Z",
     "2024-01-01T00:00:00Z/2024-01-05T00:00:00Z 2024-01-08T00:00:00Z/2024-01-12T00:00:00Z"},
    {"nothing_at_all_is_always_open", "{}", "2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z",
     "2024-01-01T00:00:00Z/2024-01-02T00:00:00Z"},
    {"items_have_their_own_zones", R"({"timeZone": "Europe/Stockholm", "maintenanceWindows": [
        {"startTime": "2024-01-01T09:00:00", "duration": "1h", "timeZone": "America/New_York", "recurrence": "FREQ=DAILY"},
        {"startTime": "2024-01-01T09:00:00", "duration": "1h", "recurrence": "FREQ=DAILY"}]})",
     "2024-01-02T00:00:00Z", "2024-01-03T00:00:00Z",
     "2024-01-02T08:00:00Z/2024-01-02T09:00:00Z 2024-01-02T14:00:00Z/2024-01-02T15:00:00Z"},
    {"an_exdate_takes_all_starts_of_a_day", R"({"maintenanceWindows": [{"startTime": "2024-01-01T08:00:00",
        "duration": "1h", "recurrence": "FREQ=DAILY;BYHOUR=8,12", "exdates": ["2024-01-03"]}]})",
     "2024-01-02T12:00:00Z", "2024-01-04T09:00:00Z",
     "2024-01-02T12:00:00Z/2024-01-02T13:00:00Z 2024-01-04T08:00:00Z/2024-01-04T09:00:00Z"},
    {"an_exdate_with_a_time_takes_one", R"({"timeZone": "Europe/Stockholm", "maintenanceWindows": [
        {"startTime": "2024-01-01T08:00:00", "duration": "1h", "recurrence": "FREQ=DAILY;BYHOUR=8,12,16",
         "exdates": ["2024-01-03T08:00:00", "2024-01-03T15:00:00Z", "2024-01-03T12:00:00Z"]}]})",
     "2024-01-03T00:00:00Z", "2024-01-04T00:00:00Z", "2024-01-03T11:00:00Z/2024-01-03T12:00:00Z"},
    {"an_exdate_counts_in_count", R"({"maintenanceWindows": [{"startTime": "2024-01-01T08:00:00",
        "duration": "1h", "recurrence": "FREQ=DAILY;COUNT=3", "exdates": ["2024-01-02"]}]})",
     "2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z",
     "2024-01-01T08:00:00Z/2024-01-01T09:00:00Z 2024-01-03T08:00:00Z/2024-01-03T09:00:00Z"},
    {"an_exdate_opens_a_hole_in_what_is_always_open",
     R"({"maintenanceWindows": [{"startTime": "2024-01-01T00:00:00",
        "duration": "1d", "recurrence": "FREQ=DAILY", "exdates": ["2024-01-03", "2024-01-04T00:00:00Z"]}]})",
     "2024-01-02T00:00:00Z", "2024-01-06T00:00:00Z",
     "2024-01-02T00:00:00Z/2024-01-03T00:00:00Z 2024-01-05T00:00:00Z/2024-01-06T00:00:00Z"},
    {"an_exdate_of_a_single_window",
     R"({"maintenanceWindows": [{"startTime": "2024-01-01T00:00:00", "duration": "1d",
        "exdates": ["2024-01-01"]}]})",
     "2023-01-01T00:00:00Z", "2025-01-01T00:00:00Z", ""},
    {"until_with_z_is_an_instant", R"({"timeZone": "America/New_York", "maintenanceWindows": [
        {"startTime": "2024-03-10T22:00:00", "duration": "1h", "recurrence": "FREQ=DAILY;UNTIL=20240313T020000Z"}]})",
     "2024-03-12T00:00:00Z", "2024-03-20T00:00:00Z",
     "2024-03-12T02:00:00Z/2024-03-12T03:00:00Z 2024-03-13T02:00:00Z/2024-03-13T03:00:00Z"},
    {"until_in_the_repeated_hour_includes_its_first_pass",
     R"({"timeZone": "Europe/Stockholm", "maintenanceWindows": [
        {"startTime": "2024-10-26T02:45:00", "duration": "5m", "recurrence": "FREQ=DAILY;UNTIL=20241027T011500Z"}]})",
     "2024-10-27T00:00:00Z", "2024-10-30T00:00:00Z", "2024-10-27T00:45:00Z/2024-10-27T01:50:00Z"},
    {"the_last_start_of_a_rule_stays_open", R"({"maintenanceWindows": [{"startTime": "2024-01-01T00:00:00",
        "duration": "9d", "recurrence": "FREQ=DAILY;COUNT=3"}]})",
     "2024-01-05T00:00:00Z", "2024-02-01T00:00:00Z", "2024-01-05T00:00:00Z/2024-01-12T00:00:00Z"},
};

INSTANTIATE_TEST_SUITE_P(Rows, CalendarIntervals, ::testing::ValuesIn(kRows),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(Calendar, ExclusionsCountByScope) {
  const ScheduleCalendar calendar = CalendarFromText(R"({
    "maintenanceWindows": [{"name": "w", "startTime": "2024-01-01T00:00:00", "duration": "12h", "recurrence": "FREQ=DAILY"}],
    "maintenanceExclusions": [
      {"name": "big", "startTime": "2024-01-01T02:00:00", "duration": "2h", "recurrence": "FREQ=DAILY", "scope": ["major", "minor"]},
      {"name": "all", "startTime": "2024-01-01T06:00:00", "duration": "2h", "recurrence": "FREQ=DAILY"}]})");
  const char* from = "2024-01-02T00:00:00Z";
  const char* to = "2024-01-03T00:00:00Z";
  EXPECT_EQ(Open(calendar, from, to, kMajor),
            "2024-01-02T00:00:00Z/2024-01-02T02:00:00Z 2024-01-02T04:00:00Z/2024-01-02T06:00:00Z "
            "2024-01-02T08:00:00Z/2024-01-02T12:00:00Z");
  EXPECT_EQ(Open(calendar, from, to, kPatch),
            "2024-01-02T00:00:00Z/2024-01-02T06:00:00Z 2024-01-02T08:00:00Z/2024-01-02T12:00:00Z");
  EXPECT_EQ(Open(calendar, from, to, kPatch | kSecurity), Open(calendar, from, to, kPatch));
  EXPECT_EQ(Open(calendar, from, to, kMajor | kSecurity), Open(calendar, from, to, kMajor));
  EXPECT_EQ(Open(calendar, from, to, 0), "2024-01-02T00:00:00Z/2024-01-02T12:00:00Z");
  const Instant in_big = At("2024-01-02T03:00:00Z");
  EXPECT_EQ(calendar.ExclusionAt(in_big, kMajor), "big");
  EXPECT_EQ(calendar.ExclusionAt(in_big, kPatch), std::nullopt);
  EXPECT_EQ(calendar.WindowAt(in_big), "w");
}

struct NeverRow {
  const char* name;
  const char* spec;
  const char* at;
  const char* around;
  const char* next_open;
};

class CalendarForEver : public ::testing::TestWithParam<NeverRow> {};

TEST_P(CalendarForEver, IsKnownSoon) {
  const NeverRow& row = GetParam();
  const ScheduleCalendar calendar = CalendarFromText(row.spec);
  const std::clock_t begin = std::clock();
  EXPECT_EQ(Around(calendar, row.at), row.around);
  EXPECT_EQ(NextOpen(calendar, row.at), row.next_open);
  EXPECT_LT(static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC, 0.2) << "seconds";
}

const NeverRow kForEverRows[] = {
    {"daily_24h", R"({"timeZone": "Europe/Stockholm", "maintenanceWindows": [{"name": "w",
        "startTime": "2024-01-01T00:00:00", "duration": "1d", "recurrence": "FREQ=DAILY"}]})",
     "2050-06-01T00:00:00Z", "w 2023-12-31T23:00:00Z/never", "2050-06-01T00:00:00Z"},
    {"daily_100_years",
     R"({"maintenanceWindows": [{"name": "w", "startTime": "2024-01-01T00:00:00", "duration": "5000w",
        "recurrence": "FREQ=DAILY"}]})",
     "2050-06-01T00:00:00Z", "w 2024-01-01T00:00:00Z/never", "2050-06-01T00:00:00Z"},
    {"every_second_of_the_day", R"({"maintenanceWindows": [{"name": "w", "startTime": "2024-01-01T00:00:00",
        "duration": "30m", "recurrence": "FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23;BYMINUTE=0,30"}]})",
     "2050-06-01T00:00:00Z", "w 2024-01-01T00:00:00Z/never", "2050-06-01T00:00:00Z"},
    {"every_week_a_week", R"({"timeZone": "America/Santiago", "maintenanceWindows": [{"name": "w",
        "startTime": "2024-01-01T00:00:00", "duration": "1w", "recurrence": "FREQ=WEEKLY"}]})",
     "2050-06-01T00:00:00Z", "w 2024-01-01T03:00:00Z/never", "2050-06-01T00:00:00Z"},
    {"every_third_month_92_days", R"({"maintenanceWindows": [{"name": "w", "startTime": "2024-01-01T00:00:00",
        "duration": "92d", "recurrence": "FREQ=MONTHLY;INTERVAL=3"}]})",
     "2050-06-01T00:00:00Z", "w 2024-01-01T00:00:00Z/never", "2050-06-01T00:00:00Z"},
    {"last_workday_of_the_month_34_days",
     R"({"maintenanceWindows": [{"name": "w", "startTime": "2024-01-31T00:00:00",
        "duration": "36d", "recurrence": "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"}]})",
     "2050-06-01T00:00:00Z", "w 2024-01-31T00:00:00Z/never", "2050-06-01T00:00:00Z"},
    {"two_that_take_turns", R"({"timeZone": "Europe/Stockholm", "maintenanceWindows": [
        {"name": "day", "startTime": "2024-01-01T06:00:00", "duration": "12h", "recurrence": "FREQ=DAILY"},
        {"name": "night", "startTime": "2024-01-01T18:00:00", "duration": "12h", "recurrence": "FREQ=DAILY"}]})",
     "2026-06-01T12:00:00Z", "day 2024-01-01T05:00:00Z/never", "2026-06-01T12:00:00Z"},
    {"until_ends_it",
     R"({"maintenanceWindows": [{"name": "w", "startTime": "2024-01-01T00:00:00", "duration": "1d",
        "recurrence": "FREQ=DAILY;UNTIL=90001231T000000Z"}]})",
     "2050-06-01T00:00:00Z", "w 2024-01-01T00:00:00Z/9001-01-01T00:00:00Z", "2050-06-01T00:00:00Z"},
    {"an_exdate_ends_it",
     R"({"maintenanceWindows": [{"name": "w", "startTime": "2024-01-01T00:00:00", "duration": "1d",
        "recurrence": "FREQ=DAILY", "exdates": ["2044-02-29", "7000-01-01"]}]})",
     "2050-06-01T00:00:00Z", "w 2044-03-01T00:00:00Z/7000-01-01T00:00:00Z", "2050-06-01T00:00:00Z"},
    {"windows_ended",
     R"({"maintenanceWindows": [{"name": "w", "startTime": "2024-01-01T00:00:00", "duration": "1d"}]})",
     "2024-01-02T00:00:00Z", "closed", "never"},
    {"a_rule_without_dates",
     R"({"maintenanceWindows": [{"name": "w", "startTime": "2024-01-01T00:00:00", "duration": "1d",
        "recurrence": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}]})",
     "2024-01-02T00:00:00Z", "closed", "never"},
    {"always_in_the_skipped_hour", R"({"timeZone": "Europe/Stockholm", "maintenanceWindows": [{"name": "w",
        "startTime": "2024-03-31T02:10:00", "duration": "20m", "recurrence": "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU"}]})",
     "2024-01-02T00:00:00Z", "closed", "never"},
    {"an_exclusion_without_end",
     R"({"maintenanceWindows": [{"name": "w", "startTime": "2024-01-01T00:00:00", "duration": "4h",
        "recurrence": "FREQ=DAILY"}], "maintenanceExclusions": [{"startTime": "2024-06-01T00:00:00", "duration": "1d",
        "recurrence": "FREQ=DAILY"}]})",
     "2024-06-02T00:00:00Z", "closed", "never"},
    {"every_window_excluded", R"({"timeZone": "Europe/Stockholm", "maintenanceWindows": [{"name": "w",
        "startTime": "2024-01-01T22:00:00", "duration": "6h", "recurrence": "FREQ=DAILY"}], "maintenanceExclusions": [
        {"startTime": "2024-01-01T20:00:00", "duration": "10h", "recurrence": "FREQ=DAILY"}]})",
     "2024-06-02T00:00:00Z", "closed", "never"},
    {"many_short_windows_under_an_endless_exclusion",
     R"({"maintenanceWindows": [{"name": "w", "startTime": "2024-01-01T00:00:00",
        "duration": "2s", "recurrence": "FREQ=DAILY;BYHOUR=0,1,2,3;BYMINUTE=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15;BYSECOND=0,10,20,30,40,50"}],
        "maintenanceExclusions": [{"startTime": "2023-12-31T23:59:59",
        "duration": "2d", "recurrence": "FREQ=DAILY"}]})",
     "2024-06-02T00:00:00Z", "closed", "never"},
    {"many_short_windows_each_excluded",
     R"({"maintenanceWindows": [{"name": "w", "startTime": "2024-01-01T00:00:01",
        "duration": "2s", "recurrence": "FREQ=DAILY;BYHOUR=0,1,2,3;BYMINUTE=0,1,2,3,4,5,6,7,8,9;BYSECOND=1,11,21,31,41,51"}],
        "maintenanceExclusions": [{"startTime": "2024-01-01T00:00:00",
        "duration": "3s", "recurrence": "FREQ=DAILY;BYHOUR=0,1,2,3;BYMINUTE=0,1,2,3,4,5,6,7,8,9;BYSECOND=0,10,20,30,40,50"}]})",
     "2024-06-02T00:00:00Z", "closed", "never"},
    {"the_last_window_of_the_time_line",
     R"({"maintenanceWindows": [{"name": "w", "startTime": "2024-01-01T22:00:00",
        "duration": "4h", "recurrence": "FREQ=DAILY"}]})",
     "9999-12-31T23:00:00Z", "w 9999-12-31T22:00:00Z/never", "9999-12-31T23:00:00Z"},
    {"the_end_of_the_time_line", R"({"timeZone": "Pacific/Apia", "maintenanceWindows": [{"name": "w",
        "startTime": "9999-12-31T22:00:00", "duration": "4h", "recurrence": "FREQ=DAILY"}]})",
     "9999-12-31T23:59:59Z", "closed", "never"},
    {"the_begin_of_the_time_line", R"({"timeZone": "America/New_York", "maintenanceWindows": [{"name": "w",
        "startTime": "0001-01-01T00:00:00Z", "duration": "1w", "recurrence": "FREQ=DAILY;COUNT=2"}]})",
     "0001-01-01T00:00:00Z", "w 0001-01-01T00:00:00Z/0001-01-09T00:00:00Z", "0001-01-01T00:00:00Z"},
    {"nothing_at_all", "{}", "2024-01-01T00:00:00Z", " 0001-01-01T00:00:00Z/never", "2024-01-01T00:00:00Z"},
};

INSTANTIATE_TEST_SUITE_P(Rows, CalendarForEver, ::testing::ValuesIn(kForEverRows),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(Calendar, InstantsOffTheTimeLineAreNoTrouble) {
  const ScheduleCalendar calendar = CalendarFromText(R"({"maintenanceWindows": [
    {"startTime": "2024-01-01T22:00:00", "duration": "4h", "recurrence": "FREQ=DAILY"}]})");
  for (Instant at : {Instant::max(), Instant::min(), At("9999-12-31T23:59:59Z") + Seconds{1}}) {
    calendar.Open(at, kEveryScope);
    calendar.Around(at, kEveryScope);
    calendar.NextOpen(at, kEveryScope);
    calendar.ExclusionAt(at, kEveryScope);
    calendar.WindowAt(at);
  }
  EXPECT_EQ(calendar.NextOpen(Instant::min(), kEveryScope), At("2024-01-01T22:00:00Z"));
  EXPECT_TRUE(calendar.Intervals(Instant::max(), Instant::min(), kEveryScope).empty());
  EXPECT_TRUE(calendar.Intervals(Instant::min(), At("2024-01-01T22:00:00Z"), kEveryScope).empty());
}

TEST(Calendar, TheOrderOfQuestionsDoesNotMatter) {
  const std::string spec = R"({"timeZone": "Europe/Stockholm", "maintenanceWindows": [
    {"name": "w", "startTime": "2020-01-01T22:00:00", "duration": "5h", "recurrence": "FREQ=DAILY;BYDAY=MO,TU,FR"}],
    "maintenanceExclusions": [{"startTime": "2020-01-01T00:00:00", "duration": "36h", "recurrence": "FREQ=MONTHLY"}]})";
  const ScheduleCalendar kept = CalendarFromText(spec);
  uint64_t state = 88172645463325252ULL;
  for (int i = 0; i < 3'000; ++i) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    const Instant at =
        At("2024-01-01T00:00:00Z") + Seconds{static_cast<int64_t>(state % (86'400ULL * 1'500))};
    const ScheduleCalendar fresh = CalendarFromText(spec);
    ASSERT_EQ(Around(kept, FormatInstant(at)), Around(fresh, FormatInstant(at))) << FormatInstant(at);
    ASSERT_EQ(NextOpen(kept, FormatInstant(at)), NextOpen(fresh, FormatInstant(at))) << FormatInstant(at);
  }
}

TEST(Calendar, IsSafeBetweenThreads) {
  const ScheduleCalendar calendar = CalendarFromText(R"({"maintenanceWindows": [
    {"startTime": "2020-01-01T22:00:00", "duration": "4h", "recurrence": "FREQ=DAILY"}]})");
  auto ask = [&](int first) {
    for (int day = first; day < 3'000; day += 7) {
      const Instant at = At("2021-01-01T23:00:00Z") + std::chrono::days{day % 2'000};
      ASSERT_TRUE(calendar.Open(at, kEveryScope));
      ASSERT_EQ(calendar.Around(at, kEveryScope)->interval.end, at + std::chrono::hours{3});
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(ask, i);
  for (std::thread& thread : threads) thread.join();
}

TEST(Calendar, ListsAtMostAMillion) {
  const ScheduleCalendar calendar =
      CalendarFromText(R"({"maintenanceWindows": [{"startTime": "2024-01-01T00:00:00",
    "duration": "1s", "recurrence": "FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23;BYMINUTE=0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30,32,34,36,38,40,42,44,46,48,50,52,54,56,58;BYSECOND=0,5,10,15,20,25,30,35,40,45,50,55"}]})");
  EXPECT_EQ(calendar.Intervals(At("2024-01-01T00:00:00Z"), At("2025-01-01T00:00:00Z"), kEveryScope).size(),
            ScheduleCalendar::kIntervalsMax);
}

struct RefusedRow {
  const char* name;
  const char* spec;
  const char* code;
  const char* says;
};

class RefusedSchedule : public ::testing::TestWithParam<RefusedRow> {};

TEST_P(RefusedSchedule, NamesTheField) {
  Diagnostics findings;
  MaintenanceSchedule schedule = ScheduleFromText(GetParam().spec);
  EXPECT_FALSE(ScheduleCalendar::Compile(schedule, findings).has_value());
  ASSERT_EQ(findings.size(), 1U) << FindingsText(findings);
  EXPECT_EQ(findings[0].code, GetParam().code);
  EXPECT_EQ(findings[0].file, "upgrades/test.yaml");
  EXPECT_THAT(findings[0].message, ::testing::HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, RefusedSchedule,
    ::testing::Values(
        RefusedRow{"zone", R"({"timeZone": "Europe/Berln"})", "unknown-time-zone",
                   "spec.timeZone: unknown time zone 'Europe/Berln'"},
        RefusedRow{"zone_of_an_item",
                   R"({"maintenanceWindows": [{"startTime": "2024-01-01T00:00:00", "duration": "1h"},
            {"startTime": "2024-01-01T00:00:00", "duration": "1h", "timeZone": "Mars"}]})",
                   "unknown-time-zone", "spec.maintenanceWindows[1].timeZone: unknown time zone 'Mars'"},
        RefusedRow{"rule_of_an_exclusion",
                   R"({"maintenanceExclusions": [{"startTime": "2024-01-01T00:00:00", "duration": "1h",
            "recurrence": "FREQ=DAILY;BYHOUR=24"}]})",
                   "bad-recurrence", "spec.maintenanceExclusions[0].recurrence: 'FREQ=DAILY;BYHOUR=24'"},
        RefusedRow{"end_before_start", R"({"maintenanceWindows": [{"startTime": "2024-01-01T22:00:00",
            "endTime": "2024-01-01T04:00:00"}]})",
                   "bad-window",
                   "spec.maintenanceWindows[0].endTime: 2024-01-01T04:00:00 is not after startTime"},
        RefusedRow{"end_equal_in_another_offset",
                   R"({"maintenanceWindows": [{"startTime": "2024-01-01T22:00:00Z",
            "endTime": "2024-01-01T23:00:00+01:00"}]})",
                   "bad-window", "is not after startTime"},
        RefusedRow{"end_before_start_on_the_wall", R"({"timeZone": "Europe/Stockholm", "maintenanceWindows": [
            {"startTime": "2024-10-27T00:30:00Z", "endTime": "2024-10-27T01:15:00Z"}]})",
                   "bad-window", "the clock of Europe/Stockholm is put back"},
        RefusedRow{"end_before_start_as_instants", R"({"timeZone": "Europe/Stockholm", "maintenanceWindows": [
            {"startTime": "2024-10-27T01:10:00Z", "endTime": "2024-10-27T00:30:00Z"}]})",
                   "bad-window", "is not after startTime"},
        RefusedRow{"neither_end_nor_duration",
                   R"({"maintenanceWindows": [{"startTime": "2024-01-01T22:00:00"}]})", "bad-window",
                   "exactly one of endTime and duration"},
        RefusedRow{"both_end_and_duration", R"({"maintenanceWindows": [{"startTime": "2024-01-01T22:00:00",
            "endTime": "2024-01-01T23:00:00", "duration": "1h"}]})",
                   "bad-window", "exactly one of endTime and duration"}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(Calendar, EveryProblemOfAScheduleIsTold) {
  Diagnostics findings;
  EXPECT_FALSE(ScheduleCalendar::Compile(ScheduleFromText(R"({"timeZone": "Nowhere",
      "maintenanceWindows": [{"startTime": "2024-01-01T22:00:00", "duration": "1h", "recurrence": "FREQ=HOURLY"}],
      "maintenanceExclusions": [{"timeZone": "UTC", "startTime": "2024-01-02T00:00:00", "endTime": "2024-01-01T00:00:00",
        "recurrence": "FREQ=DAILY;COUNT=0"}]})"),
                                         findings)
                   .has_value());
  EXPECT_THAT(FindingsText(findings),
              ::testing::AllOf(::testing::HasSubstr("spec.timeZone"), ::testing::HasSubstr("FREQ=HOURLY"),
                               ::testing::HasSubstr("[0].endTime"), ::testing::HasSubstr("COUNT=0")));
}

}  // namespace
}  // namespace lockkeeper
