#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/cli/run_lockkeeper.h"

namespace lockkeeper {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kSchedules = R"(
apiVersion: lockkeeper.dev/v1alpha1
kind: MaintenanceSchedule
metadata: {name: nights}
spec:
  timeZone: America/New_York
  maintenanceWindows:
  - {name: night, startTime: 2026-01-02T22:00:00, duration: 8h, recurrence: "FREQ=WEEKLY;BYDAY=FR,SA"}
  maintenanceExclusions:
  - {name: freeze, startTime: 2026-03-13T00:00:00, endTime: 2026-03-14T00:00:00}
---
apiVersion: lockkeeper.dev/v1alpha1
kind: MaintenanceSchedule
metadata: {name: always, namespace: ops}
spec: {}
---
apiVersion: lockkeeper.dev/v1alpha1
kind: MaintenanceSchedule
metadata: {name: bad, namespace: ops}
spec: {timeZone: Europe/Stokholm}
)";

ProgramResult Windows(std::vector<std::string> arguments, std::string_view input = kSchedules) {
  for (const char* word : {"-", "--file", "windows"}) arguments.insert(arguments.begin(), word);
  return RunLockkeeper(arguments, {.input = input});
}

TEST(Windows, JsonHasTheFixedNames) {
  const ProgramResult result =
      Windows({"nights", "--from", "2026-03-06T12:00:00Z", "--to", "2026-03-08T04:00:00Z", "-o", "json"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(json::parse(result.output),
            json::parse(R"({"from": "2026-03-06T12:00:00Z", "to": "2026-03-08T04:00:00Z",
    "schedules": [{"schedule": "default/nights", "timeZone": "America/New_York",
      "open": [["2026-03-07T03:00:00Z", "2026-03-07T11:00:00Z"], ["2026-03-08T03:00:00Z", "2026-03-08T04:00:00Z"]]}]})"));
}

struct AtRow {
  std::string name;
  std::string schedule;
  std::string at;
  std::string expected;
  friend void PrintTo(const AtRow& row, std::ostream* out) { *out << row.name; }
};

const std::vector<AtRow> kAtRows = {
    {"open", "default/nights", "2026-03-07T03:00:00Z",
     R"({"open": true, "reason": "window 'night'", "closes": "2026-03-07T11:00:00Z", "nextOpen": "2026-03-07T03:00:00Z"})"},
    {"closed", "nights", "2026-03-07T02:59:59Z",
     R"({"open": false, "reason": "outside all windows", "closes": null, "nextOpen": "2026-03-07T03:00:00Z"})"},
    {"excluded", "nights", "2026-03-14T03:00:00Z",
     R"({"open": false, "reason": "exclusion 'freeze'", "closes": null, "nextOpen": "2026-03-14T04:00:00Z"})"},
    {"never_closes", "always", "2026-03-14T03:00:00Z",
     R"({"open": true, "reason": "no windows: open except in exclusions", "closes": null, "nextOpen": "2026-03-14T03:00:00Z"})"},
};

class WindowsAt : public ::testing::TestWithParam<AtRow> {};

TEST_P(WindowsAt, AnswersAs) {
  const AtRow& row = GetParam();
  const ProgramResult result = Windows({row.schedule, "--at", row.at, "-o", "json"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  json answer = json::parse(result.output);
  EXPECT_EQ(answer["at"], row.at);
  answer["schedules"][0].erase("schedule");
  EXPECT_EQ(answer["schedules"], json::array({json::parse(row.expected)}));
}

INSTANTIATE_TEST_SUITE_P(Rows, WindowsAt, ::testing::ValuesIn(kAtRows),
                         [](const auto& row) { return row.param.name; });

TEST(Windows, TextShowsBothClocks) {
  const ProgramResult result = Windows({"nights", "--now", "2026-03-07T05:00:00Z", "--to", "+10d"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(
      result.output,
      "default/nights, time zone America/New_York\n"
      "now open (window 'night'), closes 2026-03-07 06:00 EST, 11:00 UTC (in 6 hours)\n"
      "OPEN (America/New_York)                              UTC                               LASTS\n"
      "Fri 2026-03-06 22:00 - Sat 2026-03-07 06:00 EST      Sat 2026-03-07 03:00 - 11:00 UTC  8 hours  now\n"
      "Sat 2026-03-07 22:00 EST - Sun 2026-03-08 06:00 EDT  Sun 2026-03-08 03:00 - 10:00 UTC  7 hours  in 22 "
      "hours\n"
      "Sat 2026-03-14 00:00 - 06:00 EDT                     Sat 2026-03-14 04:00 - 10:00 UTC  6 hours  in 6 "
      "days\n"
      "Sat 2026-03-14 22:00 - Sun 2026-03-15 06:00 EDT      Sun 2026-03-15 02:00 - 10:00 UTC  8 hours  in 7 "
      "days\n");
}

TEST(Windows, ABrokenScheduleFailsOnlyWhatAsksForIt) {
  const ProgramResult all = Windows({"--at", "now"});
  EXPECT_EQ(all.exit_code, 1);
  EXPECT_THAT(all.output, HasSubstr("default/nights"));
  EXPECT_THAT(all.errors, HasSubstr("stdin:20:18: error[unknown-time-zone]: spec.timeZone"));
  EXPECT_EQ(Windows({"bad", "--at", "now"}).exit_code, 1);
  EXPECT_EQ(Windows({"nights", "--at", "now"}).exit_code, 0);
  // Nobody knows what such a text holds.
  EXPECT_EQ(Windows({"nights", "--at", "now"}, std::string(kSchedules) + "---\n: : [\n").exit_code, 1);
}

struct Row {
  std::string name;
  std::vector<std::string> arguments;
  int exit_code;
  std::string errors;
  friend void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }
};

const std::vector<Row> kRows = {
    {"typo",
     {"nigths"},
     1,
     "SCHEDULE: there is no MaintenanceSchedule 'nigths' in stdin; did you mean 'nights'?"},
    {"bad_instant", {"--at", "2026-13-01"}, 2, "--at: '2026-13-01'"},
    {"instant_without_offset", {"--at", "2026-03-01T10:00:00"}, 2, "--at: "},
    {"backwards",
     {"--from", "2026-03-02", "--to", "2026-03-01"},
     2,
     "--to: 2026-03-01T00:00:00Z is not after --from"},
    {"too_much",
     {"nights", "--from", "0001-01-01", "--to", "9999-12-31"},
     2,
     "--to: there are more than 200000 openings"},
    {"at_and_from", {"--at", "now", "--from", "now"}, 2, "cannot be used together"},
    {"file_and_cluster", {"--cluster", "a"}, 2, "cannot be used together"},
};

class WindowsUsage : public ::testing::TestWithParam<Row> {};

TEST_P(WindowsUsage, IsRefused) {
  const ProgramResult result = Windows(GetParam().arguments);
  EXPECT_EQ(result.exit_code, GetParam().exit_code);
  EXPECT_EQ(result.output, "");
  EXPECT_THAT(result.errors, HasSubstr(GetParam().errors));
}

INSTANTIATE_TEST_SUITE_P(Rows, WindowsUsage, ::testing::ValuesIn(kRows),
                         [](const auto& row) { return row.param.name; });

/// Nulls of the cases mean "not before the horizon".
json Before(const json& instant, const std::string& horizon) {
  return instant.is_null() || instant.get<std::string>() >= horizon ? json(nullptr) : instant;
}

TEST(WindowsCases, AFewOfThemThroughTheProgram) {
  std::ifstream file{std::string{LK_SHARED} + "/cases/windows.jsonl"};
  if (!file) GTEST_SKIP() << "no shared folder with cases beside the project";
  constexpr int kEvery = 40;  // the library's own tests take them all
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    if (number++ % kEvery != 0) continue;
    const json row = json::parse(line);
    SCOPED_TRACE(row["id"].get<std::string>());
    const std::string manifest = json{
        {"apiVersion", "lockkeeper.dev/v1alpha1"},
        {"kind", "MaintenanceSchedule"},
        {"metadata", {{"name", "s"}}},
        {"spec", row["spec"]}}.dump();
    const ProgramResult spans = Windows({"--from", row["from"], "--to", row["to"], "-o", "json"}, manifest);
    ASSERT_EQ(spans.exit_code, 0) << spans.errors;
    EXPECT_EQ(json::parse(spans.output)["schedules"][0]["open"], row["open"]);
    const json query = row["queries"][0];
    const json answer =
        json::parse(Windows({"--at", query["t"], "-o", "json"}, manifest).output)["schedules"][0];
    EXPECT_EQ(answer["open"], query["open"]);
    EXPECT_EQ(Before(answer["closes"], row["horizon"]), query["closes"]);
    EXPECT_EQ(Before(answer["nextOpen"], row["horizon"]), query["nextOpen"]);
  }
}

}  // namespace
}  // namespace lockkeeper
