#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "gitops/repository/object_id.h"
#include "gitops/repository/ref_update.h"
#include "repository_test_cases.h"
#include "tests/support/faulty_repository.h"

namespace lockkeeper {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> PackFiles(const TempRepository& repository) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(repository.git_dir() + "/objects/pack")) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

TEST(Publish, MovesTheBranchByOneSoundPack) {
  TempRepository git;
  std::string base =
      git.Commit({{"a/one.yaml", "v1\n"}, {"a/run.sh", "#!/bin/sh\n", "100755"}, {"b.yaml", "b\n"}});
  auto repository = Opened(git.path());
  auto packs_before = PackFiles(git).size();
  auto ids = repository->Publish(
      base, {Draft({{"a/one.yaml", "v2\n"}, {"a/run.sh", "#!/bin/sh\nexit\n"}}, "First"),
             Draft({{"status/x/new.yaml", "new\n"}, {"b.yaml", "", true}}, "Second\n\nBody: ü\n")});
  ASSERT_OK(ids);
  ASSERT_EQ(ids->size(), 2U);
  EXPECT_EQ(git.Head(), ids->back());
  EXPECT_EQ(PackFiles(git).size(), packs_before + 2) << "one pack and its index, nothing else";
  ExpectSound(git);
  EXPECT_EQ(git.Git({"ls-tree", "-r", "--name-only", "main"}), "a/one.yaml\na/run.sh\nstatus/x/new.yaml\n");
  EXPECT_EQ(git.Git({"ls-tree", "main", "a/run.sh"}).substr(0, 6), "100755");
  EXPECT_EQ(git.Read("a/one.yaml"), "v2\n");
  EXPECT_EQ(git.Read("a/one.yaml", ids->front()), "v2\n");
  EXPECT_EQ(git.Read("b.yaml", ids->front()), "b\n");
  EXPECT_EQ(git.Git({"log", "--format=%P|%an|%ae|%ad|%cn|%cd|%B", "--date=raw", "-2"}),
            ids->front() +
                "|lockkeeper|lockkeeper@example.com|1700001000 +0000|lockkeeper|1700001000 "
                "+0000|Second\n\nBody: ü\n\n" +
                base +
                "|lockkeeper|lockkeeper@example.com|1700001000 +0000|lockkeeper|1700001000 +0000|First\n\n");
  EXPECT_EQ(*repository->Fetch(), ids->back());
}

TEST(Publish, IdsAreAFunctionOfTheArguments) {
  std::vector<std::string> first;
  for (int run = 0; run < 2; ++run) {
    TempRepository git;
    std::string base = git.Commit({{"a.yaml", "1\n"}});
    auto ids = Opened(git.path())->Publish(base, {Draft({{"a.yaml", "2\n"}}), Draft({{"b/c.yaml", "3\n"}})});
    ASSERT_OK(ids);
    if (run == 0) first = *ids;
    EXPECT_EQ(*ids, first);
  }
}

TEST(Publish, GitMakesTheSameTrees) {
  TempRepository git(Layout::kWithWorkTree);
  std::string base = git.Commit({{"a", "1"}, {"a.b", "2"}, {"a-b/x", "3"}, {"d/e/f", "4"}});
  git.Git({"branch", "ours"});
  auto ids = Opened(git.path(), "ours")
                 ->Publish(base, {Draft({{"d/e.g", "5"}, {"a0/n", "6"}, {"d/e/f", "7"}}, "Subject")});
  ASSERT_OK(ids);
  git.Git({"reset", "--hard", "--quiet", "main"});
  for (auto [path, content] : {std::pair{"d/e.g", "5"}, {"a0/n", "6"}, {"d/e/f", "7"}})
    git.WriteFile(path, content);
  git.Git({"add", "."});
  git.Git({"-c", "user.name=lockkeeper", "commit", "--quiet", "-m", "Subject",
           "--author=lockkeeper <lockkeeper@example.com>"});
  EXPECT_EQ(git.Git({"rev-parse", "main^{tree}"}), git.Git({"rev-parse", "ours^{tree}"}));
}

