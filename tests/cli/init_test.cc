#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "schemas/manifest/decode.h"
#include "tests/cli/run_lockkeeper.h"

namespace lockkeeper {
namespace {

namespace fs = std::filesystem;

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kCluster = R"(apiVersion: cluster.x-k8s.io/v1beta1
kind: Cluster
metadata: {name: NAME, namespace: org-acme}
spec: {topology: {class: c, version: v1.31.4}}
)";

std::string ClusterFile(const std::string& name) {
  return std::regex_replace(kCluster, std::regex("NAME"), name);
}

std::string Read(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

ProgramResult Init(const std::string& folder, std::vector<std::string> arguments = {}) {
  arguments.insert(arguments.begin(), "init");
  return RunLockkeeper(arguments, {.folder = folder, .environment = {{"TZ", "Europe/Stockholm"}}});
}

TEST(Init, WritesWhatValidates) {
  TempRepository repository(Layout::kWithWorkTree);
  for (const char* name : {"rose", "tulip", "iris", "lily"}) {
    repository.WriteFile(std::string("clusters/") + name + ".yaml", ClusterFile(name));
  }
  const ProgramResult result = Init(repository.path(), {"clusters", "--now", "2026-03-07T10:00:00Z"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("capi-topology: 4 clusters\n"), HasSubstr("iris 1.31.4 (clusters/iris.yaml)"),
                    HasSubstr("and 1 more"), HasSubstr("1. read the three files")));
  const DecodedFile fleet = DecodeManifests("lockkeeper.yaml", Read(repository.path() + "/lockkeeper.yaml"));
  ASSERT_EQ(fleet.fleets.size(), 1U) << Read(repository.path() + "/lockkeeper.yaml");
  EXPECT_TRUE(fleet.diagnostics.empty()) << FormatDiagnostic(fleet.diagnostics.front());
  ASSERT_EQ(fleet.fleets[0].inventory.size(), 1U);
  EXPECT_EQ(fleet.fleets[0].inventory[0].include, std::vector<std::string>{"clusters/*.yaml"});

  const std::string text = Read(repository.path() + "/upgrades/working-hours.yaml");
  const DecodedFile schedule = DecodeManifests("s", text);
  ASSERT_EQ(schedule.schedules.size(), 1U) << text;
  EXPECT_EQ(schedule.schedules[0].time_zone.value, "Europe/Stockholm");
  // 7 March 2026 is a Saturday.
  EXPECT_THAT(text, HasSubstr("startTime: 2026-03-09T09:00:00"));
}

TEST(Init, ExampleIsAnUpgradeOnceItsCommentsAreGone) {
  TempRepository repository(Layout::kWithWorkTree);
  repository.WriteFile("clusters/rose.yaml", ClusterFile("rose"));
  ASSERT_EQ(Init(repository.path()).exit_code, 0);
  const std::string text = Read(repository.path() + "/upgrades/example-upgrade.yaml");
  const DecodedFile as_it_is = DecodeManifests("e", text);
  EXPECT_TRUE(as_it_is.diagnostics.empty() && as_it_is.upgrades.empty());
  std::string uncommented;
  std::istringstream lines(text.substr(text.find("# apiVersion")));
  for (std::string line; std::getline(lines, line);) uncommented += line.substr(2) + "\n";
  const DecodedFile upgrade = DecodeManifests("e", uncommented);
  ASSERT_EQ(upgrade.upgrades.size(), 1U) << uncommented;
  EXPECT_TRUE(upgrade.diagnostics.empty());
  EXPECT_EQ(upgrade.upgrades[0].match.matchers.at(0).value, "rose");
  EXPECT_EQ(upgrade.upgrades[0].release.name.value, "1.31.5");
}

TEST(Init, OverwritesNothing) {
  for (const char* path :
       {"lockkeeper.yaml", "upgrades/working-hours.yaml", "upgrades/example-upgrade.yaml"}) {
    TempRepository repository(Layout::kWithWorkTree);
    repository.WriteFile(path, "mine");
    const ProgramResult result = Init(repository.path());
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_EQ(result.output, "");
    EXPECT_THAT(result.errors, HasSubstr(repository.path() + "/" + path + ": is there already"));
    EXPECT_EQ(Read(repository.path() + "/" + path), "mine");
    size_t files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(repository.path())) {
      files += entry.is_regular_file() && !entry.path().string().contains("/.git/") ? 1 : 0;
    }
    EXPECT_EQ(files, 1U) << "half of the files would stop the next attempt";
  }
}

TEST(Init, WithoutClustersItShowsHowToSayWhereTheyAre) {
  TempFolder folder;
  const ProgramResult result = Init(folder.path());
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("no cluster that a built-in profile knows"), HasSubstr("git init")));
  const DecodedFile fleet = DecodeManifests("f", Read(folder.path() + "/lockkeeper.yaml"));
  EXPECT_TRUE(fleet.diagnostics.empty()) << FormatDiagnostic(fleet.diagnostics.front());
  EXPECT_EQ(fleet.fleets.size(), 1U);
}

