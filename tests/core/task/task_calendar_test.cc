#include "reconciler/core/task/task_calendar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconciler/core/status/task_record.h"
#include "tests/core/time_testing.h"

namespace lockkeeper {
namespace {

using testing::At;
using testing::FindingsText;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

MaintenanceTask Task(const std::string& start, const std::string& rule, const std::string& zone) {
  MaintenanceTask task;
  task.name.name = "rotate";
  task.origin.file = "upgrades/tasks.yaml";
  task.start.value = *ParseWrittenTime(start);
  task.recurrence.value = rule;
  task.time_zone.value = zone;
  return task;
}

std::string Show(const std::optional<DueDate>& due) {
  return due ? FormatDate(due->date) + " " + FormatInstant(due->due) : "never";
}

struct Row {
  const char* name;
  const char* start;
  const char* rule;
  const char* zone;
  const char* now;
  const char* last;  ///< at or before now
  const char* next;  ///< after now
};

class TaskCalendarTable : public ::testing::TestWithParam<Row> {};

TEST_P(TaskCalendarTable, LastAndNext) {
  const Row& row = GetParam();
  Diagnostics findings;
  auto calendar = TaskCalendar::Compile(Task(row.start, row.rule, row.zone), findings);
  ASSERT_TRUE(calendar) << FindingsText(findings);
  EXPECT_THAT(findings, IsEmpty());
  EXPECT_EQ(Show(calendar->LastAtOrBefore(At(row.now))), row.last);
  EXPECT_EQ(Show(calendar->FirstAfter(At(row.now))), row.next);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, TaskCalendarTable,
    ::testing::Values(
        Row{"before_the_first", "2026-01-05T09:00:00", "FREQ=DAILY;INTERVAL=90", "UTC",
            "2026-01-05T08:59:59Z", "never", "2026-01-05 2026-01-05T09:00:00Z"},
        Row{"at_the_first", "2026-01-05T09:00:00", "FREQ=DAILY;INTERVAL=90", "UTC", "2026-01-05T09:00:00Z",
            "2026-01-05 2026-01-05T09:00:00Z", "2026-04-05 2026-04-05T09:00:00Z"},
        Row{"wall_clock_goes_with_summer_time", "2026-01-05T09:00:00", "FREQ=DAILY;INTERVAL=90",
            "Europe/Stockholm", "2026-01-06T00:00:00Z", "2026-01-05 2026-01-05T08:00:00Z",
            "2026-04-05 2026-04-05T07:00:00Z"},
        // 29 March 2026, 02:30 is skipped in Stockholm: the first instant after the gap is 03:00 there.
        Row{"in_a_gap", "2026-03-28T02:30:00", "FREQ=DAILY", "Europe/Stockholm", "2026-03-29T00:59:59Z",
            "2026-03-28 2026-03-28T01:30:00Z", "2026-03-29 2026-03-29T01:00:00Z"},
        // 25 October 2026, 02:30 comes twice: the first one counts, and there is one due date.
        Row{"in_a_repeated_hour", "2026-10-24T02:30:00", "FREQ=DAILY", "Europe/Stockholm",
            "2026-10-25T00:30:00Z", "2026-10-25 2026-10-25T00:30:00Z", "2026-10-26 2026-10-26T01:30:00Z"},
        Row{"the_date_is_that_of_the_zone", "2026-01-05T08:00:00", "FREQ=DAILY", "Pacific/Auckland",
            "2026-01-04T20:00:00Z", "2026-01-05 2026-01-04T19:00:00Z", "2026-01-06 2026-01-05T19:00:00Z"},
        Row{"months_without_the_day_are_skipped", "2026-01-31T09:00:00Z", "FREQ=MONTHLY", "UTC",
            "2026-02-15T00:00:00Z", "2026-01-31 2026-01-31T09:00:00Z", "2026-03-31 2026-03-31T09:00:00Z"},
        Row{"until_is_inclusive", "2026-01-05T09:00:00", "FREQ=DAILY;UNTIL=20260107T090000", "UTC",
            "2026-01-06T12:00:00Z", "2026-01-06 2026-01-06T09:00:00Z", "2026-01-07 2026-01-07T09:00:00Z"},
        Row{"after_its_end", "2026-01-05T09:00:00", "FREQ=DAILY;COUNT=3", "UTC", "2026-01-07T09:00:00Z",
            "2026-01-07 2026-01-07T09:00:00Z", "never"},
        Row{"once", "2026-01-05T09:00:00", "", "UTC", "2026-01-05T08:00:00Z", "never",
            "2026-01-05 2026-01-05T09:00:00Z"},
        Row{"once_is_over", "2026-01-05T09:00:00", "", "UTC", "2031-01-05T08:00:00Z",
            "2026-01-05 2026-01-05T09:00:00Z", "never"},
        Row{"begun_long_ago", "1995-05-01T09:00:00", "FREQ=MONTHLY;BYDAY=1MO", "UTC", "2026-11-21T00:00:00Z",
            "2026-11-02 2026-11-02T09:00:00Z", "2026-12-07 2026-12-07T09:00:00Z"}),
    [](const auto& row) { return row.param.name; });

TEST(TaskCalendar, OneDateAfterTheOther) {
  Diagnostics findings;
  auto calendar = TaskCalendar::Compile(Task("2026-01-05T09:00:00", "FREQ=WEEKLY", "UTC"), findings);
  ASSERT_TRUE(calendar);
  auto due = calendar->LastAtOrBefore(At("2026-02-01T00:00:00Z"));
  EXPECT_EQ(Show(due), "2026-01-26 2026-01-26T09:00:00Z");
  EXPECT_EQ(Show(calendar->Before(due->date)), "2026-01-19 2026-01-19T09:00:00Z");
  EXPECT_EQ(Show(calendar->After(due->date)), "2026-02-02 2026-02-02T09:00:00Z");
  EXPECT_EQ(Show(calendar->Before(std::chrono::local_days{std::chrono::year{2026} / 1 / 5})), "never");
}

TEST(TaskCalendar, WhatIsRefused) {
  struct Refused {
    const char* rule;
    const char* zone;
    const char* finding;
  };
  for (const Refused& row : {
           Refused{"FREQ=HOURLY", "UTC", "error[bad-recurrence]: spec.recurrence"},
           Refused{"FREQ=DAILY", "Europe/Berln", "error[unknown-time-zone]: spec.timeZone"},
           Refused{"FREQ=DAILY;BYHOUR=9,17", "UTC", "several due dates in one day"},
           Refused{"FREQ=DAILY;BYMINUTE=0,30", "UTC", "several due dates in one day"},
           Refused{"FREQ=DAILY;BYHOUR=9,17;BYSETPOS=1", "UTC", "several due dates in one day"},
       }) {
    SCOPED_TRACE(row.finding);
    MaintenanceTask task = Task("2026-01-05T09:00:00", row.rule, row.zone);
    Diagnostics findings;
    EXPECT_FALSE(TaskCalendar::Compile(task, findings));
    EXPECT_THAT(FindingsText(findings), HasSubstr(row.finding));
  }
}

}  // namespace
}  // namespace lockkeeper
