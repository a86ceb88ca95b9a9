#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "gitops/remote/remote_transport.h"
#include "tests/support/scripted_server.h"
#include "tests/support/served_remote.h"
#include "tests/support/temp_repository.h"

namespace lockkeeper {

#define EXPECT_FAILS(result, error_kind, part)                            \
  do {                                                                    \
    const auto& failed = (result);                                        \
    ASSERT_FALSE(failed.has_value());                                     \
    EXPECT_EQ(failed.error().kind, error_kind) << failed.error().message; \
    EXPECT_THAT(failed.error().message, ::testing::HasSubstr(part));      \
  } while (false)

#define ASSERT_WORKS(result) ASSERT_TRUE((result).has_value()) << (result).error().message

/// What must never be seen.
inline constexpr const char* kCanary = "canary-7f3a-very-secret";

inline RemoteLimits QuickLimits() {
  RemoteLimits limits;
  limits.connect_time_max = std::chrono::seconds(10);
  limits.idle_time_max = std::chrono::seconds(10);
  limits.total_time_max = std::chrono::seconds(60);
  return limits;
}

/// A folder of bare repositories to serve, one of which is fleet.git, and a clone's objects.
class RemoteCase : public ::testing::Test {
 protected:
  RemoteCase() {
    IsolateFromHostGit();
    RunGit(folder_.path(), {"init", "-q", "--bare", "root/fleet.git"});
    RunGit(folder_.path(), {"init", "-q", "--bare", "clone.git"});
    RunGit(fleet(), {"config", "http.receivepack", "true"});
  }
  std::string root() const { return folder_.path() + "/root"; }
  std::string fleet() const { return root() + "/fleet.git"; }
  std::string clone() const { return folder_.path() + "/clone.git"; }

  std::string Write(const std::string& name, std::string_view text) const {
    const std::string path = folder_.path() + "/" + name;
    std::ofstream(path, std::ios::binary) << text;
    std::filesystem::permissions(path,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return path;
  }

  /// A commit with one file, on a branch of the served repository.
  std::string Commit(const std::string& content, const std::string& branch = "main",
                     const std::string& repository = {}) const {
    const std::string where = repository.empty() ? fleet() : repository;
    const std::string blob = Line(RunGit(where, {"hash-object", "-w", "--stdin"}, content));
    const std::string tree = Line(RunGit(where, {"mktree"}, "100644 blob " + blob + "\tfile\n"));
    const ProgramResult parent = TryGit(where, {"rev-parse", "-q", "--verify", "refs/heads/" + branch});
    std::vector<std::string> words{"commit-tree", tree, "-m", content};
    if (parent.exit_code == 0) words.insert(words.end(), {"-p", Line(parent.output)});
    const std::string commit = Line(RunGit(where, words));
    RunGit(where, {"update-ref", "refs/heads/" + branch, commit});
    return commit;
  }
  std::string Tip(const std::string& ref = "refs/heads/main") const {
    return Line(TryGit(fleet(), {"rev-parse", "-q", "--verify", ref}).output);
  }

  Result<FetchOutcome> Fetch(RemoteTransport& transport, const std::string& known = {},
                             const std::string& branch = "main") const {
    return transport.Fetch({.git_dir = clone(), .branch = branch, .known = known});
  }

  /// A commit on `parent` that only the clone has, and a pack with it.
  PushRequest NewCommit(const std::string& parent, const std::string& content,
                        const std::string& ref = "refs/heads/main") const {
    const std::string blob = Line(RunGit(clone(), {"hash-object", "-w", "--stdin"}, content));
    const std::string tree = Line(RunGit(clone(), {"mktree"}, "100644 blob " + blob + "\tfile\n"));
    std::vector<std::string> words{"commit-tree", tree, "-m", "Change"};
    if (!parent.empty()) words.insert(words.end(), {"-p", parent});
    const std::string commit = Line(RunGit(clone(), words));
    const std::string stem = folder_.path() + "/push";
    const std::string pack =
        Line(RunGit(clone(), {"pack-objects", "-q", stem}, commit + "\n" + tree + "\n" + blob + "\n"));
    return {.ref = ref, .old_id = parent, .new_id = commit, .pack_path = stem + "-" + pack + ".pack"};
  }

  /// What no packing makes smaller.
  static std::string Noise(size_t size) {
    std::string noise(size, '\0');
    uint64_t state = 1;
    for (char& c : noise)
      c = static_cast<char>((state = state * 6364136223846793005U + 1442695040888963407U) >> 56);
    return noise;
  }

  /// Nothing unfinished is left, and everything that `commit` needs is there.
  void ExpectWhole(const std::string& commit) const {
    for (const auto& entry : std::filesystem::directory_iterator(clone() + "/objects/pack"))
      EXPECT_THAT(entry.path().filename().string(), ::testing::StartsWith("pack-"));
    const ProgramResult check = TryGit(clone(), {"fsck", "--full", "--strict", commit});
    EXPECT_EQ(check.exit_code, 0) << check.output << check.errors;
  }

  static std::string Line(std::string text) {
    while (text.ends_with('\n')) text.pop_back();
    return text;
  }

  TempFolder folder_;
};

}  // namespace lockkeeper
