#include "reconciler/cycle/commit_files.h"

#include <gtest/gtest.h>

#include <thread>

#include "reconciler/cycle/lock_change.h"
#include "reconciler/cycle/suspend_change.h"
#include "tests/cycle/people_repository.h"
#include "tests/support/faulty_repository.h"

namespace lockkeeper {
namespace {

Instant At(std::string_view text) { return *ParseInstant(text); }

const Identity kAnn{"Ann", "ann@example.com"};

CommitFilesOptions Options() { return {.author = kAnn, .now = At("2026-03-01T07:00:00Z")}; }

DecideChanges Write(const std::string& path, const std::string& content) {
  return [=](const FleetState&, FleetReader&) -> Result<FileChanges> {
    return FileChanges{{{.path = path, .content = content, .remove = false}}, "Write " + path + "\n"};
  };
}

TEST(CommitFiles, MakesOneCommitOfThePerson) {
  PeopleRepository world;
  const std::string before = world.temp.Head();
  auto done = CommitFiles(*world.repository, *world.reader, Options(), Write("a.txt", "a\n"));
  ASSERT_TRUE(done.has_value()) << done.error().message;
  EXPECT_EQ(done->read, before);
  EXPECT_EQ(done->pushed, world.temp.Head());
  EXPECT_EQ(world.temp.Git({"log", "-1", "--format=%an <%ae> %cn %cI %P %s"}),
            "Ann <ann@example.com> Ann 2026-03-01T07:00:00+00:00 " + before + " Write a.txt\n");
  EXPECT_EQ(world.temp.Read("a.txt"), "a\n");
}

TEST(CommitFiles, MakesNoneWhereNothingIsToBeWrittenOrInADryRun) {
  PeopleRepository world;
  const std::string before = world.temp.Head();
  auto nothing =
      CommitFiles(*world.repository, *world.reader, Options(),
                  [](const FleetState&, FleetReader&) -> Result<FileChanges> { return FileChanges{}; });
  ASSERT_TRUE(nothing.has_value());
  EXPECT_FALSE(nothing->changes);
  CommitFilesOptions dry = Options();
  dry.dry_run = DryRun::kYes;
  auto tried = CommitFiles(*world.repository, *world.reader, dry, Write("a.txt", "a\n"));
  ASSERT_TRUE(tried.has_value());
  EXPECT_TRUE(tried->changes);
  EXPECT_EQ(tried->pushed, "");
  EXPECT_EQ(world.temp.Head(), before);
}

TEST(CommitFiles, DecidesAgainFromTheNewHeadAfterAConflict) {
  PeopleRepository world;
  int asked = 0;
  auto done =
      CommitFiles(*world.repository, *world.reader, Options(),
                  [&](const FleetState& state, FleetReader&) -> Result<FileChanges> {
                    // The first attempt is decided on a head that has moved on when it is published.
                    if (++asked == 1) world.temp.Commit({{"other.txt", "other\n"}});
                    const std::string seen = state.fleet.commit + "\n";
                    return FileChanges{{{.path = "seen.txt", .content = seen, .remove = false}}, "See\n"};
                  });
  ASSERT_TRUE(done.has_value()) << done.error().message;
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(done->retries, 1);
  EXPECT_EQ(world.temp.Read("other.txt"), "other\n");
  EXPECT_EQ(world.temp.Read("seen.txt"), done->read + "\n");
}

TEST(CommitFiles, GivesUpAfterTenRetries) {
  PeopleRepository world;
  int asked = 0;
  auto done = CommitFiles(*world.repository, *world.reader, Options(),
                          [&](const FleetState&, FleetReader&) -> Result<FileChanges> {
                            world.temp.Commit({{"other.txt", std::to_string(++asked)}});
                            return FileChanges{{{.path = "a.txt", .content = "a", .remove = false}}, "A\n"};
                          });
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().kind, ErrorKind::kConflict);
  EXPECT_EQ(asked, ReconcileOptions::kRetriesMax + 1);
}

TEST(CommitFiles, EndsWithTheDecidersErrorAndTheRepositorys) {
  PeopleRepository world;
  const std::string before = world.temp.Head();
  auto refused =
      CommitFiles(*world.repository, *world.reader, Options(),
                  [](const FleetState&, FleetReader&) -> Result<FileChanges> { return Invalid("no"); });
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().message, "no");
  // Whichever call fails, nothing is left half done, and the next attempt makes the commit.
  for (int call = 1; call <= 12; ++call) {
    FaultyRepository faulty(*OpenLocalRepository({.location = world.temp.path(), .branch = "main"}));
    faulty.FailAt({.call = call});
    FleetReader reader(faulty);
    const std::string path = "file" + std::to_string(call);
    const std::string head = world.temp.Head();
    auto first = CommitFiles(faulty, reader, Options(), Write(path, "x"));
    if (!first) {
      EXPECT_EQ(world.temp.Head(), head) << call;
      auto second = CommitFiles(faulty, reader, Options(), Write(path, "x"));
      ASSERT_TRUE(second.has_value()) << call << ": " << second.error().message;
    }
    EXPECT_EQ(world.temp.Read(path), "x");
  }
  EXPECT_NE(world.temp.Head(), before);
}

// Several callers at once: each writes a lock of its own, and all of them are there in the end.
TEST(CommitFiles, CallersAtOnceLoseNothing) {
  PeopleRepository world;
  constexpr int kCallers = 4;
  std::vector<std::thread> callers;
  std::vector<std::string> errors(kCallers);
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([&, i] {
      auto repository = *OpenLocalRepository({.location = world.temp.path(), .branch = "main"});
      FleetReader reader(*repository);
      LockRequest request{.lock = {}, .now = Options().now};
      request.lock.name.name = "lock-" + std::to_string(i);
      request.lock.match.written = true;
      request.lock.reason = "race";
      request.lock.expires_at = At("2026-03-02T07:00:00Z");
      auto done = CommitFiles(*repository, reader, Options(),
                              [&](const FleetState& state, FleetReader& from) -> Result<FileChanges> {
                                auto change = DecideLock(state, from, request);
                                if (!change) return std::unexpected(change.error());
                                return change->changes;
                              });
      if (!done) errors[static_cast<size_t>(i)] = done.error().message;
    });
  }
  for (std::thread& caller : callers) caller.join();
  for (const std::string& error : errors) EXPECT_EQ(error, "");
  EXPECT_EQ(world.Read().fleet.locks.size(), static_cast<size_t>(kCallers));
  EXPECT_EQ(world.temp.Git({"rev-list", "--count", "main"}), std::to_string(1 + kCallers) + "\n");
}

TEST(CommitFiles, NeedsAFleet) {
  TempRepository temp;
  temp.Commit({{"a.txt", "a"}});
  auto repository = *OpenLocalRepository({.location = temp.path(), .branch = "main"});
  FleetReader reader(*repository);
  auto done = CommitFiles(*repository, reader, Options(), Write("b.txt", "b"));
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().kind, ErrorKind::kNotFound);
}

}  // namespace
}  // namespace lockkeeper
