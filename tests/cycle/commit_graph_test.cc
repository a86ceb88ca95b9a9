#include "reconciler/cycle/commit_graph.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <utility>

#include "tests/support/temp_repository.h"

namespace lockkeeper {
namespace {

/// Commits whose parents are chosen by dice among the newest ones; the last one reaches all.
std::string RandomHistory(TempRepository& git, std::mt19937& random, size_t count) {
  std::string stream;
  for (size_t i = 1; i <= count; ++i) {
    const std::string message = fmt::format("Commit {}\n\nBody {}", i, i % 3 == 0 ? "Lockkeeper-Bump" : "");
    stream += fmt::format("commit refs/heads/main\nmark :{}\ncommitter A <a@b> {} +0000\ndata {}\n{}\n", i, i,
                          message.size(), message);
    std::set<size_t> parents;
    for (size_t n = i == 1 ? 0 : 1 + random() % 3; n > 0; --n)
      parents.insert(i - 1 - random() % std::min<size_t>(i - 1, 6));
    if (i > 1 && i == count) parents.insert(i - 1);
    const char* word = "from";
    for (size_t parent : parents) stream += fmt::format("{} :{}\n", std::exchange(word, "merge"), parent);
    // A commit without `from` would go on from the branch.
    if (i == 1) stream += "deleteall\n";
  }
  git.Git({"fast-import", "--quiet", "--force", "--date-format=raw"}, stream);
  return git.Head();
}

TEST(CommitGraph, IsWhatGitSaysOfRandomHistories) {
  constexpr unsigned kSeed = 7;
  std::mt19937 random(kSeed);
  for (int round = 0; round < 6; ++round) {
    SCOPED_TRACE(fmt::format("seed {}, round {}", kSeed, round));
    TempRepository git;
    const std::string head = RandomHistory(git, random, 40);
    auto repository = OpenLocalRepository({.location = git.path(), .branch = "main"});
    ASSERT_TRUE(repository);
    auto graph = CommitGraph::Read(**repository, head);
    ASSERT_TRUE(graph) << graph.error().message;
    const size_t all = std::stoul(git.Git({"rev-list", "--count", "main"}));
    ASSERT_EQ(graph->commits().size(), all);
    EXPECT_EQ((*graph)[static_cast<uint32_t>(all - 1)].id, head);
    for (uint32_t i = 0; i < all; ++i) {
      const GraphCommit& commit = (*graph)[i];
      EXPECT_EQ(graph->Find(commit.id), i);
      EXPECT_EQ(commit.subject.substr(0, 7), "Commit ");
      EXPECT_EQ(commit.message.empty(), std::stoul(commit.subject.substr(7)) % 3 != 0);
      std::string parents;
      for (uint32_t parent : commit.parents) {
        EXPECT_LT(parent, i);
        parents += (parents.empty() ? "" : " ") + (*graph)[parent].id;
      }
      EXPECT_EQ(parents + "\n", git.Git({"log", "-1", "--format=%P", commit.id}));
    }
    std::vector<std::vector<bool>> reach;
    for (uint32_t i = 0; i < all; ++i) reach.push_back(graph->ReachableFrom(i));
    for (uint32_t merge = 0; merge < all; ++merge) {
      const auto& parents = (*graph)[merge].parents;
      std::vector<std::pair<uint32_t, uint64_t>> expected;
      for (uint32_t c = merge; c-- > 0;) {
        uint64_t bits = 0;
        for (size_t p = 0; p < parents.size(); ++p) bits |= uint64_t{reach[parents[p]][c]} << p;
        if (bits != 0 && bits != (uint64_t{1} << parents.size()) - 1) expected.emplace_back(c, bits);
      }
      EXPECT_EQ(graph->ApartBehind(merge), expected) << merge;
    }
  }
}

}  // namespace
}  // namespace lockkeeper
