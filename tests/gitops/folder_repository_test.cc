#include "gitops/repository/folder_repository.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/temp_repository.h"

namespace lockkeeper {
namespace {

namespace fs = std::filesystem;

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> Paths(Repository& repository) {
  std::vector<std::string> paths;
  auto commit = repository.Fetch();
  EXPECT_TRUE(commit.has_value());
  auto files = repository.Diff("", *commit);
  EXPECT_TRUE(files.has_value());
  for (const TreeDifference& file : *files) paths.push_back(file.entry.path);
  return paths;
}

std::unique_ptr<Repository> Open(const std::string& folder) {
  auto opened = OpenFolder(folder);
  EXPECT_TRUE(opened.has_value()) << (opened ? "" : opened.error().message);
  return std::move(*opened);
}

TEST(FolderRepository, HoldsWhatGitWouldTake) {
  TempRepository repository(Layout::kWithWorkTree);
  repository.WriteFile(".gitignore", "*.log\nbuild/\n/kept/*\n");
  repository.WriteFile("b/new.yaml", "new");
  repository.WriteFile("b/x.log", "no");
  repository.WriteFile("b-c.yaml", "sorted by bytes");
  repository.WriteFile("build/out.yaml", "no");
  repository.WriteFile("kept/tracked.yaml", "was added by force");
  repository.WriteFile("kept/other.yaml", "no");
  repository.WriteFile("run", "#!/bin/sh\n", 0755);
  repository.Git({"add", "-f", "kept/tracked.yaml"});
  auto opened = Open(repository.path());
  EXPECT_THAT(Paths(*opened),
              ElementsAre(".gitignore", "b-c.yaml", "b/new.yaml", "kept/tracked.yaml", "run"));
  EXPECT_EQ(opened->FindFile(*opened->Fetch(), "run")->mode, FileMode::kExecutable);
  // A folder of the work tree sees its own part, under the same rules.
  EXPECT_THAT(Paths(*Open(repository.path() + "/b")), ElementsAre("new.yaml"));
  EXPECT_THAT(Paths(*Open(repository.path() + "/kept/")), ElementsAre("tracked.yaml"));
}

TEST(FolderRepository, NeedsNoRepository) {
  TempFolder folder;
  fs::create_directories(folder.path() + "/a/empty");
  fs::create_directories(folder.path() + "/module/.git");
  fs::create_symlink("nowhere", folder.path() + "/a/link");
  auto opened = Open(folder.path());
  EXPECT_THAT(Paths(*opened), ElementsAre("a/link", "module"));
  const std::string commit = *opened->Fetch();
  EXPECT_EQ(opened->FindFile(commit, "a/link")->mode, FileMode::kSymlink);
  EXPECT_EQ(opened->FindFile(commit, "module")->mode, FileMode::kSubmodule);
  EXPECT_EQ(opened->FindFile(commit, "a").error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(opened->Diff(commit, commit)->size(), 0U);
  EXPECT_EQ(opened->Diff("", std::string(40, '0')).error().kind, ErrorKind::kNotFound);
}

TEST(FolderRepository, ReadsFilesAsTheyAreNow) {
  TempRepository repository(Layout::kWithWorkTree);
  repository.Commit({{"a.yaml", "committed"}});
  repository.WriteFile("a.yaml", "changed");
  repository.WriteFile("gone.yaml", "soon gone");
  auto opened = Open(repository.path());
  const std::string commit = *opened->Fetch();
  EXPECT_EQ(*opened->ReadBlob(opened->FindFile(commit, "a.yaml")->id), "changed");
  const std::string gone = opened->FindFile(commit, "gone.yaml")->id;
  fs::remove(repository.path() + "/gone.yaml");
  EXPECT_EQ(opened->ReadBlob(gone).error().kind, ErrorKind::kTransient);
  EXPECT_EQ(opened->ReadBlob(std::string(40, '0')).error().kind, ErrorKind::kNotFound);
}

TEST(FolderRepository, TakesNothing) {
  TempFolder folder;
  auto opened = Open(folder.path());
  EXPECT_EQ(opened->Publish("", {}).error().kind, ErrorKind::kInvalid);
  EXPECT_EQ(opened->WalkHistory("", [](const CommitRecord&) { return true; }).error().kind,
            ErrorKind::kInvalid);
  EXPECT_FALSE(OpenFolder(folder.path() + "/none").has_value());
}

TEST(FindRepository, TellsWorkTreesFromBareOnesAndFromNone) {
  TempRepository with_work_tree(Layout::kWithWorkTree);
  fs::create_directories(with_work_tree.path() + "/a/b");
  EXPECT_EQ((*FindRepository(with_work_tree.path() + "/a/b"))->work_tree, with_work_tree.path());
  TempRepository bare;
  auto found = FindRepository(bare.path());
  ASSERT_TRUE(found.has_value() && found->has_value());
  EXPECT_EQ((*found)->work_tree, "");
  EXPECT_EQ((*found)->folder, bare.path());
  TempFolder folder;
  EXPECT_EQ(*FindRepository(folder.path()), std::nullopt);
  auto none = FindRepository(folder.path() + "/none");
  ASSERT_FALSE(none.has_value());
  EXPECT_THAT(none.error().message, HasSubstr("no such folder"));
}

}  // namespace
}  // namespace lockkeeper