TEST(Publish, ManyCommitsOnAWideFolderAreDifferences) {
  TempRepository git;
  std::vector<TestFile> files;
  for (int i = 0; i < 2000; ++i) files.push_back({"clusters/c" + std::to_string(i), "v1"});
  std::string base = git.Commit(files);
  std::vector<CommitDraft> drafts;
  for (int i = 0; i < 120; ++i) drafts.push_back(Draft({{"clusters/c" + std::to_string(i * 7), "v2"}}));
  uintmax_t before = 0;
  auto size = [&] {
    uintmax_t sum = 0;
    for (const auto& name : PackFiles(git)) sum += fs::file_size(git.git_dir() + "/objects/pack/" + name);
    return sum;
  };
  before = size();
  auto ids = Opened(git.path())->Publish(base, drafts);
  ASSERT_OK(ids);
  ExpectSound(git);
  // 120 full trees would be 120 times 60 KB.
  EXPECT_LT(size() - before, 400'000U);
  EXPECT_EQ(git.Git({"rev-list", "--count", "main"}), "121\n");
  EXPECT_EQ(git.Git({"diff-tree", "--no-commit-id", "-r", "--name-only", ids->at(60)}), "clusters/c420\n");
  EXPECT_EQ(git.Git({"diff", "--shortstat", base, "main"}).substr(0, 18), " 120 files changed");
}

TEST(Publish, WritesThatChangeNothingKeepTheTree) {
  TempRepository git;
  std::string base = git.Commit({{"a/b", "1"}, {"c", "2"}});
  auto ids = Opened(git.path())->Publish(base, {Draft({{"a/b", "1"}}), Draft({})});
  ASSERT_OK(ids);
  EXPECT_EQ(git.Git({"rev-parse", "main^{tree}"}), git.Git({"rev-parse", base + "^{tree}"}));
  ExpectSound(git);
}

TEST(Publish, LastFileGoneLeavesTheEmptyTree) {
  TempRepository git;
  std::string base = git.Commit({{"a/b", "1"}, {"c", "2"}});
  auto ids =
      Opened(git.path())->Publish(base, {Draft({{"a/b", "", true}, {"c", "", true}}), Draft({{"new", "x"}})});
  ASSERT_OK(ids);
  EXPECT_EQ(git.Git({"ls-tree", "-r", ids->front()}), "");
  EXPECT_EQ(git.Read("new"), "x");
  ExpectSound(git);
}

TEST(Publish, AFileMayGiveWayToAFolder) {
  TempRepository git;
  std::string base = git.Commit({{"a", "1"}, {"a.b", "2"}});
  ASSERT_OK(Opened(git.path())->Publish(base, {Draft({{"a", "", true}, {"a/x", "3"}})}));
  EXPECT_EQ(git.Git({"ls-tree", "-r", "--name-only", "main"}), "a.b\na/x\n");
  ExpectSound(git);
}

struct RefusalRow {
  const char* name;
  std::vector<FileWrite> writes;
  const char* part;
};

TEST(Publish, RefusesWritesThatDoNotFit) {
  TempRepository git;
  std::string base = git.Commit({{"dir/file", "1"},
                                 {"link", "dir", "120000"},
                                 {"module", "1111111111111111111111111111111111111111", "160000"},
                                 {"plain", "2"}});
  auto before = PackFiles(git);
  auto repository = Opened(git.path());
  std::vector<RefusalRow> rows = {
      {"folder_in_the_way", {{"dir", "x"}}, "'dir': cannot write it: a folder is there"},
      {"file_in_the_way", {{"plain/x/y", "x"}}, "'plain/x/y': cannot write it: 'plain' is a file, no folder"},
      {"symlink", {{"link", "x"}}, "'link': cannot write it: a symlink is there"},
      {"below_a_symlink", {{"link/x", "x"}}, "'link' is a symlink"},
      {"submodule", {{"module", "x"}}, "a submodule is there"},
      {"below_a_submodule", {{"module/x", "x"}}, "'module' is a submodule"},
      {"symlink_removed", {{"link", "", true}}, "'link': cannot remove it"},
      {"nothing_to_remove",
       {{"dir/absent", "", true}},
       "'dir/absent': cannot remove it: there is no such file"},
      {"folder_removed", {{"dir", "", true}}, "a folder is there"},
      {"twice", {{"a", "1"}, {"a", "2"}}, "'a': written twice"},
      {"file_and_folder",
       {{"n", "1"}, {"n/m", "2"}},
       "'n/m': cannot write it: the same commit writes the file 'n'"},
      {"empty", {{"", "1"}}, "it is empty"},
      {"absolute", {{"/etc/passwd", "1"}}, "empty part"},
      {"trailing_slash", {{"a/", "1"}}, "empty part"},
      {"double_slash", {{"a//b", "1"}}, "empty part"},
      {"up", {{"a/../b", "1"}}, "'..'"},
      {"dot", {{"./b", "1"}}, "'.'"},
      {"dot_git", {{"a/.GIT/config", "1"}}, "'.GIT'"},
      {"dot_git_of_windows", {{"git~1/config", "1"}}, "'git~1'"},
      {"nul", {{std::string("a\0b", 3), "1"}}, "NUL"},
      {"long", {{std::string(5000, 'a'), "1"}}, "longer than"},
  };
  for (const RefusalRow& row : rows) {
    SCOPED_TRACE(row.name);
    auto ids = repository->Publish(base, {Draft({{"fine", "x"}}), Draft(row.writes)});
    EXPECT_ERROR(ids, ErrorKind::kInvalid, row.part);
    EXPECT_EQ(git.Head(), base);
    EXPECT_EQ(PackFiles(git), before);
  }
}

TEST(Publish, RefusesCommitsThatGitCannotWrite) {
  TempRepository git;
  std::string base = git.Commit({{"a", "1"}});
  auto repository = Opened(git.path());
  CommitDraft good = Draft({{"a", "2"}});
  struct Row {
    const char* name;
    void (*spoil)(CommitDraft&);
    const char* part;
  };
  for (const Row& row :
       {Row{"no_name", [](CommitDraft& d) { d.author_name = " "; }, "a name is needed"},
        Row{"angle", [](CommitDraft& d) { d.author_name = "a <b"; }, "allows no '<'"},
        Row{"newline", [](CommitDraft& d) { d.author_email = "a\nparent"; }, "control"},
        Row{"nul", [](CommitDraft& d) { d.message = std::string("a\0b", 3); }, "NUL"},
        Row{"latin1", [](CommitDraft& d) { d.message = "\xe4"; }, "UTF-8"},
        Row{"surrogate", [](CommitDraft& d) { d.message = "\xed\xa0\x80"; }, "UTF-8"},
        Row{"before_1970", [](CommitDraft& d) { d.time = Instant(Seconds(-1)); }, "before 1970"}}) {
    SCOPED_TRACE(row.name);
    CommitDraft draft = good;
    row.spoil(draft);
    EXPECT_ERROR(repository->Publish(base, {draft}), ErrorKind::kInvalid, row.part);
    EXPECT_EQ(git.Head(), base);
  }
}

TEST(Publish, AMovedBranchIsAConflictAndNothingHappens) {
  TempRepository git;
  std::string base = git.Commit({{"a", "1"}});
  auto repository = Opened(git.path());
  std::string theirs = git.Commit({{"b", "2"}});
  auto before = PackFiles(git);
  EXPECT_ERROR(repository->Publish(base, {Draft({{"a", "2"}})}), ErrorKind::kConflict, theirs);
  EXPECT_EQ(git.Head(), theirs);
  EXPECT_EQ(PackFiles(git), before);
  EXPECT_ERROR(repository->Publish("", {Draft({{"a", "2"}})}), ErrorKind::kConflict, theirs);
  EXPECT_ERROR(repository->Publish("main", {Draft({{"a", "2"}})}), ErrorKind::kInvalid, "no commit id");
}

TEST(Publish, TheFirstCommitOfABranch) {
  TempRepository git;
  auto repository = Opened(git.path());
  EXPECT_ERROR(repository->Fetch(), ErrorKind::kNotFound, "no commits yet");
  auto ids = repository->Publish("", {Draft({{"lockkeeper.yaml", "x\n"}})});
  ASSERT_OK(ids);
  EXPECT_EQ(git.Head(), ids->front());
  EXPECT_EQ(git.Git({"rev-list", "--parents", "main"}), ids->front() + "\n");
  ExpectSound(git);
  EXPECT_ERROR(Opened(git.path(), "main/sub")->Publish("", {Draft({{"a", "b"}})}), ErrorKind::kInvalid,
               "beside refs/heads/main");
  git.Git({"pack-refs", "--all"});
  EXPECT_ERROR(Opened(git.path(), "main/sub")->Publish("", {Draft({{"a", "b"}})}), ErrorKind::kInvalid,
               "beside refs/heads/main");
}

TEST(Publish, AnEmptyFolderInTheRefsIsNotInTheWay) {
  TempRepository git;
  git.Commit({{"a", "1"}});
  fs::create_directories(git.path() + "/refs/heads/topic/old/older");
  ASSERT_OK(Opened(git.path(), "topic")->Publish("", {Draft({{"a", "b"}})}));
  EXPECT_FALSE(git.Head("topic").empty());
}

TEST(Publish, PackedRefsAndSymbolicBranches) {
  TempRepository git;
  std::string base = git.Commit({{"a", "1"}});
  git.Git({"pack-refs", "--all", "--prune"});
  git.Git({"symbolic-ref", "refs/heads/alias", "refs/heads/main"});
  auto repository = Opened(git.path(), "alias");
  EXPECT_EQ(*repository->Fetch(), base);
  auto ids = repository->Publish(base, {Draft({{"a", "2"}})});
  ASSERT_OK(ids);
  EXPECT_EQ(git.Head("main"), ids->front());
  EXPECT_EQ(git.Git({"symbolic-ref", "refs/heads/alias"}), "refs/heads/main\n");
}

TEST(Publish, SomebodyElsesLockIsNamedAndLeftAlone) {
  TempRepository git;
  std::string base = git.Commit({{"a", "1"}});
  auto before = PackFiles(git);
  git.WriteFile("refs/heads/main.lock", "");
  auto ids = Opened(git.path())->Publish(base, {Draft({{"a", "2"}})});
  EXPECT_ERROR(ids, ErrorKind::kTransient, git.path() + "/refs/heads/main.lock");
  EXPECT_TRUE(fs::exists(git.path() + "/refs/heads/main.lock"));
  EXPECT_EQ(git.Head(), base);
  EXPECT_EQ(PackFiles(git), before);
}

TEST(Publish, OurOwnStaleLockIsRemoved) {
  TempRepository git;
  std::string base = git.Commit({{"a", "1"}});
  // A lockkeeper that is killed between taking the lock and moving the branch.
  pid_t child = ::fork();
  if (child == 0) {
    auto update = RefUpdate::Begin(git.path(), "refs/heads/main", *ParseObjectId(base));
    ::_exit(update.has_value() ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  ASSERT_TRUE(fs::exists(git.path() + "/refs/heads/main.lock"));
  ASSERT_NE(git.TryGit({"update-ref", "refs/heads/main", base}).exit_code, 0);
  auto ids = Opened(git.path())->Publish(base, {Draft({{"a", "2"}})});
  ASSERT_OK(ids);
  EXPECT_EQ(git.Head(), ids->front());
  EXPECT_FALSE(fs::exists(git.path() + "/refs/heads/main.lock"));
  EXPECT_EQ(fs::hard_link_count(git.path() + "/refs/heads/main"), 1U);
}

TEST(Publish, ReflogsAsGitWritesThem) {
  TempRepository bare;
  std::string base = bare.Commit({{"a", "1"}});
  ASSERT_OK(Opened(bare.path())->Publish(base, {Draft({{"a", "2"}})}));
  EXPECT_FALSE(fs::exists(bare.path() + "/logs/refs/heads/main"));
  bare.Git({"config", "core.logAllRefUpdates", "true"});
  std::string second = bare.Head();
  auto ids = Opened(bare.path())->Publish(second, {Draft({{"a", "3"}})});
  ASSERT_OK(ids);
  EXPECT_EQ(bare.Git({"reflog", "show", "--format=%H %gn %gd %gs", "--date=raw", "main"}),
            ids->front() + " lockkeeper main@{1700001000 +0000} lockkeeper: publish\n");
  EXPECT_EQ(bare.Git({"reflog", "show", "--format=%H", "HEAD"}), ids->front() + "\n");
}

TEST(Publish, SharedRepositoriesStayShared) {
  TempRepository git(Layout::kBare, {"--shared=group"});
  std::string base = git.Commit({{"a", "1"}});
  auto names = PackFiles(git);
  ::umask(077);
  auto ids = Opened(git.path())->Publish(base, {Draft({{"a", "2"}})});
  ::umask(022);
  ASSERT_OK(ids);
  for (const auto& name : PackFiles(git)) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    auto permissions = fs::status(git.path() + "/objects/pack/" + name).permissions();
    EXPECT_EQ(permissions, fs::perms::owner_read | fs::perms::group_read) << name;
  }
}

TEST(Publish, AbsentObjectIsNoCrash) {
  TempRepository git;
  git.Commit({{"a", "1"}});
  git.WriteFile("refs/heads/bad", std::string(40, '1') + "\n");
  auto repository = Opened(git.path(), "bad");
  EXPECT_ERROR(repository->Fetch(), ErrorKind::kTransient, "git fsck");
  EXPECT_FALSE(repository->Publish(std::string(40, '1'), {Draft({{"a", "2"}})}).has_value());
}

TEST(FaultyRepository, FailsTheCallThatWasNamed) {
  TempRepository git;
  std::string base = git.Commit({{"a", "1"}});
  FaultyRepository repository(Opened(git.path()));
  repository.FailAt({.call = 2, .kind = ErrorKind::kDenied});
  repository.FailAt({.call = 3, .mode = FaultyRepository::Mode::kUnknownOutcome});
  ASSERT_OK(repository.Fetch());
  EXPECT_ERROR(repository.Publish(base, {Draft({{"a", "2"}})}), ErrorKind::kDenied, "call 2");
  EXPECT_EQ(git.Head(), base);
  EXPECT_ERROR(repository.Publish(base, {Draft({{"a", "2"}})}), ErrorKind::kTransient, "lost");
  EXPECT_NE(git.Head(), base);
  EXPECT_EQ(repository.calls(), 3);
  EXPECT_EQ(repository.journal(), (std::vector<std::string>{"Fetch", "Publish", "Publish"}));
}

}  // namespace
}  // namespace lockkeeper
