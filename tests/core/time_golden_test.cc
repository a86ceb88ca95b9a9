#include <gtest/gtest.h>

#include "tests/core/time_testing.h"

namespace lockkeeper {
namespace {

using testing::At;
using testing::CalendarFromText;

/// The example of RFC 0015: working hours, but not on the first days of a month.
constexpr const char* kRfc0015 = R"({
  "maintenanceWindows": [{"name": "working-hours", "startTime": "2021-03-10T07:00:00Z",
    "endTime": "2021-03-10T17:00:00Z", "recurrence": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"}],
  "maintenanceExclusions": [{"name": "month-start", "startTime": "2021-03-01T00:00:00Z",
    "endTime": "2021-03-10T23:59:59Z", "recurrence": "FREQ=MONTHLY"}]})";

TEST(TimeGolden, TheFirstInstantOfRfc0015) {
  const ScheduleCalendar calendar = CalendarFromText(kRfc0015);
  const Instant asked = At("2021-03-10T07:00:00Z");
  EXPECT_FALSE(calendar.Open(asked, kEveryScope));
  EXPECT_EQ(calendar.ExclusionAt(asked, kEveryScope), "month-start");
  EXPECT_EQ(calendar.WindowAt(asked), "working-hours");
  EXPECT_EQ(calendar.NextOpen(asked, kEveryScope), At("2021-03-11T07:00:00Z"));
  const auto open = calendar.Around(At("2021-03-11T07:00:00Z"), kEveryScope);
  ASSERT_TRUE(open.has_value());
  EXPECT_EQ(open->interval, (Interval{At("2021-03-11T07:00:00Z"), At("2021-03-11T17:00:00Z")}));
  EXPECT_EQ(open->name, "working-hours");
}

TEST(TimeGolden, TheLiteralEndLeavesTheLastSecondUncovered) {
  const ScheduleCalendar calendar = CalendarFromText(kRfc0015);
  EXPECT_EQ(calendar.ExclusionAt(At("2021-03-10T23:59:58Z"), kEveryScope), "month-start");
  EXPECT_EQ(calendar.ExclusionAt(At("2021-03-10T23:59:59Z"), kEveryScope), std::nullopt);
}

}  // namespace
}  // namespace lockkeeper
