#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/cli/fleet_example.h"
#include "tests/cli/run_lockkeeper.h"

namespace lockkeeper {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kNow = "2026-03-01T00:00:00Z";

/// In a bare repository.
ProgramResult Validate(const std::vector<TestFile>& files, std::vector<std::string> arguments = {}) {
  TempRepository repository;
  repository.Commit(files);
  for (const std::string& word :
       {std::string(kNow), std::string("--now"), repository.path(), std::string("validate")}) {
    arguments.insert(arguments.begin(), word);
  }
  return RunLockkeeper(arguments);
}

std::string Object(const std::string& kind, const std::string& name, const std::string& spec) {
  return "apiVersion: lockkeeper.dev/v1alpha1\nkind: " + kind + "\nmetadata: {name: " + name + "}\nspec:\n" +
         spec;
}

TEST(Validate, AGoodRepositoryIsQuiet) {
  const ProgramResult result = Validate(FleetExample());
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.output, "");
  EXPECT_THAT(result.errors,
              AllOf(HasSubstr("the newest commit of branch main of "), HasSubstr(": no problems\n")));
}

struct Row {
  std::string name;
  TestFile file;
  int exit_code;
  std::string finding;  ///< is in stdout
  friend void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }
};

const std::vector<Row> kRows = {
    {"decoding",
     {"upgrades/a.yaml", Object("ClusterUpgrade", "a", "  matcher: []\n  releaseRef: {name: v1.2.3}\n")},
     1,
     "upgrades/a.yaml:5:3: error[unknown-field]"},
    {"no_yaml", {"upgrades/a.yaml", "a: [\n"}, 1, "upgrades/a.yaml:"},
    {"inventory",
     {"clusters/lily.yaml",
      "apiVersion: cluster.x-k8s.io/v1beta1\nkind: Cluster\nmetadata: {name: rose}\nspec: {topology: "
      "{version: v1.2.3}}\n"},
     1,
     "error[duplicate-cluster]"},
    {"floating_ref",
     {"clusters/lily.yaml",
      "apiVersion: cluster.x-k8s.io/v1beta1\nkind: Cluster\nmetadata: {name: lily}\nspec: {topology: "
      "{version: latest}}\n"},
     0,
     "clusters/lily.yaml:4:28: warning[floating]"},
    {"zone",
     {"upgrades/a.yaml", Object("MaintenanceSchedule", "a", "  timeZone: Europe/Berln\n")},
     1,
     "upgrades/a.yaml:5:13: error[unknown-time-zone]"},
    {"rule",
     {"upgrades/a.yaml", Object("MaintenanceSchedule", "a",
                                "  maintenanceWindows:\n  - {startTime: 2026-01-01T00:00:00Z, duration: 1h, "
                                "recurrence: FREQ=HOURLY}\n")},
     1,
     "upgrades/a.yaml:6:"},
    {"lint",
     {"upgrades/a.yaml",
      Object("MaintenanceSchedule", "a",
             "  maintenanceWindows:\n  - {startTime: 2020-01-01T00:00:00Z, duration: 1h}\n")},
     0,
     "warning[no-opening]"},
    {"regex",
     {"upgrades/a.yaml",
      Object("ClusterUpgrade", "a",
             "  matchers: [{name: stage, value: \"(\", isRegex: true}]\n  releaseRef: {name: v1.2.3}\n")},
     1,
     "upgrades/a.yaml:5:"},
    {"unknown_schedule",
     {"upgrades/a.yaml", Object("ClusterUpgrade", "a",
                                "  matchers: [{name: stage, value: dev}]\n  releaseRef: {name: v1.2.3}\n"
                                "  maintenanceScheduleRef: {name: nihgts}\n")},
     1,
     "error[unknown-schedule]: spec.maintenanceScheduleRef"},
    {"schedule_of_a_cluster",
     {"clusters/lily.yaml",
      "apiVersion: cluster.x-k8s.io/v1beta1\nkind: Cluster\nmetadata: {name: lily, labels: "
      "{lockkeeper.dev/maintenance-schedule: nihgts}}\nspec: {topology: {version: v1.2.3}}\n"},
     1,
     "error[unknown-schedule]: cluster lily: "},
    {"or_was_meant",
     {"upgrades/a.yaml", Object("ClusterUpgrade", "a",
                                "  matchers: [{name: stage, value: dev}, {name: stage, value: prod}]\n"
                                "  releaseRef: {name: v1.2.3}\n")},
     0,
     "warning[matchers-exclude-each-other]: spec.matchers: all of them must hold, and no cluster has them "
     "all; 2 would"},
    {"or_was_meant_in_a_schedule",
     {"upgrades/a.yaml", Object("MaintenanceSchedule", "a",
                                "  matchers: [{name: stage, value: dev}, {name: stage, value: prod}]\n")},
     0,
     "warning[matchers-exclude-each-other]"},
    {"lock_without_matchers",
     {"upgrades/a.yaml", Object("ClusterLock", "a", "  reason: r\n  expiresAt: 2026-03-03T00:00:00Z\n")},
     1,
     "upgrades/a.yaml:4:1: error[missing-field]: spec: needs matchers or clusterSelector; 'matchers: []' is "
     "every "
     "cluster"},
    {"lock_of_no_cluster",
     {"upgrades/a.yaml", Object("ClusterLock", "a",
                                "  matchers: [{name: cluster_id, value: lilly}]\n  reason: r\n"
                                "  expiresAt: 2026-03-03T00:00:00Z\n")},
     0,
     "upgrades/a.yaml:5:3: warning[selects-no-cluster]: spec.matchers: "},
    {"loop_of_stages",
     {"upgrades/a.yaml", Object("UpgradePlan", "a",
                                "  stages:\n  - {name: a, matchers: [], dependsOn: [b]}\n"
                                "  - {name: b, matchers: []}\n")},
     1,
     "upgrades/a.yaml:6:29: error[stage-loop]: spec.stages[0].dependsOn: the stages wait for each other, so "
     "none "
     "could ever start: a -> b -> a; a stage without dependsOn waits for the one above it"},
    {"stage_of_no_cluster",
     {"upgrades/a.yaml", Object("UpgradePlan", "a",
                                "  stages:\n  - {name: a, matchers: []}\n"
                                "  - {name: b, matchers: [{key: stage, value: test}]}\n")},
     0,
     "upgrades/a.yaml:7:15: warning[selects-no-cluster]: spec.stages[1].matchers: "},
    {"policy_of_no_cluster",
     {"upgrades/a.yaml", Object("UpgradePolicy", "a", "  matchers: [{key: stage, value: test}]\n")},
     0,
     "upgrades/a.yaml:5:3: warning[selects-no-cluster]: spec.matchers: "},
    {"approval_of_nothing",
     {"upgrades/a.yaml",
      Object("UpgradeApproval", "a",
             "  {upgrade: ops/u, toRelease: v1.2.3, by: alice, at: 2026-03-01T00:00:00Z}\n")},
     0,
     "upgrades/a.yaml:5:13: warning[unknown-upgrade]: spec.upgrade: there is no ClusterUpgrade ops/u"},
    {"rule_of_a_task",
     {"upgrades/a.yaml",
      Object("MaintenanceTask", "a", "  startTime: 2026-01-05T09:00:00\n  recurrence: FREQ=HOURLY\n")},
     1,
     "upgrades/a.yaml:6:15: error[bad-recurrence]: spec.recurrence: 'FREQ=HOURLY' is not"},
    {"zone_of_a_task",
     {"upgrades/a.yaml",
      Object("MaintenanceTask", "a", "  startTime: 2026-01-05T09:00:00\n  timeZone: Europe/Berln\n")},
     1,
     "upgrades/a.yaml:6:13: error[unknown-time-zone]: spec.timeZone: unknown time zone 'Europe/Berln'"},
    {"first_date_of_a_task",
     {"upgrades/a.yaml", Object("MaintenanceTask", "a",
                                "  startTime: 2026-01-05T09:00:00\n  recurrence: FREQ=WEEKLY;BYDAY=TU\n")},
     0,
     "upgrades/a.yaml:5:14: warning[start-not-in-rule]: spec.startTime: 2026-01-05T09:00:00 is not a date of "
     "'FREQ=WEEKLY;BYDAY=TU'; the first one is 2026-01-06T09:00:00"},
    {"task_that_never_comes",
     {"upgrades/a.yaml", Object("MaintenanceTask", "a",
                                "  startTime: 2026-01-05T09:00:00\n  recurrence: "
                                "FREQ=DAILY;UNTIL=20250101T000000Z\n")},
     0,
     "upgrades/a.yaml:6:15: warning[never-recurs]: spec.recurrence: "},
    {"selects_nothing",
     {"upgrades/a.yaml", Object("ClusterUpgrade", "a",
                                "  matchers: [{name: stage, value: test}]\n  releaseRef: {name: v1.2.3}\n")},
     0,
     "warning[selects-no-cluster]"},
    {"nothing_verified",
     {"upgrades/a.yaml", Object("ClusterUpgrade", "a",
                                "  matchers: [{name: stage, value: dev}]\n  releaseRef: {name: v1.2.3}\n")},
     0,
     "upgrades/a.yaml:1:1: warning[nothing-verified]"},
};