TEST(Init, AGuessThatNothingCanBeDoneWithIsOnlyShown) {
  TempFolder folder;
  std::ofstream(folder.path() + "/app.yaml")
      << "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: app, namespace: app}\n"
         "spec: {chart: {spec: {chart: app, version: \">=1.0.0\", sourceRef: {kind: HelmRepository, name: "
         "a}}}}\n";
  const ProgramResult result = RunLockkeeper({"init", folder.path()});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output,
              HasSubstr("flux-helmrelease (a guess): 1 cluster, 0 with a release that may be changed"));
  const std::string text = Read(folder.path() + "/lockkeeper.yaml");
  EXPECT_THAT(text, HasSubstr("\n  # - profile: flux-helmrelease\n"));
  const DecodedFile fleet = DecodeManifests("f", text);
  EXPECT_TRUE(fleet.diagnostics.empty()) << FormatDiagnostic(fleet.diagnostics.front()) << text;
  EXPECT_TRUE(fleet.fleets.at(0).inventory.empty());
}

TEST(Init, TakesAnyNamesOfFoldersAndFiles) {
  TempFolder outer;
  const std::string folder = outer.path() + "/Ünsere: 'Flotte' # 1\n\"";
  fs::create_directories(folder + "/a: \"b\" {c}\n#");
  std::ofstream(folder + "/a: \"b\" {c}\n#/rose.yaml") << ClusterFile("rose");
  const ProgramResult result = RunLockkeeper({"init", folder});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const std::string text = Read(folder + "/lockkeeper.yaml");
  const DecodedFile fleet = DecodeManifests("f", text);
  for (const Diagnostic& finding : fleet.diagnostics) {
    // The glob itself may be one that the inventory does not take; the text around it must hold.
    EXPECT_EQ(finding.code.find("yaml"), std::string::npos) << FormatDiagnostic(finding) << "\n" << text;
  }
}

TEST(Init, FindsReleases) {
  TempRepository repository(Layout::kWithWorkTree);
  repository.WriteFile("clusters/rose.yaml", ClusterFile("rose"));
  repository.WriteFile(
      "catalog/v1.yaml",
      "apiVersion: lockkeeper.dev/v1alpha1\nkind: Release\nmetadata: {name: v1.31.5}\nspec: {}\n");
  ASSERT_EQ(Init(repository.path()).exit_code, 0);
  EXPECT_THAT(Read(repository.path() + "/lockkeeper.yaml"), HasSubstr("\n  releases: [\"catalog/\"]\n"));
}

TEST(Init, RefusesABareRepositoryInWords) {
  TempRepository repository;
  const ProgramResult result = Init(repository.path());
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.errors, HasSubstr("is a bare repository"));
}

TEST(Init, NoFolder) {
  const ProgramResult result = RunLockkeeper({"init", "/nowhere/at/all"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.errors, HasSubstr("/nowhere/at/all: no such folder"));
}

TEST(Init, Json) {
  TempRepository repository(Layout::kWithWorkTree);
  repository.WriteFile("clusters/rose.yaml", ClusterFile("rose"));
  const auto value = nlohmann::json::parse(Init(repository.path(), {"-o", "json"}).output);
  EXPECT_EQ(value["folder"], repository.path());
  EXPECT_EQ(value["found"][0]["profile"], "capi-topology");
  EXPECT_EQ(value["found"][0]["guess"], false);
  EXPECT_EQ(value["written"].size(), 3U);
}

}  // namespace
}  // namespace lockkeeper
