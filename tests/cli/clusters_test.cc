// `clusters`, and what commands say that need a fleet where there is none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/fleet_example.h"
#include "tests/cli/run_lockkeeper.h"

namespace lockkeeper {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;

ProgramResult Clusters(const TempRepository& repository, std::vector<std::string> arguments = {}) {
  for (const std::string& word : {repository.path(), std::string("--repo"), std::string("clusters")}) {
    arguments.insert(arguments.begin(), word);
  }
  return RunLockkeeper(arguments);
}

TEST(Clusters, JsonHasTheFixedNames) {
  TempRepository repository;
  const std::string commit = repository.Commit(FleetExample());
  const ProgramResult result = Clusters(repository, {"-o", "json"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const json value = json::parse(result.output);
  EXPECT_EQ(value["commit"], commit);
  ASSERT_EQ(value["clusters"].size(), 2U);
  json rose = value["clusters"][0];
  EXPECT_EQ(rose["labels"]["stage"], "dev");
  EXPECT_EQ(rose["labels"]["cluster_id"], "rose");
  rose.erase("labels");
  EXPECT_EQ(rose, json::parse(R"({"cluster": "rose", "namespace": "org-acme", "release": "1.31.4",
    "schedules": ["default/working-hours"], "problems": [],
    "refs": [{"file": "clusters/rose.yaml", "line": 10, "column": 14, "value": "v1.31.4", "format": "v{version}", "role": "release"}]})"));
  EXPECT_EQ(value["clusters"][1]["schedules"], json::array({"default/nights"}));
}

TEST(Clusters, TextIsATable) {
  TempRepository repository;
  repository.Commit(FleetExample());
  EXPECT_EQ(Clusters(repository).output,
            "CLUSTER  NAMESPACE  RELEASE  SCHEDULES              REF\n"
            "rose     org-acme   1.31.4   default/working-hours  clusters/rose.yaml:10:14\n"
            "tulip    org-acme   1.30.2   default/nights         clusters/tulip.yaml:10:14\n"
            "\n2 clusters\n");
}

TEST(Clusters, ProblemsAreShown) {
  TempRepository repository;
  repository.Commit(
      FleetExampleWith({{"clusters/lily.yaml",
                         "apiVersion: cluster.x-k8s.io/v1beta1\nkind: Cluster\n"
                         "metadata: {name: lily, labels: {lockkeeper.dev/maintenance-schedule: nihgts}}\n"
                         "spec: {topology: {version: latest}}\n"}}));
  const json lily = json::parse(Clusters(repository, {"lily", "-o", "json"}).output)["clusters"][0];
  ASSERT_EQ(lily["problems"].size(), 2U) << lily;
  EXPECT_EQ(lily["problems"][0]["code"], "floating");
  EXPECT_THAT(lily["problems"][0]["message"].get<std::string>(), HasSubstr("clusters/lily.yaml:4:28: "));
  EXPECT_EQ(lily["problems"][1]["code"], "schedule");
  EXPECT_THAT(lily["problems"][1]["message"].get<std::string>(), HasSubstr("default/nihgts"));
  EXPECT_THAT(Clusters(repository).output,
              AllOf(HasSubstr("floating, schedule"), HasSubstr("3 clusters, 1 with problems")));
}

struct Row {
  std::string name;
  std::vector<std::string> arguments;
  int exit_code = 0;
  std::string clusters;  ///< of the answer, joined by spaces
  std::string errors = {};
  friend void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }
};

const std::vector<Row> kRows = {
    {"all", {}, 0, "rose tulip"},
    {"named", {"tulip"}, 0, "tulip"},
    {"two_named", {"tulip", "rose"}, 0, "rose tulip"},
    {"unknown_name", {"tulpi"}, 1, "", "NAME: there is no cluster 'tulpi'; did you mean 'tulip'?"},
    {"equal", {"-l", "stage=prod"}, 0, "tulip"},
    {"not_equal", {"-l", "stage!=prod"}, 0, "rose"},
    {"regex", {"-l", "stage=~d.*|x"}, 0, "rose"},
    {"not_regex", {"--selector=stage!~d.*"}, 0, "tulip"},
    {"all_must_hold", {"-l", "stage=prod", "-l", "cluster=rose"}, 0, ""},
    {"value_with_signs", {"-l", "stage=a=b"}, 0, ""},
    {"missing_label_is_empty", {"-l", "nothing="}, 0, "rose tulip"},
    {"no_selector", {"-l", "stage"}, 2, "", "--selector: 'stage': write label=value"},
    {"no_label", {"-l", "=x"}, 2, "", "--selector: '=x'"},
    {"bad_regex", {"-l", "stage=~("}, 2, "", "--selector: "},
};

class ClustersFilter : public ::testing::TestWithParam<Row> {};

TEST_P(ClustersFilter, Chooses) {
  TempRepository repository;
  repository.Commit(FleetExample());
  std::vector<std::string> arguments = GetParam().arguments;
  arguments.insert(arguments.end(), {"-o", "json"});
  const ProgramResult result = Clusters(repository, arguments);
  ASSERT_EQ(result.exit_code, GetParam().exit_code) << result.errors;
  EXPECT_THAT(result.errors, HasSubstr(GetParam().errors));
  if (GetParam().exit_code != 0) return;
  std::string names;
  const json value = json::parse(result.output);
  for (const json& cluster : value["clusters"]) {
    names += (names.empty() ? "" : " ") + cluster["cluster"].get<std::string>();
  }
  EXPECT_EQ(names, GetParam().clusters);
}

INSTANTIATE_TEST_SUITE_P(Rows, ClustersFilter, ::testing::ValuesIn(kRows),
                         [](const auto& row) { return row.param.name; });

TEST(NeedsFleet, WithoutOneItPointsToInit) {
  TempRepository repository;
  repository.Commit({{"README.md", "nothing"}});
  for (const char* command : {"clusters", "windows"}) {
    const ProgramResult result = RunLockkeeper({command, "--repo", repository.path()});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_EQ(result.output, "");
    EXPECT_THAT(result.errors,
                AllOf(HasSubstr("branch main: there is no Fleet"), HasSubstr("'lockkeeper init'")));
  }
}

TEST(NeedsFleet, ABrokenOneIsShown) {
  TempRepository repository;
  repository.Commit(
      {{"lockkeeper.yaml",
        "apiVersion: lockkeeper.dev/v1alpha1\nkind: Fleet\nmetadata: {name: a}\nspec: {x: 1}\n"}});
  const ProgramResult result = RunLockkeeper({"clusters", "--repo", repository.path()});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.errors, AllOf(HasSubstr("the Fleet has errors"),
                                   HasSubstr("lockkeeper.yaml:4:8: error[unknown-field]")));
}

TEST(NeedsFleet, WhatCannotBeReachedIsThree) {
  TempRepository empty;
  TempFolder folder;
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"/nowhere", "/nowhere: no such folder"},
      {folder.path(), "no Git repository"},
      {empty.path(), "there is no branch 'main'"},
      {"http://127.0.0.1:1/fleet.git", "http://127.0.0.1:1/fleet.git: not reached"},
      {"ftp://127.0.0.1/fleet.git", "ftp"},
      {"https://me:secret@127.0.0.1:1/fleet.git", "password"},
      {"", "the repository's location is empty"}};
  for (const auto& [repo, message] : rows) {
    const ProgramResult result = RunLockkeeper({"clusters", "--repo=" + repo});
    EXPECT_EQ(result.exit_code, 3) << repo;
    EXPECT_THAT(result.errors, HasSubstr(message));
  }
}

