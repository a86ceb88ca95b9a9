// What is written into an iCalendar file: its form to the byte, and the events of schedules, plans and tasks.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconciler/core/icalendar/calendar_entries.h"
#include "tests/core/time_testing.h"

namespace lockkeeper {
namespace {

using testing::At;
using testing::CalendarFromText;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::ScheduleFromText;

TEST(FormatCalendar, IsThatOfTheStandardToTheByte) {
  const std::string text = FormatCalendar("Fleet; all, of it",
                                          {{.uid = "b@x",
                                            .start = At("2026-03-02T08:00:00Z"),
                                            .end = At("2026-03-02T08:00:00Z"),
                                            .summary = "A moment",
                                            .location = "Hall 2",
                                            .category = "task"},
                                           {.uid = "a@x",
                                            .start = At("2026-03-01T22:00:00Z"),
                                            .end = At("2026-03-02T06:00:00Z"),
                                            .summary = "back\\slash, semi; colon: \"quoted\"",
                                            .description = "Two\r\nlines\tand \x01 one\xff"}},
                                          At("2026-02-28T12:34:56Z"));
  EXPECT_EQ(
      text,
      "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//lockkeeper//calendar export//EN\r\nCALSCALE:GREGORIAN\r\n"
      "METHOD:PUBLISH\r\nX-WR-CALNAME:Fleet\\; all\\, of it\r\n"
      "BEGIN:VEVENT\r\nUID:a@x\r\nDTSTAMP:20260228T123456Z\r\nDTSTART:20260301T220000Z\r\n"
      "DTEND:20260302T060000Z\r\nSUMMARY:back\\\\slash\\, semi\\; colon: \"quoted\"\r\n"
      "DESCRIPTION:Two\\nlines and   one\xEF\xBF\xBD\r\nTRANSP:TRANSPARENT\r\nEND:VEVENT\r\n"
      "BEGIN:VEVENT\r\nUID:b@x\r\nDTSTAMP:20260228T123456Z\r\nDTSTART:20260302T080000Z\r\n"
      "SUMMARY:A moment\r\nLOCATION:Hall 2\r\nCATEGORIES:task\r\nTRANSP:TRANSPARENT\r\nEND:VEVENT\r\n"
      "END:VCALENDAR\r\n");
}

/// Characters of each size in UTF-8, at every place near the fold.
TEST(FormatCalendar, FoldsBetweenCharacters) {
  for (const std::string& character :
       {std::string{"x"}, std::string{"å"}, std::string{"€"}, std::string{"🎆"}}) {
    for (size_t before = 50; before < 80; ++before) {
      std::string summary(before, 'a');
      for (int i = 0; i < 60; ++i) summary += character;
      const std::string text = FormatCalendar("",
                                              {{.uid = "u",
                                                .start = At("2026-03-01T00:00:00Z"),
                                                .end = At("2026-03-01T00:00:00Z"),
                                                .summary = summary}},
                                              At("2026-03-01T00:00:00Z"));
      std::string unfolded;
      for (size_t begin = 0; begin < text.size();) {
        const size_t end = text.find("\r\n", begin);
        ASSERT_NE(end, std::string::npos);
        EXPECT_LE(end - begin, 75U);
        const bool goes_on = text[begin] == ' ';
        const std::string line = text.substr(begin + (goes_on ? 1 : 0), end - begin - (goes_on ? 1 : 0));
        // A continuation byte at the front would be half a character.
        EXPECT_NE(static_cast<unsigned char>(line.front()) & 0xc0, 0x80);
        unfolded += (goes_on ? "" : "\n") + line;
        begin = end + 2;
      }
      EXPECT_THAT(unfolded, HasSubstr("\nSUMMARY:" + summary + "\n"));
    }
  }
}

std::vector<std::string> Described(const std::vector<CalendarEntry>& entries) {
  std::vector<std::string> out;
  for (const CalendarEntry& entry : entries) {
    out.push_back(fmt::format("{} {} {} {}", entry.uid, FormatInstant(entry.start), FormatInstant(entry.end),
                              entry.summary));
  }
  return out;
}

TEST(CalendarEntries, WindowsAreWhole) {
  const char* spec =
      R"({"maintenanceWindows": [{"name": "nights", "startTime": "2026-03-01T22:00:00", "duration": "8h",
      "recurrence": "FREQ=DAILY;COUNT=2"}]})";
  std::vector<CalendarEntry> entries;
  AddWindows(ScheduleFromText(spec), CalendarFromText(spec),
             {At("2026-03-02T01:00:00Z"), At("2026-03-02T23:00:00Z")}, entries);
  EXPECT_THAT(Described(entries),
              ElementsAre("window/default/test/2026-03-01T22:00:00Z@lockkeeper 2026-03-01T22:00:00Z "
                          "2026-03-02T06:00:00Z Maintenance window nights of default/test",
                          "window/default/test/2026-03-02T22:00:00Z@lockkeeper 2026-03-02T22:00:00Z "
                          "2026-03-03T06:00:00Z Maintenance window nights of default/test"));
}