class ValidateFinds : public ::testing::TestWithParam<Row> {};

TEST_P(ValidateFinds, TheProblem) {
  const ProgramResult result = Validate(FleetExampleWith({GetParam().file}));
  EXPECT_EQ(result.exit_code, GetParam().exit_code) << result.output << result.errors;
  EXPECT_THAT(result.output, HasSubstr(GetParam().finding));
}

INSTANTIATE_TEST_SUITE_P(Rows, ValidateFinds, ::testing::ValuesIn(kRows),
                         [](const auto& row) { return row.param.name; });

TEST(Validate, AFleetWithoutRulesIsPointedOut) {
  const ProgramResult result =
      Validate(FleetExampleWith({{"lockkeeper.yaml", Object("Fleet", "acme", "  inventory: []\n")}}));
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output, HasSubstr("lockkeeper.yaml:1:1: warning[empty-inventory]"));
}

TEST(Validate, StatusFilesOnAProtectedBranch) {
  const ProgramResult result = Validate(FleetExampleWith(
      {{"lockkeeper.yaml",
        Object("Fleet", "acme",
               "  delivery: {mode: mergeRequest}\n"
               "  forge: {type: gitlab, url: \"https://git.example.com\", project: a/b}\n")}}));
  EXPECT_THAT(result.output, HasSubstr("lockkeeper.yaml:5:20: warning[status-on-the-branch]"));
}