TEST(WindowsOfRepository, ClusterSeesItsOwnSchedulesInItsOwnZone) {
  TempRepository repository;
  repository.Commit(FleetExample());
  const ProgramResult result = RunLockkeeper({"windows", "--repo", repository.path(), "--cluster", "tulip",
                                              "--now", "2026-03-01T12:00:00Z", "--to", "2026-03-03"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, AllOf(HasSubstr("default/nights"),
                                   HasSubstr("Mon 2026-03-02 22:00 - Tue 2026-03-03 06:00 CET")));
  EXPECT_THAT(result.output, ::testing::Not(HasSubstr("working-hours")));
}

TEST(WindowsOfRepository, AClusterThatNothingGoverns) {
  TempRepository repository;
  repository.Commit(FleetExampleWith({{"upgrades/schedules.yaml", "# none\n"}}));
  const ProgramResult text = RunLockkeeper({"windows", "--repo", repository.path(), "--cluster", "tulip"});
  EXPECT_EQ(text.exit_code, 0) << text.errors;
  EXPECT_THAT(text.output, HasSubstr("no schedule governs it: upgrades with a startTime may run"));
  const ProgramResult value =
      RunLockkeeper({"windows", "--repo", repository.path(), "--cluster", "tulip", "-o", "json"});
  EXPECT_EQ(json::parse(value.output)["schedules"], json::array());
}

TEST(WindowsOfRepository, AClusterWhoseScheduleIsBrokenFails) {
  TempRepository repository;
  repository.Commit(FleetExampleWith(
      {{"upgrades/more.yaml",
        "apiVersion: lockkeeper.dev/v1alpha1\nkind: MaintenanceSchedule\nmetadata: {name: x}\n"
        "spec: {timeZone: Mars/Base, matchers: [{name: stage, value: prod}]}\n"}}));
  const ProgramResult tulip = RunLockkeeper({"windows", "--repo", repository.path(), "--cluster", "tulip"});
  EXPECT_EQ(tulip.exit_code, 1);
  EXPECT_THAT(tulip.errors, HasSubstr("so the cluster is closed"));
  EXPECT_EQ(RunLockkeeper({"windows", "--repo", repository.path(), "--cluster", "rose"}).exit_code, 0);
}

}  // namespace
}  // namespace lockkeeper
