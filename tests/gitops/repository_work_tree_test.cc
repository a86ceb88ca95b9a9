#include <filesystem>
#include <fstream>

#include "repository_test_cases.h"

namespace lockkeeper {
namespace {

namespace fs = std::filesystem;

/// A repository with a work tree at the head of main.
class WorkTree : public ::testing::Test {
 protected:
  WorkTree() : git_(Layout::kWithWorkTree) {
    base_ =
        git_.Commit({{"a/one", "1\n"}, {"a/run", "x\n", "100755"}, {"gone/file", "2\n"}, {"same", "3\n"}});
    git_.Git({"reset", "--hard", "--quiet"});
  }
  Result<std::vector<std::string>> Publish() {
    return Opened(git_.path(), "main")
        ->Publish(base_,
                  {Draft({{"a/one", "new\n"}, {"a/run", "y\n"}, {"gone/file", "", true}, {"b/c/d", "4\n"}})});
  }
  void Allow(const char* rule) { git_.Git({"config", "receive.denyCurrentBranch", rule}); }
  std::string Status(const std::string& folder) { return RunGit(folder, {"status", "--porcelain"}); }

  TempRepository git_;
  std::string base_;
};

TEST_F(WorkTree, RefusedUnlessAllowed) {
  EXPECT_ERROR(Publish(), ErrorKind::kDenied, "receive.denyCurrentBranch updateInstead");
  for (const char* rule : {"refuse", "true", "Refuse"}) {
    Allow(rule);
    EXPECT_ERROR(Publish(), ErrorKind::kDenied,
                 git_.path() + ": the branch refs/heads/main is checked out here");
  }
  EXPECT_EQ(git_.Head(), base_);
  EXPECT_EQ(Status(git_.path()), "");
  Allow("nonsense");
  EXPECT_ERROR(Publish(), ErrorKind::kInvalid, "denycurrentbranch");
}

TEST_F(WorkTree, IgnoreMovesTheBranchOnly) {
  for (const char* rule : {"ignore", "warn", "false"}) {
    SCOPED_TRACE(rule);
    Allow(rule);
    auto ids = Publish();
    ASSERT_OK(ids);
    EXPECT_EQ(git_.Head(), ids->back());
    EXPECT_TRUE(fs::exists(git_.path() + "/gone/file"));
    EXPECT_NE(Status(git_.path()), "");
    git_.Git({"reset", "--hard", "--quiet", base_});
  }
}

TEST_F(WorkTree, UpdateInsteadBringsFilesAndIndexAlong) {
  Allow("updateInstead");
  git_.WriteFile("untracked", "mine");
  auto ids = Publish();
  ASSERT_OK(ids);
  EXPECT_EQ(git_.Head(), ids->back());
  EXPECT_EQ(Status(git_.path()), "?? untracked\n");
  EXPECT_FALSE(fs::exists(git_.path() + "/gone"));
  EXPECT_EQ(git_.Git({"diff", "HEAD"}), "");
  EXPECT_NE(fs::status(git_.path() + "/a/run").permissions() & fs::perms::owner_exec, fs::perms::none);
  EXPECT_EQ(git_.Git({"reflog", "-1", "--format=%H %gs", "HEAD"}), ids->back() + " lockkeeper: publish\n");
  auto again = Opened(git_.path())
                   ->Publish(ids->back(), {Draft({{"a/one", "newer\n"}}), Draft({{"a/one", "newest\n"}})});
  ASSERT_OK(again);
  EXPECT_EQ(Status(git_.path()), "?? untracked\n");
  ExpectSound(git_);
}

TEST_F(WorkTree, UpdateInsteadNeedsACleanTree) {
  Allow("updateInstead");
  struct Row {
    const char* name;
    void (*spoil)(const TempRepository&);
    const char* part;
  };
  for (const Row& row :
       {Row{"unstaged", [](const TempRepository& git) { git.WriteFile("same", "edited"); },
            "unstaged changes ('same')"},
        Row{"deleted", [](const TempRepository& git) { fs::remove(git.path() + "/same"); },
            "unstaged changes ('same')"},
        Row{"staged",
            [](const TempRepository& git) {
              git.WriteFile("same", "edited");
              git.Git({"add", "same"});
            },
            "staged changes ('same')"},
        Row{"added",
            [](const TempRepository& git) {
              git.WriteFile("extra", "x");
              git.Git({"add", "extra"});
            },
            "staged changes ('extra')"},
        Row{"untracked_in_the_way", [](const TempRepository& git) { git.WriteFile("b/c/d", "precious"); },
            "in the way"},
        Row{"ignored_in_the_way",
            [](const TempRepository& git) {
              git.WriteFile(".git/info/exclude", "b/\n");
              git.WriteFile("b/c/d", "precious");
            },
            "in the way"}}) {
    SCOPED_TRACE(row.name);
    row.spoil(git_);
    std::string before = Status(git_.path());
    auto ids = Publish();
    EXPECT_ERROR(ids, ErrorKind::kDenied, row.part);
    EXPECT_EQ(git_.Head(), base_);
    EXPECT_EQ(Status(git_.path()), before);
    EXPECT_FALSE(fs::exists(git_.git_dir() + "/refs/heads/main.lock"));
    git_.Git({"reset", "--hard", "--quiet"});
    git_.Git({"clean", "-fdxq"});
    fs::remove(git_.git_dir() + "/info/exclude");
  }
  // Touched, but the same.
  git_.WriteFile("same", "3\n");
  fs::last_write_time(git_.path() + "/same", fs::file_time_type::clock::now() - std::chrono::hours(5));
  ASSERT_OK(Publish());
}

TEST_F(WorkTree, LinkedWorkTreesCount) {
  std::string linked = git_.path() + "-linked";
  git_.Git({"worktree", "add", "--quiet", "-b", "topic", linked});
  auto publish = [&] { return Opened(git_.path(), "topic")->Publish(base_, {Draft({{"a/one", "new\n"}})}); };
  EXPECT_ERROR(publish(), ErrorKind::kDenied, linked + ": the branch refs/heads/topic is checked out here");
  Allow("updateInstead");
  auto ids = publish();
  ASSERT_OK(ids);
  EXPECT_EQ(Status(linked), "");
  EXPECT_EQ(Status(git_.path()), "");
  EXPECT_EQ(RunGit(linked, {"rev-parse", "HEAD"}), ids->back() + "\n");
  EXPECT_EQ(git_.Head("main"), base_);
}

TEST_F(WorkTree, ABareRepositoryWithLinkedWorkTrees) {
  TempRepository bare;
  std::string base = bare.Commit({{"a", "1"}});
  ASSERT_OK(Opened(bare.path())->Publish(base, {Draft({{"a", "2"}})}))
      << "HEAD of a bare repository checks nothing out";
  std::string linked = bare.path() + "-linked";
  bare.Git({"worktree", "add", "--quiet", linked, "main"});
  EXPECT_ERROR(Opened(bare.path())->Publish(bare.Head(), {Draft({{"a", "3"}})}), ErrorKind::kDenied, linked);
  EXPECT_ERROR(Opened(linked)->Publish(bare.Head(), {Draft({{"a", "3"}})}), ErrorKind::kDenied, linked);
}

TEST_F(WorkTree, ABranchInARebaseCounts) {
  git_.Git({"checkout", "--quiet", "--detach"});
  ASSERT_OK(Publish());
  fs::create_directories(git_.git_dir() + "/rebase-merge");
  git_.WriteFile(".git/rebase-merge/head-name", "refs/heads/main\n");
  base_ = git_.Head();
  EXPECT_ERROR(Opened(git_.path(), "main")->Publish(base_, {Draft({{"a/one", "n"}})}), ErrorKind::kDenied,
               "checked out");
}

TEST(WorkTreeUnborn, TheFirstCommitIsCheckedOut) {
  TempRepository git(Layout::kWithWorkTree);
  EXPECT_ERROR(Opened(git.path())->Publish("", {Draft({{"a/b", "1"}})}), ErrorKind::kDenied, "checked out");
  git.Git({"config", "receive.denyCurrentBranch", "updateInstead"});
  git.WriteFile("a/b", "untracked");
  EXPECT_ERROR(Opened(git.path())->Publish("", {Draft({{"a/b", "1"}})}), ErrorKind::kDenied, "in the way");
  fs::remove(git.path() + "/a/b");
  auto ids = Opened(git.path())->Publish("", {Draft({{"a/b", "1"}})});
  ASSERT_OK(ids);
  EXPECT_EQ(git.Git({"status", "--porcelain"}), "");
  EXPECT_EQ(git.Head(), ids->back());
}

TEST_F(WorkTree, ThePushToCheckoutHookDecides) {
  Allow("updateInstead");
  git_.WriteFile(".git/hooks/push-to-checkout",
                 "#!/bin/sh\ngit read-tree -u -m HEAD \"$1\" && echo \"$GIT_WORK_TREE\" > ../seen\n", 0755);
  ASSERT_OK(Publish());
  EXPECT_EQ(Status(git_.path()), "?? seen\n");
  git_.WriteFile(".git/hooks/push-to-checkout", "#!/bin/sh\nexit 1\n", 0755);
  EXPECT_ERROR(Opened(git_.path())->Publish(git_.Head(), {Draft({{"a/one", "n"}})}), ErrorKind::kDenied,
               "push-to-checkout");
}

TEST_F(WorkTree, SparseCheckoutsAreReadButNotUpdated) {
  Allow("updateInstead");
  git_.Git({"sparse-checkout", "set", "a"});
  EXPECT_EQ(*Opened(git_.path())->Fetch(), base_);
  EXPECT_ERROR(Publish(), ErrorKind::kDenied, "a sparse checkout is not updated");
  EXPECT_EQ(git_.Head(), base_);
}

TEST_F(WorkTree, CoreWorktreeIsWhereTheFilesAre) {
  TempFolder elsewhere;
  Allow("updateInstead");
  git_.Git({"config", "core.worktree", elsewhere.path()});
  git_.Git({"reset", "--hard", "--quiet"});
  ASSERT_OK(Publish());
  EXPECT_EQ(git_.Git({"status", "--porcelain"}), "");
  EXPECT_TRUE(fs::exists(elsewhere.path() + "/b/c/d"));
}

TEST_F(WorkTree, OtherBranchesAreFree) {
  git_.Git({"branch", "other"});
  ASSERT_OK(Opened(git_.path(), "other")->Publish(base_, {Draft({{"a/one", "n"}})}));
  EXPECT_EQ(Status(git_.path()), "");
}

}  // namespace
}  // namespace lockkeeper
