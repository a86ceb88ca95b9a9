#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/cli/fleet_example.h"
#include "tests/cli/run_lockkeeper.h"

namespace lockkeeper {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

/// A repository with the example fleet on main, and the program run on it two hours before its working day.
class Simulate : public testing::Test {
 protected:
  void SetUp() override { temp_.Commit(FleetExample()); }

  ProgramResult Run(std::vector<std::string> arguments, std::string columns = "120") const {
    std::vector<std::string> all{"--repo", temp_.path(), "--now", "2026-03-02T07:00:00Z"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return RunLockkeeper(all, {.environment = {{"COLUMNS", std::move(columns)}}});
  }

  json Events(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"simulate", "-o", "json"});
    const ProgramResult result = Run(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    return json::parse(result.output);
  }

  TempRepository temp_;
};

std::string UpgradeAll(std::string_view more) {
  return fmt::format(
      "apiVersion: lockkeeper.dev/v1alpha1\nkind: ClusterUpgrade\nmetadata: {{name: dev-first}}\nspec:\n"
      "  matchers: [{{name: cluster, value: \".*\", isRegex: true}}]\n"
      "  releaseRef: {{name: v1.31.5}}\n{}",
      more);
}

TEST_F(Simulate, JsonHasTheFixedNames) {
  EXPECT_EQ(Events({"--to", "+2d"}), json::parse(R"({
    "from": "2026-03-02T07:00:00Z", "to": "2026-03-04T07:00:00Z",
    "events": [
      {"at": "2026-03-02T07:00:00Z", "upgrade": "default/dev-first", "cluster": "rose", "event": "wait",
       "from": "v1.31.4", "to": "v1.31.5", "message": "window: outside every window of schedule default/working-hours"},
      {"at": "2026-03-02T09:00:00Z", "upgrade": "default/dev-first", "cluster": "rose", "event": "bump",
       "from": "v1.31.4", "to": "v1.31.5", "message": "window 'day' of default/working-hours"},
      {"at": "2026-03-02T09:30:00Z", "upgrade": "default/dev-first", "cluster": "rose", "event": "success",
       "from": "v1.31.4", "to": "v1.31.5", "message": "assumed"}],
    "held": []})"));
}

TEST_F(Simulate, OutcomesAreAssumed) {
  const json failed = Events({"--outcome", "success", "--outcome", "failure:rose", "--duration", "40m"});
  EXPECT_EQ(failed["events"].back()["event"], "failure");
  EXPECT_EQ(failed["events"].back()["at"], "2026-03-02T09:40:00Z");
  // Nobody has set a finishTimeout.
  const json silent = Events({"--outcome", "timeout:rose"});
  EXPECT_EQ(silent["events"].back()["event"], "bump");
  EXPECT_EQ(silent["held"][0]["action"], "observe");
}

TEST_F(Simulate, TheFirstPassIsMadeAtFrom) {
  const json later = Events({"--from", "2026-03-10T20:00:00Z"});
  EXPECT_EQ(later["to"], "2026-06-08T20:00:00Z");
  EXPECT_EQ(later["events"][1]["at"], "2026-03-11T09:00:00Z");
}

TEST_F(Simulate, WhatDoesNotComeToAnEndIsTold) {
  temp_.Commit({{.path = "upgrades/dev-first.yaml", .content = UpgradeAll("  suspend: true\n")}});
  const json all = Events({});
  ASSERT_EQ(all["held"].size(), 2U);
  EXPECT_EQ(all["held"][1]["cluster"], "tulip");
  EXPECT_EQ(all["held"][1]["reason"], "suspend");
  EXPECT_THAT(Run({"simulate"}).output,
              testing::AllOf(HasSubstr("Nothing happens in that time."), HasSubstr("2 not at an end"),
                             HasSubstr("rose, tulip"), HasSubstr("suspend: true")));
}

TEST_F(Simulate, ShowsOnlyWhatIsAskedFor) {
  temp_.Commit({{.path = "upgrades/dev-first.yaml", .content = UpgradeAll("")},
                {.path = "upgrades/other.yaml",
                 .content = "apiVersion: lockkeeper.dev/v1alpha1\nkind: ClusterUpgrade\n"
                            "metadata: {name: other, namespace: ops}\nspec:\n  matchers: []\n"
                            "  releaseRef: {name: v1.31.9}\n"}});
  for (const json& event : Events({"--cluster", "tulip"})["events"]) EXPECT_EQ(event["cluster"], "tulip");
  EXPECT_GE(Events({"--cluster", "tulip", "--upgrade", "dev-first"})["events"].size(), 2U);
  EXPECT_EQ(Events({"--upgrade", "ops/other"})["events"].size(), 0U);
  EXPECT_EQ(Run({"simulate", "--upgrade", "other"}).exit_code, 1);
}

TEST_F(Simulate, TextIsByDayOnTheSchedulesWallClock) {
  EXPECT_THAT(Run({"simulate"}).output, HasSubstr("Mon 2026-03-02  09:00 UTC"));
  std::string schedules = temp_.Read("upgrades/schedules.yaml");
  schedules.replace(schedules.find("  default: true"), 0, "  timeZone: Europe/Stockholm\n");
  temp_.Commit({{.path = "upgrades/schedules.yaml", .content = schedules}});
  const std::string text = Run({"simulate"}).output;
  EXPECT_THAT(text, HasSubstr("1 bump of 1 cluster\n"));
  EXPECT_THAT(text, HasSubstr("TIME (Europe/Stockholm)"));
  EXPECT_THAT(text, HasSubstr("Mon 2026-03-02  09:00 CET"));
  EXPECT_THAT(text, HasSubstr("Assumed: those after a bump answer within the upgrade's runway, or in 30m."));
  EXPECT_THAT(text, Not(HasSubstr("wait")));
}

TEST_F(Simulate, WhatHappensAtOnceIsOneLine) {
  std::vector<TestFile> files{{.path = "upgrades/dev-first.yaml", .content = UpgradeAll("")}};
  for (int i = 0; i < 100; ++i) {
    files.push_back({.path = fmt::format("clusters/n{:02}.yaml", i),
                     .content = fmt::format("apiVersion: cluster.x-k8s.io/v1beta1\nkind: Cluster\n"
                                            "metadata: {{name: n{:02}}}\n"
                                            "spec: {{topology: {{class: c, version: v1.31.4}}}}\n",
                                            i)});
  }
  temp_.Commit(files);
  EXPECT_THAT(Run({"simulate"}).output, HasSubstr("n00, n01, n02 and 98 more  bump, unverified"));
  // So many rows nobody reads: one for all.
  const std::string chart = Run({"simulate", "--timeline"}).output;
  EXPECT_THAT(chart, HasSubstr("all clusters  +"));
  EXPECT_THAT(chart, Not(HasSubstr("n00")));
}

TEST_F(Simulate, TheTimelineIsPlainAndFits) {
  const ProgramResult result =
      Run({"simulate", "--timeline", "--outcome", "failure:rose", "--duration", "50h"}, "50");
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  // A column is three days, so that 91 of them fit.
  EXPECT_THAT(result.output, HasSubstr("  rose  x......"));
  EXPECT_THAT(result.output, HasSubstr("A column is 3 days."));
  EXPECT_TRUE(std::ranges::all_of(result.output, [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
  std::istringstream lines(result.output);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("  ")) {
      EXPECT_LE(line.size(), 50U) << line;
    }
  }
  const std::string wide =
      Run({"simulate", "--timeline", "--outcome", "failure:rose", "--duration", "50h"}, "120").output;
  EXPECT_THAT(wide, HasSubstr("  rose  #-x....."));
  EXPECT_THAT(wide, HasSubstr("        Mar 02 Mar 09 Mar 16"));
}

struct UsageRow {
  std::string name;
  std::vector<std::string> arguments;
  int exit_code;
  std::string message;
  friend void PrintTo(const UsageRow& row, std::ostream* out) { *out << row.name; }
};

class SimulateUsage : public Simulate, public testing::WithParamInterface<UsageRow> {};

TEST_P(SimulateUsage, SaysWhatIsWrong) {
  const ProgramResult result = Run(GetParam().arguments);
  EXPECT_EQ(result.exit_code, GetParam().exit_code);
  EXPECT_THAT(result.errors, HasSubstr(GetParam().message));
  EXPECT_EQ(result.output, "");
}

INSTANTIATE_TEST_SUITE_P(
    Rows, SimulateUsage,
    testing::Values(
        UsageRow{"outcome_word",
                 {"simulate", "--outcome", "failed:rose"},
                 2,
                 "--outcome: 'failed:rose' is none of"},
        UsageRow{"outcome_without_cluster", {"simulate", "--outcome", "failure:"}, 2, "is none of success"},
        UsageRow{"outcome_of_nobody", {"simulate", "--outcome", "failure:rosa"}, 1, "did you mean 'rose'"},
        UsageRow{"two_outcomes",
                 {"simulate", "--outcome", "failure:rose", "--outcome", "timeout:rose"},
                 2,
                 "can fail or time out, not both"},
        UsageRow{"duration", {"simulate", "--duration", "0m"}, 2, "--duration: "},
        UsageRow{"to_before_from", {"simulate", "--to", "-1d"}, 2, "is not after 2026-03-02T07:00:00Z"},
        UsageRow{"cluster", {"simulate", "--cluster", "lily"}, 1, "--cluster: there is no cluster 'lily'"},
        UsageRow{"upgrade", {"simulate", "--upgrade", "dev-frist"}, 1, "did you mean 'dev-first'"},
        UsageRow{"timeline_as_json", {"simulate", "--timeline", "-o", "json"}, 2, "--timeline: draws text"},
        UsageRow{"no_such_revision", {"plan", "--diff", "mian"}, 1, "--diff: "},
        UsageRow{"empty_revision", {"plan", "--diff", ""}, 1, "--diff: "},
        UsageRow{"to_without_diff", {"plan", "--to", "+3d"}, 2, "--to requires --diff"},
        UsageRow{"to_in_the_past", {"plan", "--diff", "main", "--to", "-3d"}, 2, "is not after"}),
    [](const auto& row) { return row.param.name; });

class PlanDiff : public Simulate {
 protected:
  /// On a branch of its own, as for a review.
  void Propose(std::string_view path, std::string_view old_text, std::string_view new_text) {
    std::string text = temp_.Read(std::string{path});
    const size_t at = text.find(old_text);
    ASSERT_NE(at, std::string::npos);
    text.replace(at, old_text.size(), new_text);
    temp_.Git({"branch", "review", "main"});
    temp_.Commit({{.path = std::string{path}, .content = text}}, "Change", "review");
  }
  json Diff(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"--branch", "review", "plan", "--diff", "main", "-o", "json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const ProgramResult result = Run(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    return json::parse(result.output);
  }
};

TEST_F(PlanDiff, SaysByHowMuchAChangeMovesACluster) {
  Propose("upgrades/dev-first.yaml", "2026-03-01T00:00:00Z", "2026-03-16T00:00:00Z");
  const json diff = Diff();
  EXPECT_EQ(diff["base"], temp_.Head());
  EXPECT_EQ(diff["commit"], temp_.Head("review"));
  EXPECT_EQ(diff["from"], "2026-03-02T07:00:00Z");
  EXPECT_EQ(diff["to"], "2026-05-31T07:00:00Z");
  EXPECT_EQ(diff["changes"], json::parse(R"([{
    "upgrade": "default/dev-first", "cluster": "rose", "change": "later", "by": "2w",
    "before": {"bumps": [{"at": "2026-03-02T09:00:00Z", "from": "v1.31.4", "to": "v1.31.5"}],
               "end": {"at": "2026-03-02T09:30:00Z", "outcome": "success"}},
    "after": {"bumps": [{"at": "2026-03-16T09:00:00Z", "from": "v1.31.4", "to": "v1.31.5"}],
              "end": {"at": "2026-03-16T09:30:00Z", "outcome": "success"}},
    "message": ""}])"));
  const std::string text = Run({"--branch", "review", "plan", "--diff", "main"}).output;
  EXPECT_THAT(text, HasSubstr("1 difference\n"));
  EXPECT_THAT(text,
              HasSubstr("rose     14 days later  2026-03-02 09:00 UTC to v1.31.5  2026-03-16 09:00 UTC"));
}

TEST_F(PlanDiff, SaysWhyAClusterDoesNotMoveAnyMore) {
  Propose("upgrades/dev-first.yaml", "spec:\n", "spec:\n  suspend: true\n");
  const json change = Diff()["changes"][0];
  EXPECT_EQ(change["change"], "disappears");
  EXPECT_EQ(change["after"], json::parse(R"({"bumps": [], "end": null})"));
  EXPECT_EQ(change["message"], "suspend: upgrades/dev-first.yaml says suspend: true");
}

TEST_F(PlanDiff, LooksAsFarAsItIsTold) {
  Propose("upgrades/dev-first.yaml", "value: dev", "value: prod");
  EXPECT_EQ(Diff()["changes"].size(), 2U);
  EXPECT_EQ(Diff({"--to", "+30m"})["changes"], json::array());
}

TEST_F(PlanDiff, ACommitWithoutAFleetIsNoBase) {
  temp_.Commit({{.path = "README.md", .content = "hello"}}, "Begin", "empty");
  const ProgramResult result = Run({"plan", "--diff", "empty"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.errors, HasSubstr("--diff: lockkeeper.yaml: there is no Fleet"));
}

}  // namespace
}  // namespace lockkeeper
