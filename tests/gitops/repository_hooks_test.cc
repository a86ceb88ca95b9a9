#include <filesystem>
#include <fstream>
#include <sstream>

#include "gitops/repository/child_process.h"
#include "repository_test_cases.h"

namespace lockkeeper {
namespace {

namespace fs = std::filesystem;

std::string Slurp(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

size_t PackCount(const TempRepository& git) {
  size_t count = 0;
  for (const auto& entry : fs::directory_iterator(git.git_dir() + "/objects/pack"))
    count += entry.exists() ? 1 : 0;
  return count;
}

// Each hook writes down what it was given and whether it can see the new commit.
constexpr const char* kRecorder = R"hook(#!/bin/sh
{ echo "== $(basename "$0") $*"; echo "GIT_DIR=$GIT_DIR cwd=$PWD secret=$LOCKKEEPER_TOKEN"
  case "$(basename "$0")" in *receive|reference-transaction) cat;; esac
  git cat-file -t "$NEW"; } >> "$RECORD" 2>&1
)hook";

TEST(Hooks, RunAsForAPush) {
  TempRepository git;
  std::string base = git.Commit({{"a", "1"}});
  TempFolder folder;
  std::string record = folder.path() + "/record";
  for (const char* name : {"pre-receive", "update", "post-receive", "post-update", "reference-transaction"}) {
    git.WriteFile(std::string("hooks/") + name, kRecorder, 0755);
  }
  // The ids are known beforehand: the same publication into a copy.
  TempFolder copy;
  fs::copy(git.path(), copy.path() + "/copy.git", fs::copy_options::recursive);
  fs::remove_all(copy.path() + "/copy.git/hooks");
  auto draft = Draft({{"a", "2"}});
  std::string id = Opened(copy.path() + "/copy.git")->Publish(base, {draft})->front();
  ::setenv("RECORD", record.c_str(), 1);
  ::setenv("NEW", id.c_str(), 1);
  ::setenv("LOCKKEEPER_TOKEN", "hush", 1);
  ::setenv("GIT_DIR", "/nowhere", 1);
  auto ids = Opened(git.path())->Publish(base, {draft});
  ::unsetenv("GIT_DIR");
  ASSERT_OK(ids);
  std::string move = base + " " + id;
  std::string where = "GIT_DIR=. cwd=" + git.path() + " secret=\n";
  EXPECT_EQ(Slurp(record), "== pre-receive \n" + where + move + " refs/heads/main\ncommit\n" +    //
                               "== update refs/heads/main " + move + "\n" + where + "commit\n" +  //
                               "== reference-transaction prepared\n" + where + move +
                               " refs/heads/main\ncommit\n" + "== reference-transaction committed\n" + where +
                               move + " refs/heads/main\ncommit\n" + "== post-receive \n" + where + move +
                               " refs/heads/main\ncommit\n" + "== post-update refs/heads/main\n" + where +
                               "commit\n");
}

struct HookRow {
  const char* name;
  const char* hook;
  bool refuses;
};

TEST(Hooks, APolicyIsObeyed) {
  for (const HookRow& row :
       {HookRow{"pre", "pre-receive", true}, HookRow{"update", "update", true},
        HookRow{"transaction", "reference-transaction", true}, HookRow{"post", "post-receive", false},
        HookRow{"post_update", "post-update", false}}) {
    SCOPED_TRACE(row.name);
    TempRepository git;
    std::string base = git.Commit({{"a", "1"}});
    git.WriteFile(std::string("hooks/") + row.hook,
                  "#!/bin/sh\necho change freeze; echo until Monday >&2; exit 3\n", 0755);
    size_t before = PackCount(git);
    auto ids = Opened(git.path())->Publish(base, {Draft({{"a", "2"}})});
    EXPECT_EQ(ids.has_value(), !row.refuses);
    if (row.refuses) {
      EXPECT_ERROR(ids, ErrorKind::kDenied, "(exit code 3): change freeze\nuntil Monday");
      EXPECT_NE(ids.error().message.find(row.hook), std::string::npos);
      EXPECT_EQ(git.Head(), base);
      EXPECT_EQ(PackCount(git), before);
      EXPECT_FALSE(fs::exists(git.path() + "/refs/heads/main.lock"));
    }
    ExpectSound(git);
  }
}

TEST(Hooks, OnlyExecutableOnesAndCoreHooksPath) {
  TempRepository git;
  std::string base = git.Commit({{"a", "1"}});
  git.WriteFile("hooks/update", "#!/bin/sh\nexit 1\n", 0644);
  auto repository = Opened(git.path());
  auto ids = repository->Publish(base, {Draft({{"a", "2"}})});
  ASSERT_OK(ids);
  git.WriteFile("policies/update", "#!/bin/sh\nexit 1\n", 0755);
  git.Git({"config", "core.hooksPath", "policies"});
  EXPECT_ERROR(repository->Publish(ids->front(), {Draft({{"a", "3"}})}), ErrorKind::kDenied,
               "policies/update");
  git.Git({"config", "core.hooksPath", "/dev/null"});
  ASSERT_OK(repository->Publish(ids->front(), {Draft({{"a", "3"}})}));
  git.Git({"config", "receive.procReceiveRefs", "refs/for"});
  EXPECT_ERROR(repository->Publish(git.Head(), {Draft({{"a", "4"}})}), ErrorKind::kDenied, "procReceiveRefs");
}

TEST(Hooks, OneThatCannotRunRefuses) {
  TempRepository git;
  std::string base = git.Commit({{"a", "1"}});
  git.WriteFile("hooks/update", "#!/no/such/interpreter\n", 0755);
  EXPECT_ERROR(Opened(git.path())->Publish(base, {Draft({{"a", "2"}})}), ErrorKind::kDenied, "hook update");
  git.WriteFile("hooks/update", "exit 0\n", 0755);
  ASSERT_OK(Opened(git.path())->Publish(base, {Draft({{"a", "2"}})}));
}

ChildCommand Shell(const std::string& script) {
  return {.program = "/bin/sh",
          .arguments = {"-c", script},
          .folder = "/",
          .environment = {"PATH=/usr/bin:/bin"},
          .input = "in\n",
          .time_max = std::chrono::seconds(20)};
}

TEST(ChildProcess, EndsWhateverItDoes) {
  auto command = Shell("sleep 1000 & sleep 1000");
  command.time_max = std::chrono::milliseconds(200);
  auto outcome = RunChild(command);
  ASSERT_OK(outcome);
  EXPECT_TRUE(outcome->timed_out);
  command = Shell("yes");
  command.time_max = std::chrono::milliseconds(300);
  outcome = RunChild(command);
  ASSERT_OK(outcome);
  EXPECT_TRUE(outcome->timed_out);
  EXPECT_EQ(outcome->output.size(), size_t{16} << 10);
  // What it leaves in the background holds its output open, and is not waited for.
  outcome = RunChild(Shell("sleep 3 & echo done; cat"));
  ASSERT_OK(outcome);
  EXPECT_FALSE(outcome->timed_out);
  EXPECT_EQ(outcome->output, "done\nin\n");
  EXPECT_EQ(RunChild(Shell("kill -9 $$"))->exit_code, 128 + 9);
  EXPECT_EQ(RunChild(Shell("exec >&- 2>&-; sleep 0.1; exit 7"))->exit_code, 7);
  EXPECT_EQ(RunChild(Shell("pwd; exit 4"))->output, "/\n");
  auto absent = Shell("");
  absent.program = "/no/such";
  EXPECT_ERROR(RunChild(absent), ErrorKind::kTransient, "/no/such");
}

}  // namespace
}  // namespace lockkeeper
