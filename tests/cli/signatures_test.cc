// Signed commits and verified manifests, as people call them.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/cli/fleet_example.h"
#include "tests/cli/run_lockkeeper.h"
#include "tests/support/signing_keys.h"

namespace lockkeeper {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Signatures : public testing::Test {
 protected:
  Signatures() : key_(MakeSshKey(keys_.path(), "bot")) {
    std::ofstream(allowed_) << "bot@example.com " << key_.public_line << "\n";
    std::vector<TestFile> files = FleetExample();
    for (TestFile& file : files) {
      if (file.path == "lockkeeper.yaml") file.content += "  commit: {signing: ssh}\n";
    }
    temp_.Commit(files);
    SignHead(temp_, key_);
  }

  ProgramResult Call(std::vector<std::string> arguments, const std::string& key = "") {
    std::vector<std::string> words{
        "--repo", temp_.path(), "--now", "2026-03-02T10:00:00Z", "--allowed-signers", allowed_};
    if (!key.empty()) words.insert(words.end(), {"--signing-key", key});
    words.insert(words.end(), arguments.begin(), arguments.end());
    return RunLockkeeper(
        words, {.environment = {{"GIT_AUTHOR_NAME", "Ann"}, {"GIT_AUTHOR_EMAIL", "a@example.com"}}});
  }
  /// `G bot@example.com` for each commit since `from`.
  std::string Log(const std::string& from) {
    return temp_.Git(
        {"-c", "gpg.ssh.allowedSignersFile=" + allowed_, "log", "--format=%G? %GS", from + "..main"});
  }