TEST(CalendarEntries, WhatNeverClosesIsCutToTheSpan) {
  const char* spec = R"({"maintenanceExclusions": [{"name": "x", "startTime": "2026-03-02T00:00:00",
      "duration": "1d"}]})";
  std::vector<CalendarEntry> entries;
  AddWindows(ScheduleFromText(spec), CalendarFromText(spec),
             {At("2026-03-01T00:00:00Z"), At("2026-03-04T00:00:00Z")}, entries);
  EXPECT_THAT(Described(entries),
              ElementsAre("window/default/test/2026-03-01T00:00:00Z@lockkeeper 2026-03-01T00:00:00Z "
                          "2026-03-02T00:00:00Z Maintenance window of default/test",
                          "window/default/test/2026-03-03T00:00:00Z@lockkeeper 2026-03-03T00:00:00Z "
                          "2026-03-04T00:00:00Z Maintenance window of default/test"));
}

Decision DecisionOf(const std::string& cluster, Action action, std::optional<Instant> until) {
  Decision decision;
  decision.upgrade.name = "up";
  decision.cluster = cluster;
  decision.from = "v1.31.4";
  decision.hop = "v1.31.7";
  decision.action = action;
  decision.reason = "window";
  decision.until = until;
  return decision;
}

TEST(CalendarEntries, BumpsAreThoseWithAKnownInstant) {
  Plan plan;
  plan.at = At("2026-03-01T00:00:00Z");
  plan.decisions = {DecisionOf("due", Action::kBump, std::nullopt),
                    DecisionOf("waits", Action::kWait, At("2026-03-02T00:00:00Z")),
                    DecisionOf("later", Action::kWait, At("2026-03-03T00:00:00Z")),
                    DecisionOf("unknown", Action::kWait, std::nullopt),
                    DecisionOf("blocked", Action::kBlocked, At("2026-03-02T00:00:00Z")),
                    DecisionOf("done", Action::kSkip, std::nullopt)};
  std::vector<CalendarEntry> entries;
  AddBumps(plan, {At("2026-03-01T00:00:00Z"), At("2026-03-03T00:00:00Z")}, entries);
  EXPECT_THAT(
      Described(entries),
      ElementsAre(
          "bump/default/up/due/v1.31.7@lockkeeper 2026-03-01T00:00:00Z 2026-03-01T00:00:00Z Upgrade "
          "due from v1.31.4 to v1.31.7",
          "bump/default/up/waits/v1.31.7@lockkeeper 2026-03-02T00:00:00Z 2026-03-02T00:00:00Z Upgrade "
          "waits from v1.31.4 to v1.31.7"));
}

TEST(CalendarEntries, TasksAreTheirDueDates) {
  MaintenanceTask task;
  task.name.name = "rotate";
  task.start.value = *ParseWrittenTime("2026-01-05T09:00:00");
  task.recurrence.value = "FREQ=DAILY;INTERVAL=90";
  task.time_zone.value = "Europe/Stockholm";
  task.due_within = std::chrono::days{14};
  task.checklist = {"create the new key", "deploy"};
  std::vector<CalendarEntry> entries;
  ASSERT_TRUE(AddTask(task, {At("2026-01-05T08:00:00Z"), At("2026-07-04T07:00:00Z")}, entries));
  EXPECT_THAT(Described(entries),
              ElementsAre("task/default/rotate/2026-01-05@lockkeeper 2026-01-05T08:00:00Z "
                          "2026-01-05T08:00:00Z Task default/rotate falls due",
                          "task/default/rotate/2026-04-05@lockkeeper 2026-04-05T07:00:00Z "
                          "2026-04-05T07:00:00Z Task default/rotate falls due"));
  EXPECT_EQ(
      entries[0].description,
      "MaintenanceTask default/rotate falls due. 2w later it is overdue.\n- create the new key\n- deploy");
  task.recurrence.value = "FREQ=HOURLY";
  task.origin.file = "upgrades/t.yaml";
  task.recurrence.mark = {7, 3};
  auto refused = AddTask(task, {At("2026-01-05T08:00:00Z"), At("2026-07-04T07:00:00Z")}, entries);
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message,
              ::testing::AllOf(HasSubstr("MaintenanceTask default/rotate has errors: upgrades/t.yaml:7:3: "),
                               HasSubstr("FREQ=HOURLY")));
}

}  // namespace
}  // namespace lockkeeper
