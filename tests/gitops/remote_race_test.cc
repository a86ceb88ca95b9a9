// Several writers with clones of their own on one remote, and writers that are killed.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <random>
#include <thread>

#include "remote_test_cases.h"

namespace lockkeeper {
namespace {

namespace fs = std::filesystem;

class RemoteRace : public RemoteTest {
 protected:
  /// Publishes `count` commits, each with a file of its own, as lockkeeper does: whatever fails, it reads
  /// again and looks whether there is anything left to do.
  static void Write(RemoteRepository& repository, const std::string& name, int count) {
    constexpr int kTriesMax = 10'000;
    int tries = 0;
    for (int i = 0; i < count; ++tries) {
      if (tries == kTriesMax) throw std::runtime_error(name + " gets nowhere");
      auto head = repository.Fetch();
      if (!head) continue;
      const std::string file = name + "/" + std::to_string(i);
      if (repository.FindFile(*head, file)) {
        ++i;
        continue;
      }
      auto ids = repository.Publish(*head, {Draft({{file, "1"}}, file + "\n")});
      if (ids) ++i;
    }
  }
  void ExpectEachOnce(const std::string& name, int count) {
    for (int i = 0; i < count; ++i) {
      const std::string subject = name + "/" + std::to_string(i);
      EXPECT_EQ(remote_.Git({"rev-list", "--count", "--grep=^" + subject + "$", "main"}), "1\n") << subject;
    }
  }
};

TEST_F(RemoteRace, EveryCommitExactlyOnce) {
  remote_.Commit({{"a", "1"}});
  constexpr int kWriters = 3;
  constexpr int kCommits = 20;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      auto faults = std::make_shared<TransportFaults>();
      std::mt19937 random(static_cast<unsigned>(writer));
      for (int call = 1; call < 2000; ++call) {
        const auto dice = random() % 10;
        if (dice < 2) faults->at[call] = {TransportFaults::Mode::kLostAnswer, ErrorKind::kTransient};
        if (dice == 2) faults->at[call] = {TransportFaults::Mode::kBefore, ErrorKind::kTransient};
      }
      auto repository = ClonedRepository::Open({.url = "https://git.example.com/fleet.git",
                                                .branch = "",
                                                .clone_folder = clone() + std::to_string(writer)},
                                               std::make_unique<LocalTransport>(remote_.path(), faults),
                                               {.packs_max = 8, .packs_merged_min = 4});
      ASSERT_OK(repository);
      Write(**repository, "w" + std::to_string(writer), kCommits);
    });
  }
  for (std::thread& writer : writers) writer.join();
  for (int writer = 0; writer < kWriters; ++writer) ExpectEachOnce("w" + std::to_string(writer), kCommits);
  EXPECT_EQ(remote_.Git({"rev-list", "--count", "main"}), std::to_string(1 + kWriters * kCommits) + "\n");
  ExpectSound(remote_);
}

TEST_F(RemoteRace, KilledAtAnyMomentLosesNothing) {
  constexpr unsigned kSeed = 11;
  constexpr int kCommits = 1000;
  std::mt19937 random(kSeed);
  remote_.Commit({{"a", "1"}});
  const CloneLimits limits{.packs_max = 6, .packs_merged_min = 3, .growth_free = 30'000};
  for (int round = 0; round < 30; ++round) {
    SCOPED_TRACE("seed " + std::to_string(kSeed) + ", round " + std::to_string(round));
    const pid_t child = ::fork();
    if (child == 0) {
      try {
        Write(*Open(limits), "w", kCommits);
      } catch (const std::exception&) {
      }
      ::_exit(1);
    }
    std::this_thread::sleep_for(std::chrono::microseconds(5'000 + random() % 120'000));
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "it gave up before it was killed";
    // What a killed server leaves is not ours to mend.
    ::unlink((remote_.path() + "/refs/heads/main.lock").c_str());
    auto repository = Open(limits);
    auto head = repository->Fetch();
    ASSERT_OK(head);
    ASSERT_EQ(*head, remote_.Head());
    ASSERT_OK(repository->Diff("", *head));
    EXPECT_TRUE(repository->TakeProblems().empty()) << "a kill is no damage";
    ExpectSoundClone();
    ASSERT_LE(Packs().size(), limits.packs_max);
  }
  const int written = std::stoi(remote_.Git({"rev-list", "--count", "main"})) - 1;
  EXPECT_GT(written, 10) << "most children should have lived long enough to publish";
  ExpectEachOnce("w", written);
}

}  // namespace
}  // namespace lockkeeper