  TempRepository temp_;
  TempFolder keys_;
  SshKey key_;
  std::string allowed_ = keys_.path() + "/allowed";
};

TEST_F(Signatures, EveryCommitIsSignedOrThereIsNone) {
  const std::string base = temp_.Head();
  const std::vector<std::vector<std::string>> calls{
      {"lock", "tulip", "--reason", "r", "--ttl", "2d"},
      {"suspend", "dev-first"},
      {"resume", "dev-first"},
      {"unlock", "tulip"},
      {"once"},
  };
  for (const auto& call : calls) {
    SCOPED_TRACE(call[0]);
    const std::string before = temp_.Head();
    const ProgramResult without = Call(call);
    EXPECT_EQ(without.exit_code, 3);
    EXPECT_THAT(without.errors, AllOf(HasSubstr("nothing is published"), HasSubstr("--signing-key")));
    EXPECT_EQ(temp_.Head(), before);
    const ProgramResult done = Call(call, key_.file);
    EXPECT_EQ(done.exit_code, 0) << done.errors;
    EXPECT_NE(temp_.Head(), before);
    EXPECT_EQ(Log(before).find_first_not_of("G bot@example.com\n"), std::string::npos) << Log(before);
  }
  // What it signed itself counts.
  EXPECT_THAT(Call({"validate"}).output, Not(HasSubstr("unsigned")));
  EXPECT_EQ(Call({"audit"}).exit_code, 0) << Call({"audit"}).output;
  EXPECT_THAT(Log(base), HasSubstr("G bot@example.com"));
}

TEST_F(Signatures, AnUnsignedUpgradeIsNotCarriedOut) {
  std::string text = temp_.Read("upgrades/dev-first.yaml");
  temp_.Commit({{"upgrades/dev-first.yaml", "# changed\n" + text}});
  const std::string head = temp_.Head();
  const ProgramResult findings = Call({"validate"});
  EXPECT_EQ(findings.exit_code, 1);
  EXPECT_THAT(findings.output,
              AllOf(HasSubstr("upgrades/dev-first.yaml:1:1: error[unsigned]: last changed by " +
                              head.substr(0, 12) + " of Tester <tester@example.com>"),
                    HasSubstr("it has no signature"), HasSubstr("its upgrades are not carried out")));
  const json plan = json::parse(Call({"plan", "-o", "json"}).output);
  ASSERT_EQ(plan["decisions"].size(), 1U) << plan;
  EXPECT_EQ(plan["decisions"][0]["action"], "blocked");
  EXPECT_THAT(plan["decisions"][0]["gates"][0]["message"].get<std::string>(),
              HasSubstr("last changed by " + head.substr(0, 12)));
  EXPECT_EQ(Call({"once"}, key_.file).exit_code, 0);
  EXPECT_THAT(temp_.Read("clusters/rose.yaml"), HasSubstr("1.31"));
  // Nobody signs over it by accident.
  const ProgramResult suspend = Call({"suspend", "dev-first"}, key_.file);
  EXPECT_EQ(suspend.exit_code, 1);
  EXPECT_EQ(temp_.Head(), head);
}

TEST_F(Signatures, ALockThatDoesNotLockIsSaidToBeNone) {
  const SshKey stranger = MakeSshKey(keys_.path(), "stranger");
  const ProgramResult lock = Call({"lock", "rose", "--reason", "r", "--ttl", "2d"}, stranger.file);
  EXPECT_EQ(lock.exit_code, 1);
  EXPECT_THAT(lock.errors, AllOf(HasSubstr("it does not count"), HasSubstr("its locks do NOT lock")));
  const ProgramResult once = Call({"once"}, key_.file);
  EXPECT_EQ(once.exit_code, 0);
  EXPECT_THAT(once.errors, AllOf(HasSubstr("error[unsigned]"), HasSubstr("its locks do NOT lock")));
}

TEST_F(Signatures, ALockThatIsRemovedWithoutASignatureLocks) {
  ASSERT_EQ(Call({"lock", "rose", "--reason", "r", "--ttl", "2d"}, key_.file).exit_code, 0);
  temp_.Commit({{.path = "upgrades/locks/rose.yaml", .content = "", .remove = true}});
  const json plan = json::parse(Call({"plan", "-o", "json"}).output);
  EXPECT_EQ(plan["decisions"][0]["reason"], "lock") << plan;
  const ProgramResult unlock = Call({"unlock", "rose"}, key_.file);
  EXPECT_EQ(unlock.exit_code, 1);
  EXPECT_THAT(unlock.errors, AllOf(HasSubstr("it was removed by"), HasSubstr("put it back first")));
}

TEST_F(Signatures, WithoutSignedSettingsNothingRuns) {
  temp_.Commit({{"lockkeeper.yaml", temp_.Read("lockkeeper.yaml") + "# x\n"}});
  for (const char* command : {"plan", "once", "clusters"}) {
    const ProgramResult result = Call({command}, key_.file);
    EXPECT_EQ(result.exit_code, 1) << command;
    EXPECT_THAT(result.errors, HasSubstr("lockkeeper.yaml:1:1: error[unsigned]")) << command;
  }
}

TEST_F(Signatures, SaysWhatIsWrongWithTheOptions) {
  allowed_ = keys_.path() + "/absent";
  const ProgramResult absent = Call({"plan"});
  EXPECT_EQ(absent.exit_code, 3);
  EXPECT_THAT(absent.errors, AllOf(HasSubstr("--allowed-signers"), HasSubstr("no such file")));
  TempFolder folder;
  temp_.Commit({{"a", "b"}});
  RunShell(fmt::format("git clone -q --depth 1 'file://{}' {}/shallow", temp_.path(), folder.path()));
  std::ofstream(allowed_) << "bot@example.com " << key_.public_line << "\n";
  const ProgramResult shallow =
      RunLockkeeper({"--repo", folder.path() + "/shallow", "--allowed-signers", allowed_, "plan"});
  EXPECT_EQ(shallow.exit_code, 3);
  EXPECT_THAT(shallow.errors, AllOf(HasSubstr("without the whole history"), HasSubstr("--unshallow")));
}

}  // namespace
}  // namespace lockkeeper
