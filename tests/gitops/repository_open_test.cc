#include <sys/types.h>
#include <unistd.h>

#include <filesystem>

#include "gitops/repository/location.h"
#include "repository_test_cases.h"

namespace lockkeeper {
namespace {

namespace fs = std::filesystem;

TEST(OpenRepository, FindsItFromAnyPlaceInTheWorkTree) {
  TempRepository git(Layout::kWithWorkTree);
  std::string head = git.Commit({{"deep/folder/file", "1"}});
  git.Git({"reset", "--hard", "--quiet"});
  git.Git({"worktree", "add", "--quiet", "-b", "topic", "../linked"});
  std::string topic = git.Commit({{"topic", "2"}}, "Topic", "topic");
  EXPECT_EQ(*Opened(git.path())->Fetch(), head);
  EXPECT_EQ(*Opened(git.path() + "/deep/folder")->Fetch(), head);
  EXPECT_EQ(*Opened(git.path() + "/.git")->Fetch(), head);
  auto linked = Opened(fs::path(git.path()).parent_path().string() + "/linked");
  EXPECT_EQ(linked->branch(), "topic");
  EXPECT_EQ(*linked->Fetch(), topic);
}

TEST(OpenRepository, TakesFileUrls) {
  TempRepository git;
  std::string head = git.Commit({{"a", "1"}});
  std::string odd = fs::path(git.path()).parent_path().string() + "/ö d%d.git";
  fs::rename(git.path(), odd);
  std::string url = "file://" + fs::path(odd).parent_path().string() + "/%c3%B6%20d%25d.git";
  EXPECT_EQ(*Opened(url)->Fetch(), head);
  EXPECT_EQ(*Opened("file://localhost" + url.substr(7))->Fetch(), head);
}

TEST(OpenRepository, AlternatesAreRead) {
  TempRepository git;
  std::string base = git.Commit({{"a", "1"}});
  TempFolder folder;
  RunGit(folder.path(), {"clone", "--quiet", "--bare", "--shared", git.path(), "clone.git"});
  auto clone = Opened(folder.path() + "/clone.git");
  auto ids = clone->Publish(base, {Draft({{"a", "2"}})});
  ASSERT_OK(ids);
  EXPECT_EQ(RunGit(folder.path() + "/clone.git", {"cat-file", "blob", "main:a"}), "2");
  EXPECT_EQ(git.Head(), base);
  EXPECT_EQ(TryGit(folder.path() + "/clone.git", {"fsck", "--strict", "--full"}).exit_code, 0);
}

TEST(Location, RefusesWhatIsNoPath) {
  struct Row {
    std::string_view location;
    const char* part;
  };
  for (Row row :
       {Row{"", "is empty"}, Row{"file://host/x", "the machine 'host'"},
        Row{"file:///a%2", "two hexadecimal"}, Row{"file:///a%zz", "two hexadecimal"},
        Row{"file:///a%00b", "two hexadecimal"}, Row{"file://", "path is missing"},
        Row{"https://example.com/x.git", "git clone"}, Row{"ssh://git@example.com/x", "git clone"},
        Row{"git@example.com:group/fleet.git", "git clone"}, Row{std::string_view("a\0b", 3), "NUL"}}) {
    SCOPED_TRACE(row.location);
    EXPECT_ERROR(PathOfLocation(row.location), ErrorKind::kInvalid, row.part);
  }
  EXPECT_EQ(*PathOfLocation("./a:b"), "./a:b");
  EXPECT_EQ(*PathOfLocation("~/x"), "~/x");
}

Result<std::unique_ptr<Repository>> Open(const std::string& location, const std::string& branch = "") {
  return OpenLocalRepository({.location = location, .branch = branch});
}

TEST(OpenRepository, SaysWhatIsMissing) {
  TempFolder folder;
  IsolateFromHostGit();
  EXPECT_ERROR(Open(folder.path() + "/absent"), ErrorKind::kNotFound, "no such folder");
  EXPECT_ERROR(Open(folder.path()), ErrorKind::kNotFound, "git init");
  TempRepository git;
  EXPECT_ERROR(Open(git.path(), "a..b"), ErrorKind::kInvalid, "cannot be the name of a branch");
  EXPECT_ERROR(Open(git.path())->get()->Fetch(), ErrorKind::kNotFound, "the repository has no commits yet");
  git.Commit({{"a", "1"}}, "Change", "develop");
  git.Commit({{"a", "1"}}, "Change", "release/1");
  EXPECT_ERROR(Opened(git.path())->Fetch(), ErrorKind::kNotFound,
               "no branch 'main' (branches: develop, release/1)");
  EXPECT_ERROR(Opened(git.path(), "x")->Fetch(), ErrorKind::kNotFound, "no branch 'x'");
  git.Git({"update-ref", "--no-deref", "HEAD", git.Head("develop")});
  EXPECT_ERROR(Open(git.path()), ErrorKind::kNotFound, "HEAD names no branch");
  ASSERT_OK(Open(git.path(), "develop"));
}

TEST(OpenRepository, RefusesFormatsInWords) {
  struct Row {
    const char* name;
    const char* value;
    const char* part;
  };
  for (Row row : {Row{"extensions.objectFormat", "sha256", "only SHA-1"},
                  Row{"extensions.refStorage", "reftable", "only 'files'"},
                  Row{"extensions.partialClone", "origin", "full clone"},
                  Row{"extensions.relativeWorktrees", "true",
                      "extensions.relativeworktrees, which is not supported"}}) {
    SCOPED_TRACE(row.name);
    TempRepository git;
    git.Git({"config", "core.repositoryFormatVersion", "1"});
    git.Git({"config", row.name, row.value});
    EXPECT_ERROR(Open(git.path()), ErrorKind::kInvalid, row.part);
  }
  TempRepository git(Layout::kBare, {"--object-format=sha256"});
  EXPECT_ERROR(Open(git.path()), ErrorKind::kInvalid, "sha256");
}

TEST(OpenRepository, ExtensionsThatDoNotConcernUsAreFine) {
  TempRepository git;
  git.Git({"config", "core.repositoryFormatVersion", "1"});
  git.Git({"config", "extensions.preciousObjects", "true"});
  git.Git({"config", "extensions.objectFormat", "sha1"});
  git.Git({"config", "extensions.worktreeConfig", "true"});
  std::string base = git.Commit({{"a", "1"}});
  ASSERT_OK(Opened(git.path())->Publish(base, {Draft({{"a", "2"}})}));
}

TEST(OpenRepository, RefusesForeignOwners) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  TempRepository git;
  git.Commit({{"a", "1"}});
  ASSERT_EQ(::chown(git.path().c_str(), 65534, 65534), 0);
  EXPECT_ERROR(Open(git.path()), ErrorKind::kDenied, "safe.directory");
}

TEST(OpenRepository, DamageIsReported) {
  TempRepository git;
  git.Commit({{"a", "1"}});
  git.WriteFile("config", "[core\n");
  EXPECT_ERROR(Open(git.path()), ErrorKind::kInvalid, "config");
  TempRepository other;
  other.Commit({{"a", "1"}});
  other.Git({"gc", "--quiet"});
  for (const auto& entry : fs::directory_iterator(other.path() + "/objects/pack")) {
    if (entry.path().extension() != ".pack") continue;
    fs::permissions(entry.path(), fs::perms::owner_all);
    fs::resize_file(entry.path(), 40);
  }
  auto opened = Open(other.path());
  ASSERT_OK(opened);
  EXPECT_ERROR((*opened)->Fetch(), ErrorKind::kTransient, "git fsck");
  TempRepository holes;
  std::string tree = std::string(40, '1');
  std::string commit = holes
                           .Git({"hash-object", "-w", "-t", "commit", "--literally", "--stdin"},
                                "tree " + tree + "\nauthor A <a> 1 +0000\ncommitter A <a> 1 +0000\n\nm\n")
                           .substr(0, 40);
  holes.WriteFile("refs/heads/main", commit + "\n");
  EXPECT_ERROR(Opened(holes.path())->Diff("", commit), ErrorKind::kTransient, "git fsck");
  EXPECT_ERROR(Opened(holes.path())->FindFile(commit, "a"), ErrorKind::kTransient, "git fsck");
  EXPECT_ERROR(Opened(holes.path())->Publish(commit, {Draft({{"a", "1"}})}), ErrorKind::kTransient,
               "git fsck");
}

}  // namespace
}  // namespace lockkeeper
