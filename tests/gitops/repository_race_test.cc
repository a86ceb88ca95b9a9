#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <random>
#include <set>
#include <sstream>
#include <thread>

#include "repository_test_cases.h"

namespace lockkeeper {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// Publishes `count` times, reading again after each conflict. Returns what it published, or throws.
std::vector<std::string> PublishAll(const std::string& path, const std::string& name, int count) {
  std::vector<std::string> published;
  auto repository = Opened(path);
  constexpr int kTriesMax = 2000;
  int tries = 0;
  for (int i = 0; i < count;) {
    if (++tries > kTriesMax) throw std::runtime_error(name + ": too many tries");
    auto head = repository->Fetch();
    if (!head) throw std::runtime_error(head.error().message);
    auto ids = repository->Publish(*head, {Draft({{name + "/first", std::to_string(i)}}, name + "\n"),
                                           Draft({{name + "/second", std::to_string(i)}}, name + "\n")});
    if (ids) {
      published.insert(published.end(), ids->begin(), ids->end());
      ++i;
    } else if (ids.error().kind != ErrorKind::kConflict && ids.error().kind != ErrorKind::kTransient) {
      throw std::runtime_error(ids.error().message);
    }
  }
  return published;
}

TEST(Race, NoCommitIsLost) {
  TempRepository git;
  git.Commit({{"a", "1"}});
  constexpr int kEach = 25;
  std::vector<std::string> ours[2];
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 2; ++i) {
      threads.emplace_back([&, i] { ours[i] = PublishAll(git.path(), "writer" + std::to_string(i), kEach); });
    }
    // And a person who pushes.
    threads.emplace_back([&] {
      for (int i = 0; i < 10; ++i) {
        std::string head = git.Head();
        std::string tree = git.Git({"rev-parse", head + "^{tree}"}).substr(0, 40);
        std::string id =
            git.Git({"commit-tree", tree, "-p", head, "-m", "person " + std::to_string(i)}).substr(0, 40);
        git.TryGit({"update-ref", "refs/heads/main", id, head});
      }
    });
  }
  std::set<std::string> history;
  for (const auto& line : Lines(git.Git({"rev-list", "main"}))) history.insert(line);
  for (const auto& list : ours) {
    EXPECT_EQ(list.size(), 2U * kEach);
    for (const auto& id : list) EXPECT_TRUE(history.contains(id)) << id;
  }
  EXPECT_EQ(git.Read("writer0/second"), std::to_string(kEach - 1));
  EXPECT_EQ(git.Read("writer1/second"), std::to_string(kEach - 1));
  ExpectSound(git);
  for (const auto& entry : fs::directory_iterator(git.path() + "/objects/pack")) {
    EXPECT_NE(entry.path().extension(), ".keep");
    EXPECT_FALSE(entry.path().filename().string().starts_with("tmp_"));
  }
}

// The ids are a function of the arguments, so two that decide alike write the same objects. Who loses must
// not take them away from who wins.
TEST(Race, TheSameCommitsFromTwoProcesses) {
  TempRepository git;
  git.Commit({{"a", "1"}});
  for (int round = 0; round < 15; ++round) {
    std::string head = git.Head();
    std::vector<CommitDraft> drafts{Draft({{"b/c", "round " + std::to_string(round)}})};
    std::vector<pid_t> children;
    for (int i = 0; i < 2; ++i) {
      pid_t child = ::fork();
      if (child == 0) {
        auto ids = Opened(git.path())->Publish(head, drafts);
        ::_exit(ids ? 0 : (ids.error().kind == ErrorKind::kConflict ? 1 : 2));
      }
      children.push_back(child);
    }
    int successes = 0;
    for (pid_t child : children) {
      int status = 0;
      ASSERT_EQ(::waitpid(child, &status, 0), child);
      ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) < 2) << status;
      if (WEXITSTATUS(status) == 0) ++successes;
    }
    EXPECT_EQ(successes, 1);
    ASSERT_EQ(git.Read("b/c"), "round " + std::to_string(round));
    ASSERT_EQ(git.TryGit({"rev-list", "--objects", "main"}).exit_code, 0);
  }
  ExpectSound(git);
}

TEST(Race, KilledAtAnyMomentLeavesWholeCommits) {
  constexpr unsigned kSeed = 99;
  std::mt19937 random(kSeed);
  TempRepository git;
  git.Commit({{"a", "1"}});
  std::string before = git.Head();
  int moved = 0;
  for (int round = 0; round < 40; ++round) {
    SCOPED_TRACE("seed " + std::to_string(kSeed) + ", round " + std::to_string(round));
    pid_t child = ::fork();
    if (child == 0) {
      try {
        PublishAll(git.path(), "writer" + std::to_string(round), 1000);
      } catch (const std::exception&) {
      }
      ::_exit(1);
    }
    std::this_thread::sleep_for(std::chrono::microseconds(12'000 + random() % 40'000));
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "it gave up before it was killed";
    // Every publication is two commits, and all or nothing.
    std::string head = git.Head();
    ASSERT_FALSE(head.empty());
    int count = std::stoi(git.Git({"rev-list", "--count", before + ".." + head}));
    ASSERT_EQ(count % 2, 0);
    moved += count > 0 ? 1 : 0;
    ASSERT_EQ(git.TryGit({"rev-list", "--objects", "main"}).exit_code, 0);
    // And the next one goes on at once.
    auto ids = Opened(git.path())->Publish(head, {Draft({{"next", std::to_string(round)}})});
    ASSERT_OK(ids);
    before = ids->back();
  }
  EXPECT_GT(moved, 5) << "most children should have lived long enough to publish";
  ExpectSound(git);
  git.Git({"gc", "--quiet", "--prune=now"});
  for (const auto& entry : fs::directory_iterator(git.path() + "/objects/pack")) {
    EXPECT_FALSE(entry.path().filename().string().starts_with("tmp_pack_")) << "git gc should have pruned it";
  }
}

}  // namespace
}  // namespace lockkeeper
