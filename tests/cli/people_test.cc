// lock, unlock, suspend, resume, approve and --observed, as people call them.
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
using ::testing::Not;

const std::vector<std::pair<std::string, std::string>> kAnn{{"GIT_AUTHOR_NAME", "Ann"},
                                                            {"GIT_AUTHOR_EMAIL", "ann@example.com"}};

ProgramResult Call(const TempRepository& repository, std::vector<std::string> arguments,
                   const RunOptions& options = {.environment = kAnn}) {
  std::vector<std::string> words{"--repo", repository.path(), "--now", "2026-03-02T10:00:00Z"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return RunLockkeeper(words, options);
}

TEST(People, JsonOfEachCommandHasItsNames) {
  TempRepository repository;
  repository.Commit(FleetExample());
  const json lock =
      json::parse(Call(repository, {"lock", "rose", "--reason", "demo", "--ttl", "2d", "-o", "json"}).output);
  EXPECT_EQ(lock["lock"], "default/rose");
  EXPECT_EQ(lock["file"], "upgrades/locks/rose.yaml");
  EXPECT_EQ(lock["startTime"], "2026-03-02T10:00:00Z");
  EXPECT_EQ(lock["expiresAt"], "2026-03-04T10:00:00Z");
  EXPECT_EQ(lock["clusters"], json::array({"rose"}));
  EXPECT_EQ(lock["commit"], repository.Head());
  EXPECT_EQ(lock["pushed"][0]["ref"], "refs/heads/main");
  EXPECT_EQ(lock["retries"], 0);

  const json unlock = json::parse(Call(repository, {"unlock", "rose", "-o", "json"}).output);
  EXPECT_EQ(unlock["unlocked"], json::array({"rose"}));
  EXPECT_EQ(unlock["free"], json::array({"rose"}));
  EXPECT_EQ(unlock["held"], json::array());
  EXPECT_EQ(unlock["commit"], repository.Head());

  const json suspend = json::parse(Call(repository, {"suspend", "dev-first", "-o", "json"}).output);
  EXPECT_EQ(suspend["upgrade"], "default/dev-first");
  EXPECT_EQ(suspend["file"], "upgrades/dev-first.yaml");
  EXPECT_EQ(suspend["suspend"], true);
  EXPECT_EQ(json::parse(Call(repository, {"resume", "dev-first", "-o", "json"}).output)["suspend"], false);
  const std::string head = repository.Head();
  const json again = json::parse(Call(repository, {"resume", "dev-first", "-o", "json"}).output);
  EXPECT_EQ(again["pushed"], json::array());
  EXPECT_EQ(repository.Head(), head);
}

TEST(People, ApproveSaysWhatItWasAbout) {
  TempRepository repository;
  std::vector<TestFile> files = FleetExample();
  for (TestFile& file : files) {
    if (file.path == "upgrades/dev-first.yaml")
      file.content += "  approval: {required: true, approvers: [bob]}\n";
  }
  repository.Commit(files);
  const ProgramResult refused = Call(repository, {"approve", "dev-first"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.output, HasSubstr("rose     v1.31.4 -> v1.31.5"));
  EXPECT_THAT(refused.errors, AllOf(HasSubstr("only bob may approve this"), HasSubstr("say --yes")));
  const ProgramResult done = Call(repository, {"approve", "dev-first", "--yes", "-o", "json"});
  ASSERT_EQ(done.exit_code, 0) << done.errors;
  const json value = json::parse(done.output);
  EXPECT_EQ(value["approval"], "default/dev-first");
  EXPECT_EQ(value["file"], "upgrades/approvals/dev-first.yaml");
  EXPECT_EQ(value["toRelease"], "v1.31.5");
  EXPECT_EQ(value["by"], "Ann");
  EXPECT_EQ(value["expiresAt"], nullptr);
  EXPECT_EQ(value["clusters"], json::parse(R"([{"cluster": "rose", "from": "v1.31.4", "hop": "v1.31.5"}])"));
  EXPECT_EQ(value["commit"], repository.Head());
}

TEST(People, TheAuthorIsWhomGitKnows) {
  TempRepository repository;
  repository.Commit(FleetExample());
  const std::vector<std::string> lock{"lock", "--all", "--reason", "r", "--ttl", "1h"};
  const ProgramResult unknown = Call(repository, lock, {});
  EXPECT_EQ(unknown.exit_code, 1);
  EXPECT_THAT(unknown.errors, HasSubstr("git config --global user.name"));
  repository.Git({"config", "user.name", "Cleo"});
  EXPECT_THAT(Call(repository, lock, {}).errors, HasSubstr("user.email"));
  repository.Git({"config", "user.email", "cleo@example.com"});
  const ProgramResult done = Call(repository, lock, {});
  ASSERT_EQ(done.exit_code, 0) << done.errors;
  EXPECT_EQ(repository.Git({"log", "-1", "--format=%an <%ae>"}), "Cleo <cleo@example.com>\n");
  EXPECT_THAT(repository.Read("upgrades/locks/all.yaml"), HasSubstr("createdBy: Cleo"));
  // The environment goes first, and --by is for the manifest alone.
  ASSERT_EQ(Call(repository, {"lock", "rose", "--reason", "r", "--ttl", "1h", "--by", "The shift"}).exit_code,
            0);
  EXPECT_EQ(repository.Git({"log", "-1", "--format=%an <%ae>"}), "Ann <ann@example.com>\n");
  EXPECT_THAT(repository.Read("upgrades/locks/rose.yaml"), HasSubstr("createdBy: \"The shift\""));
}

TEST(People, MistakesAreNamedAndNothingIsCommitted) {
  struct Row {
    const char* name;
    std::vector<std::string> arguments;
    int exit_code;
    const char* message;
  };
  TempRepository repository;
  const std::string head = repository.Commit(FleetExample());
  const Row rows[] = {
      {"no_match", {"lock", "--reason", "r", "--ttl", "1h"}, 2, "MATCH: say which clusters"},
      {"match_and_all", {"lock", "rose", "--all", "--reason", "r", "--ttl", "1h"}, 2, "takes no MATCH"},
      {"unknown_cluster", {"lock", "rsoe", "--reason", "r", "--ttl", "1h"}, 1, "did you mean 'rose'?"},
      {"bad_matcher", {"lock", "stage=~[", "--reason", "r", "--ttl", "1h"}, 2, "MATCH: 'stage=~['"},
      {"half_a_matcher", {"lock", "stage=dev,x", "--reason", "r", "--ttl", "1h"}, 2, "column 12"},
      {"no_reason", {"lock", "rose", "--ttl", "1h"}, 2, "--reason: is missing; say why"},
      {"two_lines", {"lock", "rose", "--reason", "a\nb", "--ttl", "1h"}, 2, "not one line"},
      {"no_end", {"lock", "rose", "--reason", "r"}, 2, "--ttl: is missing"},
      {"two_ends",
       {"lock", "rose", "--reason", "r", "--ttl", "1h", "--until", "+3h"},
       2,
       "cannot be used together"},
      {"bad_ttl", {"lock", "rose", "--reason", "r", "--ttl", "soon"}, 2, "--ttl: "},
      {"end_in_the_past", {"lock", "rose", "--reason", "r", "--until", "2026-03-01"}, 2, "not after"},
      {"bad_scope",
       {"lock", "rose", "--reason", "r", "--ttl", "1h", "--scope", "major,minro"},
       2,
       "did you mean 'minor'?"},
      {"bad_name", {"lock", "rose", "--reason", "r", "--ttl", "1h", "--name", "No Name"}, 2, "--name: "},
      {"unlock_what", {"unlock"}, 2, "say which lock"},
      {"unlock_both", {"unlock", "x", "--all"}, 2, "cannot be used together"},
      {"unlock_unknown", {"unlock", "x"}, 1, "there is no lock at all"},
      {"suspend_unknown", {"suspend", "dev-frist"}, 1, "did you mean 'dev-first'?"},
      {"suspend_what", {"suspend"}, 2, "UPGRADE: is missing"},
      {"approve_not_required", {"approve", "dev-first", "--yes"}, 1, "requires no approval"},
      {"approve_unknown", {"approve", "x", "--yes"}, 1, "there is no ClusterUpgrade 'x'"},
      {"bad_expiry", {"approve", "dev-first", "--expires-after", "x"}, 2, "--expires-after: "},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const ProgramResult result = Call(repository, row.arguments);
    EXPECT_EQ(result.exit_code, row.exit_code) << result.errors;
    EXPECT_THAT(result.errors, AllOf(HasSubstr(row.message), Not(HasSubstr("?;"))));
    EXPECT_EQ(repository.Head(), head);
  }
}

TEST(People, NamesAreCompletedFromTheRepository) {
  TempRepository repository;
  repository.Commit(FleetExample());
  ASSERT_EQ(Call(repository, {"lock", "--all", "--reason", "r", "--ttl", "1h"}).exit_code, 0);
  struct Row {
    std::vector<std::string> words;
    const char* expected;
  };
  for (const Row& row : {Row{{"lock", "r"}, "rose\t\n"}, Row{{"unlock", ""}, "all\t\n"},
                         Row{{"unlock", "--cluster", "t"}, "tulip\t\n"},
                         Row{{"suspend", ""}, "dev-first\t\n"}, Row{{"explain", "t"}, "tulip\t\n"}}) {
    std::vector<std::string> words{"__complete", "--repo", repository.path()};
    words.insert(words.end(), row.words.begin(), row.words.end());
    EXPECT_EQ(RunLockkeeper(words).output, row.expected) << row.words[0];
    std::vector<std::string> bare{"__complete"};
    bare.insert(bare.end(), row.words.begin(), row.words.end());
    EXPECT_EQ(RunLockkeeper(bare, {.environment = {{"LOCKKEEPER_REPO", repository.path()}}}).output,
              row.expected);
    // Somewhere else there is nothing to suggest, and nothing to complain about.
    EXPECT_EQ(RunLockkeeper(bare).output, "");
    EXPECT_EQ(RunLockkeeper(bare).errors, "");
  }
}

TEST(Observed, ComesFromAFileOrStdinAndIsDecodedStrictly) {
  TempRepository repository;
  repository.Commit(FleetExampleWith(
      {{"upgrades/dev-first.yaml",
        "apiVersion: lockkeeper.dev/v1alpha1\nkind: ClusterUpgrade\nmetadata: {name: dev-first}\nspec:\n"
        "  matchers: [{name: stage, value: dev}]\n  releaseRef: {name: v1.31.5}\n"
        "  checks: {before: [{type: Report}]}\n"}}));
  const RunOptions ready{.input = "[{\"upgrade\": \"dev-first\", \"cluster\": \"rose\", \"ready\": true}]"};
  const json plan = json::parse(Call(repository, {"plan", "--observed", "-", "-o", "json"}, ready).output);
  EXPECT_EQ(plan["decisions"][0]["action"], "bump") << plan;
  EXPECT_THAT(Call(repository, {"explain", "rose", "--observed", "-"}, ready).output,
              HasSubstr("the checks before a start pass"));
  const ProgramResult dry = Call(repository, {"once", "--dry-run", "--observed", "-"}, ready);
  EXPECT_THAT(dry.output, HasSubstr("Upgrade rose from v1.31.4 to v1.31.5"));

  const ProgramResult unused = Call(repository, {"plan", "--observed", "-"},
                                    {.input = "[{upgrade: dev-first, cluster: rsoe, ready: true}]"});
  EXPECT_EQ(unused.exit_code, 0);
  EXPECT_THAT(unused.errors, HasSubstr("decides nothing about a cluster rsoe"));

  const ProgramResult bad =
      Call(repository, {"once", "--observed", "-"}, {.input = "- {upgrade: up}\n- 3\n"});
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_THAT(bad.errors,
              AllOf(HasSubstr("stdin:1:3: error[required]"), HasSubstr("stdin:2:3: error[wrong-type]")));
  EXPECT_EQ(Call(repository, {"plan", "--observed", "/nonexistent"}).exit_code, 1);
}

TEST(Plan, TellsThatTheWorkTreeIsNotCommitted) {
  TempRepository repository(Layout::kWithWorkTree);
  repository.Commit(FleetExample());
  repository.Git({"reset", "--hard", "--quiet"});
  EXPECT_EQ(Call(repository, {"plan"}).errors, "");
  repository.WriteFile("clusters/note.txt", "nothing to do with the plan\n");
  EXPECT_EQ(Call(repository, {"plan"}).errors, "");
  repository.WriteFile("upgrades/new/next.yaml", "kind: Other\n");
  EXPECT_THAT(
      Call(repository, {"plan"}).errors,
      HasSubstr("only commits are read, and upgrades/new/next.yaml of the work tree is not committed"));
  repository.WriteFile("lockkeeper.yaml", "kind: Other\n");
  EXPECT_THAT(Call(repository, {"plan"}).errors, HasSubstr("and 1 more of the work tree are not committed"));
  repository.Git({"branch", "other"});
  EXPECT_EQ(Call(repository, {"plan", "--branch", "other"}).errors, "");
}

TEST(Wording, OfSmallThings) {
  TempRepository repository;
  repository.Commit(FleetExample());
  EXPECT_THAT(RunLockkeeper({"--repo", repository.path(), "--now", "tomorrow", "plan"}).errors,
              HasSubstr("--now: 'tomorrow' is no instant: write one such as 2026-03-11T07:00:00Z, a date"));
  EXPECT_THAT(RunLockkeeper({"--repo", repository.path(), "--now", "2026-02-30T00:00:00Z", "plan"}).errors,
              Not(HasSubstr("+3d")));
  EXPECT_THAT(Call(repository, {"explain", "roze"}).errors,
              HasSubstr("there is no cluster 'roze'; did you mean 'rose'?\n"));
  EXPECT_THAT(Call(repository, {"explain", "--upgrad", "x", "rose"}).errors, Not(HasSubstr("?;")));
  TempRepository empty;
  empty.Commit({{"a.txt", "a"}});
  EXPECT_THAT(RunLockkeeper({"validate", empty.path()}).output,
              AllOf(HasSubstr("lockkeeper.yaml:1:1: error[no-fleet]"), Not(HasSubstr("0:0"))));
}

}  // namespace
}  // namespace lockkeeper
