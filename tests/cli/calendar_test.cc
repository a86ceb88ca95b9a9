// Calendars on the command line: read beside a manifest that is in no repository, and written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/cli/fleet_example.h"
#include "tests/cli/run_lockkeeper.h"
#include "tests/support/temp_repository.h"

namespace lockkeeper {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kSchedule = R"(apiVersion: lockkeeper.dev/v1alpha1
kind: MaintenanceSchedule
metadata: {name: team}
spec:
  matchers: []
  calendars:
  - {name: team, path: calendars/team.ics, effect: Allow}
)";
constexpr const char* kCalendar =
    "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Friday\r\nDTSTART:20260306T200000Z\r\nDURATION:PT2H\r\n"
    "END:VEVENT\r\nEND:VCALENDAR\r\n";

void Write(const fs::path& path, std::string_view text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

class CalendarOfAFile : public ::testing::Test {
 protected:
  ProgramResult Windows(const fs::path& file) {
    return RunLockkeeper(
        {"windows", "--file", file.string(), "--from", "2026-03-01", "--to", "2026-04-01", "-o", "json"});
  }

  TempFolder folder_;
  fs::path root_ = folder_.path();
};

TEST_F(CalendarOfAFile, IsThatBesideIt) {
  Write(root_ / "team.yaml", kSchedule);
  Write(root_ / "calendars/team.ics", kCalendar);
  const ProgramResult result = Windows(root_ / "team.yaml");
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(json::parse(result.output)["schedules"][0]["open"],
            json::parse(R"([["2026-03-06T20:00:00Z", "2026-03-06T22:00:00Z"]])"));
}

TEST_F(CalendarOfAFile, IsThatOfItsWorkTree) {
  Write(root_ / "upgrades/team.yaml", kSchedule);
  Write(root_ / "calendars/team.ics", kCalendar);
  EXPECT_EQ(Windows(root_ / "upgrades/team.yaml").exit_code, 1)
      << "in no work tree it is looked for beside the file";
  RunGit(root_.string(), {"init", "-q"});
  const ProgramResult result = Windows(root_ / "upgrades/team.yaml");
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, HasSubstr("2026-03-06T20:00:00Z"));
}

TEST_F(CalendarOfAFile, ThatIsMissingOrWrongIsSaidWhereItIs) {
  Write(root_ / "team.yaml", kSchedule);
  ProgramResult result = Windows(root_ / "team.yaml");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.errors, AllOf(HasSubstr("team.yaml:7:24: error[unreadable-calendar]"),
                                   HasSubstr("calendars/team.ics: there is no such file")));
  Write(root_ / "calendars/team.ics", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VEVENT\nEND:VCALENDAR\n");
  result = Windows(root_ / "team.yaml");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.errors, HasSubstr("calendars/team.ics:2:1: error[bad-calendar]: VEVENT: DTSTART"));
  result = RunLockkeeper({"validate", root_.string()});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, HasSubstr("calendars/team.ics:2:1: error[bad-calendar]: VEVENT: DTSTART"));
  fs::remove(root_ / "calendars/team.ics");
  Write(root_ / "real.ics", kCalendar);
  fs::create_symlink("../real.ics", root_ / "calendars/team.ics");
  EXPECT_THAT(Windows(root_ / "team.yaml").errors, HasSubstr("a symbolic link leads to it"));
}

TEST_F(CalendarOfAFile, OpensByItsEventsAndNotOtherwise) {
  Write(root_ / "team.yaml", kSchedule);
  Write(root_ / "calendars/team.ics", kCalendar);
  auto at = [&](const char* instant) {
    return json::parse(
        RunLockkeeper({"windows", "--file", (root_ / "team.yaml").string(), "--at", instant, "-o", "json"})
            .output)["schedules"][0]["reason"];
  };
  EXPECT_EQ(at("2026-03-06T21:00:00Z"), "window 'team: Friday'");
  EXPECT_EQ(at("2026-03-06T22:00:00Z"), "outside all windows");
}

ProgramResult Export(const TempRepository& repository, const std::vector<std::string>& arguments) {
  std::vector<std::string> all{"--repo",   repository.path(), "--now", "2026-03-02T10:00:00Z",
                               "calendar", "export"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return RunLockkeeper(all);
}

TEST(CalendarExport, WritesOneCalendar) {
  TempRepository repository;
  repository.Commit(FleetExample());
  const ProgramResult result = Export(repository, {});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output,
              AllOf(::testing::StartsWith("BEGIN:VCALENDAR\r\n"), HasSubstr("UID:window/default/"),
                    HasSubstr("UID:bump/"), ::testing::EndsWith("END:VCALENDAR\r\n")));
  EXPECT_EQ(result.errors, "");
  const ProgramResult rose = Export(repository, {"--cluster", "rose", "--what", "bumps"});
  EXPECT_THAT(rose.output,
              AllOf(HasSubstr("/rose/"), Not(HasSubstr("UID:window")), HasSubstr("lockkeeper: rose")));
  const ProgramResult tulip = Export(repository, {"--cluster", "tulip", "--what", "bumps,tasks"});
  EXPECT_THAT(tulip.output, Not(HasSubstr("BEGIN:VEVENT")));
}

struct RefusedRow {
  std::string name;
  std::vector<std::string> arguments;
  int exit_code;
  std::string part;
  friend void PrintTo(const RefusedRow& row, std::ostream* out) { *out << row.name; }
};

class CalendarExportRefused : public ::testing::TestWithParam<RefusedRow> {};

TEST_P(CalendarExportRefused, SaysWhy) {
  TempRepository repository;
  repository.Commit(FleetExample());
  const ProgramResult result = Export(repository, GetParam().arguments);
  EXPECT_EQ(result.exit_code, GetParam().exit_code);
  EXPECT_THAT(result.errors, HasSubstr(GetParam().part));
  EXPECT_EQ(result.output, "");
}

INSTANTIATE_TEST_SUITE_P(
    Rows, CalendarExportRefused,
    ::testing::Values(RefusedRow{"a_part",
                                 {"--what", "window"},
                                 2,
                                 "--what: 'window' is none of windows, bumps, tasks; did you mean"},
                      RefusedRow{"a_form", {"-o", "json"}, 2, "--output: a calendar is written as iCalendar"},
                      RefusedRow{"a_span",
                                 {"--from", "2026-03-02", "--to", "2026-03-01"},
                                 2,
                                 "--to: 2026-03-01T00:00:00Z is not after"},
                      RefusedRow{"a_schedule",
                                 {"--schedule", "nobody"},
                                 1,
                                 "--schedule: there is no MaintenanceSchedule 'nobody'"},
                      RefusedRow{"a_cluster", {"--cluster", "nobody"}, 1, "--cluster"}),
    [](const auto& row) { return row.param.name; });

TEST(CalendarExport, SaysWhatIsMissing) {
  TempRepository repository;
  repository.Commit(FleetExampleWith(
      {{.path = "upgrades/bad.yaml",
        .content = "apiVersion: lockkeeper.dev/v1alpha1\nkind: MaintenanceSchedule\nmetadata: {name: bad}\n"
                   "spec: {timeZone: Europe/Stokholm}\n"}}));
  const ProgramResult result = Export(repository, {});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, ::testing::EndsWith("END:VCALENDAR\r\n"));
  EXPECT_THAT(result.errors, AllOf(HasSubstr("schedule default/bad has errors: upgrades/bad.yaml:4"),
                                   HasSubstr("what has errors is not in the calendar")));
}

}  // namespace
}  // namespace lockkeeper