TEST(Validate, EveryProblemInOneRun) {
  std::vector<TestFile> files;
  for (const Row& row : kRows) {
    if (row.file.path == "upgrades/a.yaml")
      files.push_back({"upgrades/" + row.name + ".yaml", row.file.content});
  }
  const ProgramResult result = Validate(FleetExampleWith(files), {"-o", "json"});
  EXPECT_EQ(result.exit_code, 1);
  const json findings = json::parse(result.output)["findings"];
  for (const Row& row : kRows) {
    if (row.file.path != "upgrades/a.yaml") continue;
    const std::string file = "upgrades/" + row.name + ".yaml";
    EXPECT_TRUE(std::ranges::any_of(findings, [&](const json& finding) { return finding["file"] == file; }))
        << file;
  }
  const json& first = findings[0];
  EXPECT_EQ(first.size(), 6U);
  for (const char* name : {"file", "line", "column", "severity", "code", "message"})
    EXPECT_TRUE(first.contains(name)) << name;
}

TEST(Validate, OldTimeZones) {
  TempRepository repository;
  repository.Commit(FleetExample());
  const ProgramResult result =
      RunLockkeeper({"validate", repository.path(), "--now", "2100-01-01T00:00:00Z"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output, HasSubstr("warning[old-time-zones]"));
}

TEST(Validate, AWorkTreeIsReadAsItIs) {
  TempRepository repository(Layout::kWithWorkTree);
  repository.Commit(FleetExample());
  for (const TestFile& file : FleetExample()) repository.WriteFile(file.path, file.content);
  repository.WriteFile("upgrades/new.yaml", Object("MaintenanceSchedule", "a", "  timeZone: Europe/Berln\n"));
  const std::string finding = "upgrades/new.yaml:5:13: error[unknown-time-zone]";
  // Here, from a folder below, and by name.
  EXPECT_THAT(RunLockkeeper({"validate"}, {.folder = repository.path()}).output, HasSubstr(finding));
  EXPECT_THAT(RunLockkeeper({"validate"}, {.folder = repository.path() + "/clusters"}).output,
              HasSubstr(finding));
  EXPECT_THAT(RunLockkeeper({"validate", repository.path()}).output, HasSubstr(finding));
  EXPECT_THAT(RunLockkeeper({"validate", "file://" + repository.path()}).output, HasSubstr(finding));
  // What is committed is another question.
  const ProgramResult committed =
      RunLockkeeper({"validate", repository.path(), "--branch", "main", "--now", kNow});
  EXPECT_EQ(committed.exit_code, 0) << committed.output;
}

TEST(Validate, AFolderAndAFile) {
  TempFolder folder;
  std::filesystem::create_directory(folder.path() + "/a");
  const std::string upgrade = Object(
      "ClusterUpgrade", "u", "  matchers: [{name: stage, value: dev}]\n  releaseRef: {name: v1.2.3}\n");
  std::ofstream(folder.path() + "/a/one.yaml") << upgrade;
  std::ofstream(folder.path() + "/a/two.yml") << upgrade;
  std::ofstream(folder.path() + "/a/README.md") << "a: [";
  const ProgramResult both = RunLockkeeper({"validate", folder.path() + "/a"});
  EXPECT_EQ(both.exit_code, 1);
  EXPECT_THAT(both.output, AllOf(HasSubstr(folder.path() + "/a/two.yml:1:1: error[duplicate-object]"),
                                 Not(HasSubstr("README"))));
  EXPECT_THAT(both.errors, HasSubstr("2 files of "));
  const ProgramResult one = RunLockkeeper({"validate", "one.yaml"}, {.folder = folder.path() + "/a"});
  EXPECT_EQ(one.exit_code, 0) << one.output;
  EXPECT_EQ(RunLockkeeper({"validate", "-"}, {.input = upgrade}).exit_code, 0);
  const ProgramResult wrong =
      RunLockkeeper({"validate", "-"}, {.input = "kind: Fleet\napiVersion: lockkeeper.dev/v1alpha1\n"});
  EXPECT_EQ(wrong.exit_code, 1);
  EXPECT_THAT(wrong.output, HasSubstr("stdin:1:1: error["));
}

TEST(Validate, EveryKindInAFolderOfItsOwn) {
  TempFolder folder;
  const std::filesystem::path data = std::filesystem::path(LK_TEST_DATA) / "manifests";
  for (const char* name : {"plans.yaml", "people.yaml", "policies-and-tasks.yaml"})
    std::filesystem::copy_file(data / "good" / name, folder.path() + "/" + name);
  const ProgramResult good = RunLockkeeper({"validate", folder.path(), "--now", kNow, "-o", "json"});
  EXPECT_EQ(good.exit_code, 0);
  EXPECT_EQ(json::parse(good.output)["findings"].size(), 0U) << good.output;
  // The same objects in a second file.
  std::filesystem::copy_file(data / "good" / "people.yaml", folder.path() + "/a.yaml");
  const ProgramResult twice = RunLockkeeper({"validate", folder.path(), "--now", kNow});
  EXPECT_EQ(twice.exit_code, 1);
  for (const char* object : {"ClusterLock ops/stop", "UpgradeApproval default/other"})
    EXPECT_THAT(twice.output, HasSubstr(std::string("error[duplicate-object]: metadata.name: ") + object));
}

TEST(Validate, ARepositoryWithoutAFleetSaysSo) {
  const ProgramResult result = Validate({{"README.md", "x"}});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, HasSubstr("lockkeeper.yaml:1:1: error[no-fleet]"));
  EXPECT_THAT(result.output, HasSubstr("lockkeeper init"));
}

TEST(Validate, Sarif) {
  const ProgramResult result = Validate(FleetExampleWith({kRows[0].file}), {"-o", "sarif"});
  EXPECT_EQ(result.exit_code, 1);
  const json log = json::parse(result.output);
  EXPECT_EQ(log["version"], "2.1.0");
  const json results = log["runs"][0]["results"];
  EXPECT_TRUE(std::ranges::any_of(results, [](const json& r) { return r["ruleId"] == "unknown-field"; }));
}

TEST(Validate, NothingThere) {
  const ProgramResult result = RunLockkeeper({"validate", "/nowhere"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.errors, HasSubstr("/nowhere: no such folder"));
}

}  // namespace
}  // namespace lockkeeper
