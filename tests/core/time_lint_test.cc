#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/core/time_testing.h"

namespace lockkeeper {
namespace {

using testing::At;
using testing::FindingsText;
using testing::ScheduleFromText;

struct LintRow {
  const char* name;
  const char* spec;
  std::vector<std::string> says;  ///< each in one finding; none: no findings
};

class ScheduleLint : public ::testing::TestWithParam<LintRow> {};

TEST_P(ScheduleLint, Warns) {
  const MaintenanceSchedule schedule = ScheduleFromText(GetParam().spec);
  Diagnostics findings;
  auto calendar = ScheduleCalendar::Compile(schedule, findings);
  ASSERT_TRUE(calendar.has_value()) << FindingsText(findings);
  ASSERT_TRUE(findings.empty()) << FindingsText(findings);
  LintSchedule(schedule, *calendar, At("2024-06-01T00:00:00Z"), findings);
  ASSERT_EQ(findings.size(), GetParam().says.size()) << FindingsText(findings);
  for (size_t i = 0; i < findings.size(); ++i) {
    EXPECT_EQ(findings[i].severity, Severity::kWarning);
    EXPECT_EQ(findings[i].file, "upgrades/test.yaml");
    EXPECT_THAT(FindingsText({findings[i]}), ::testing::HasSubstr(GetParam().says[i]));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rows, ScheduleLint,
    ::testing::Values(
        LintRow{
            "nothing_to_say",
            R"({"timeZone": "Europe/Stockholm", "maintenanceWindows": [{"startTime": "2024-01-01T22:00:00",
            "endTime": "2024-01-02T04:00:00", "recurrence": "FREQ=WEEKLY;BYDAY=MO,TU"}]})",
            {}},
        LintRow{"no_windows_is_meant",
                R"({"maintenanceExclusions": [{"startTime": "2024-01-01T22:00:00", "duration": "1d"}]})",
                {}},
        LintRow{"start_not_in_rule",
                R"({"maintenanceWindows": [{"startTime": "2024-01-02T22:00:00", "duration": "1h",
            "recurrence": "FREQ=WEEKLY;BYDAY=MO"}]})",
                {"warning[start-not-in-rule]: spec.maintenanceWindows[0].startTime: 2024-01-02T22:00:00 is "
                 "not a date of "
                 "'FREQ=WEEKLY;BYDAY=MO'; the first one is 2024-01-08T22:00:00"}},
        LintRow{"never_recurs",
                R"({"maintenanceWindows": [{"startTime": "2024-01-02T22:00:00", "duration": "1h",
            "recurrence": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}]})",
                {"[never-recurs]: spec.maintenanceWindows[0].recurrence",
                 "[no-opening]: spec: the schedule has no opening in "
                 "the 400 days after 2024-06-01T00:00:00Z; it never opens again"}},
        LintRow{"first_window_crosses",
                R"({"timeZone": "Europe/Stockholm", "maintenanceWindows": [
            {"startTime": "2024-03-30T21:00:00Z", "endTime": "2024-03-31T04:00:00Z", "recurrence": "FREQ=WEEKLY"}]})",
                {"[crosses-clock-change]: spec.maintenanceWindows[0].startTime: the first window, "
                 "2024-03-30T22:00:00 to "
                 "2024-03-31T06:00:00 on the wall, lasts 7h because the clock of Europe/Stockholm changes in "
                 "it; windows "
                 "without a change last 8h"}},
        LintRow{"first_window_ends_at_the_change",
                R"({"timeZone": "Europe/Stockholm", "maintenanceWindows": [
            {"startTime": "2024-03-30T22:00:00", "endTime": "2024-03-31T02:00:00", "recurrence": "FREQ=WEEKLY"}]})",
                {}},
        LintRow{
            "last_second",
            R"({"maintenanceWindows": [{"startTime": "2024-01-02T00:00:00", "endTime": "2024-01-02T23:59:59",
            "recurrence": "FREQ=DAILY"}]})",
            {"[last-second]: spec.maintenanceWindows[0].endTime: it ends at 2024-01-02T23:59:59"}},
        LintRow{"last_second_as_written",
                R"({"timeZone": "Asia/Kolkata", "maintenanceExclusions": [
            {"startTime": "2024-01-02T00:00:00Z", "endTime": "2024-01-02T23:59:59Z", "recurrence": "FREQ=MONTHLY"}]})",
                {"[last-second]: spec.maintenanceExclusions[0].endTime: it ends at 2024-01-02T23:59:59Z"}},
        LintRow{"last_second_by_duration",
                R"({"maintenanceWindows": [{"startTime": "2024-01-02T00:00:00", "duration": "23h59m59s",
            "recurrence": "FREQ=DAILY"}]})",
                {"[last-second]: spec.maintenanceWindows[0].duration"}},
        LintRow{
            "never_closes",
            R"({"timeZone": "Europe/Stockholm", "maintenanceWindows": [{"startTime": "2024-01-01T00:00:00",
            "duration": "1d", "recurrence": "FREQ=DAILY"}], "maintenanceExclusions": [{"startTime": "2024-01-01T00:00:00",
            "duration": "4h", "recurrence": "FREQ=DAILY"}]})",
            {"[windows-never-close]: spec.maintenanceWindows: the windows merge for ever from "
             "2023-12-31T23:00:00Z on"}},
        LintRow{"never_closes_later",
                R"({"maintenanceWindows": [{"startTime": "2030-01-01T00:00:00",
            "duration": "12h", "recurrence": "FREQ=DAILY"}, {"startTime": "2030-01-01T12:00:00",
            "duration": "12h", "recurrence": "FREQ=DAILY"}]})",
                {"[windows-never-close]: spec.maintenanceWindows: the windows merge for ever from "
                 "2030-01-01T00:00:00Z on",
                 "the next one is 2030-01-01T00:00:00Z"}},
        LintRow{"opening_after_399_days",
                R"({"maintenanceWindows": [{"startTime": "2025-07-05T00:00:00", "duration": "1h"}]})",
                {}},
        LintRow{"opening_after_400_days",
                R"({"maintenanceWindows": [{"startTime": "2025-07-06T00:00:00", "duration": "1h"}]})",
                {"[no-opening]: spec: the schedule has no opening in the 400 days after "
                 "2024-06-01T00:00:00Z; the next one is "
                 "2025-07-06T00:00:00Z"}},
        LintRow{"all_excluded",
                R"({"maintenanceWindows": [{"startTime": "2024-01-01T00:00:00", "duration": "1h",
            "recurrence": "FREQ=DAILY"}], "maintenanceExclusions": [{"startTime": "2024-01-01T00:00:00", "duration": "2h",
            "recurrence": "FREQ=DAILY"}]})",
                {"[no-opening]"}}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(ScheduleLint, PointsToTheField) {
  MaintenanceSchedule schedule = ScheduleFromText(
      R"({"maintenanceWindows": [{"startTime": "2024-01-02T22:00:00", "duration": "1h", "recurrence": "FREQ=WEEKLY;BYDAY=MO"}]})");
  schedule.windows[0].start.mark = {12, 16};
  Diagnostics findings;
  auto calendar = ScheduleCalendar::Compile(schedule, findings);
  ASSERT_TRUE(calendar.has_value());
  LintSchedule(schedule, *calendar, At("2024-06-01T00:00:00Z"), findings);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].mark, (Mark{12, 16}));
}

}  // namespace
}  // namespace lockkeeper
