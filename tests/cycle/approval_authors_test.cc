// Who is behind an approval: a function of the commit alone, whatever people do with the history.
#include "reconciler/cycle/approval_authors.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "gitops/repository/folder_repository.h"
#include "reconciler/cycle/fleet_reader.h"
#include "tests/gitops/repository_test_cases.h"
#include "tests/support/faulty_repository.h"
#include "tests/support/temp_repository.h"

namespace lockkeeper {
namespace {

constexpr const char* kPath = "upgrades/approvals/a.yaml";

std::string Upgrade(const std::string& name) {
  return fmt::format(
      "apiVersion: lockkeeper.dev/v1alpha1\nkind: ClusterUpgrade\nmetadata: {{name: {}}}\nspec:\n"
      "  matchers: [{{name: x, value: y}}]\n  releaseRef: {{name: v1.20.0}}\n",
      name);
}

std::string Approval(const std::string& name, const std::string& upgrade = "up",
                     const std::string& by = "alice") {
  return fmt::format(
      "apiVersion: lockkeeper.dev/v1alpha1\nkind: UpgradeApproval\nmetadata: {{name: {}}}\nspec:\n"
      "  {{upgrade: {}, toRelease: v1.20.0, by: {}, at: 2026-03-01T09:00:00Z}}\n",
      name, upgrade, by);
}

/// A repository in which several people work. A commit is made from a tree that is written out file by file.
class History {
 public:
  History() {
    Put("lockkeeper.yaml",
        "apiVersion: lockkeeper.dev/v1alpha1\nkind: Fleet\nmetadata: {name: a}\n"
        "spec: {inventory: [{profile: capi-topology}]}\n");
    Put("upgrades/up.yaml", Upgrade("up"));
  }

  void Put(const std::string& path, const std::string& content) { files_[path] = content; }
  void Remove(const std::string& path) { files_.erase(path); }
  using Files = std::map<std::string, std::string>;
  const Files& files() const { return files_; }
  void Restore(const Files& files) { files_ = files; }

  /// `author` is `Name <e-mail>`; parents as given.
  std::string Commit(const std::string& author, const std::vector<std::string>& parents) {
    std::string stream = "commit refs/heads/main\n";
    stream += fmt::format("author {} {} +0000\ncommitter Merge Bot <bot@example.com> {} +0000\n", author,
                          1'700'000'000 + commits_, 1'700'000'000 + commits_);
    ++commits_;
    stream += "data 6\nChange\n";
    for (size_t i = 0; i < parents.size(); ++i)
      stream += fmt::format("{} {}\n", i == 0 ? "from" : "merge", parents[i]);
    stream += "deleteall\n";
    for (const auto& [path, content] : files_)
      stream += fmt::format("M 100644 inline {}\ndata {}\n{}\n", path, content.size(), content);
    if (parents.empty()) repository_.TryGit({"update-ref", "-d", "refs/heads/main"});
    repository_.Git({"fast-import", "--quiet", "--force"}, stream);
    return repository_.Head();
  }

  const TempRepository& repository() const { return repository_; }
  std::unique_ptr<Repository> Open() const { return Opened(repository_.path()); }

 private:
  TempRepository repository_;
  std::map<std::string, std::string> files_;
  int commits_ = 0;
};

/// `name: author` of every approval.
std::string AuthorsBy(FleetReader& reader, const std::string& commit) {
  auto state = reader.Read(commit);
  if (!state) return "error: " + state.error().message;
  std::string text;
  for (const UpgradeApproval& approval : (*state)->fleet.approvals)
    text += fmt::format("{}: {}\n", approval.name.name, approval.author);
  return text;
}

std::string AuthorsAt(const History& history, const std::string& commit) {
  auto opened = history.Open();
  FleetReader reader(*opened);
  return AuthorsBy(reader, commit);
}

const std::string kAlice = "Alice A <alice@example.com>";
const std::string kBob = "Bob <bob@example.com>";
const std::string kMallory = "Mallory <mallory@example.com>";

TEST(ApprovalAuthors, TheOneWhoCommittedIt) {
  History history;
  std::string root = history.Commit(kBob, {});
  history.Put(kPath, Approval("a"));
  std::string approved = history.Commit(kAlice, {root});
  EXPECT_EQ(AuthorsAt(history, approved), "a: " + kAlice + "\n");
  history.Put("README.md", "x");
  std::string later = history.Commit(kBob, {approved});
  EXPECT_EQ(AuthorsAt(history, later), "a: " + kAlice + "\n");
}

TEST(ApprovalAuthors, TheFirstCommitOfAll) {
  History history;
  history.Put(kPath, Approval("a"));
  std::string root = history.Commit(kAlice, {});
  EXPECT_EQ(AuthorsAt(history, history.Commit(kBob, {root})), "a: " + kAlice + "\n");
}

TEST(ApprovalAuthors, WhoeverChangedItLast) {
  History history;
  history.Put(kPath, Approval("a"));
  std::string root = history.Commit(kAlice, {});
  history.Put(kPath, Approval("a", "up", "mallory"));
  std::string forged = history.Commit(kMallory, {root});
  EXPECT_EQ(AuthorsAt(history, forged), "a: " + kMallory + "\n");
  // Back to what Alice wrote: still nobody else than Mallory put it there.
  history.Put(kPath, Approval("a"));
  EXPECT_EQ(AuthorsAt(history, history.Commit(kMallory, {forged})), "a: " + kMallory + "\n");
}

TEST(ApprovalAuthors, WhoeverMovedIt) {
  History history;
  history.Put(kPath, Approval("a"));
  std::string root = history.Commit(kAlice, {});
  history.Remove(kPath);
  history.Put("upgrades/b.yaml", Approval("a"));
  EXPECT_EQ(AuthorsAt(history, history.Commit(kBob, {root})), "a: " + kBob + "\n");
}

TEST(ApprovalAuthors, OfAMergeTheSideThatBroughtIt) {
  for (bool first : {false, true}) {
    History history;
    std::string root = history.Commit(kBob, {});
    history.Put("README.md", "x");
    std::string other = history.Commit(kBob, {root});
    history.Remove("README.md");
    history.Put(kPath, Approval("a"));
    std::string approved = history.Commit(kAlice, {root});
    history.Put("README.md", "x");
    auto parents = first ? std::vector{approved, other} : std::vector{other, approved};
    std::string merge = history.Commit(kMallory, parents);
    EXPECT_EQ(AuthorsAt(history, merge), "a: " + kAlice + "\n") << first;
    history.Put("README.md", "y");
    EXPECT_EQ(AuthorsAt(history, history.Commit(kBob, {merge})), "a: " + kAlice + "\n") << first;
  }
}

TEST(ApprovalAuthors, AMergeThatChangesItIsItsOwnAuthor) {
  History history;
  std::string root = history.Commit(kBob, {});
  history.Put("README.md", "x");
  std::string other = history.Commit(kBob, {root});
  history.Put(kPath, Approval("a"));
  std::string approved = history.Commit(kAlice, {root});
  history.Put(kPath, Approval("a", "up", "mallory"));
  EXPECT_EQ(AuthorsAt(history, history.Commit(kMallory, {other, approved})), "a: " + kMallory + "\n");
}

TEST(ApprovalAuthors, OnlyWhereTheUpgradeIsThere) {
  History history;
  history.Put(kPath, Approval("a") + "---\n" + Approval("b", "gone"));
  history.Put("upgrades/c.yaml", Approval("c", "ops/up"));
  std::string root = history.Commit(kAlice, {});
  EXPECT_EQ(AuthorsAt(history, root), "a: " + kAlice + "\nb: \nc: \n");
  history.Put("upgrades/gone.yaml", Upgrade("gone"));
  std::string back = history.Commit(kBob, {root});
  EXPECT_EQ(AuthorsAt(history, back), "a: " + kAlice + "\nb: " + kAlice + "\nc: \n");
  // The same reader sees it come and go.
  auto opened = history.Open();
  FleetReader reader(*opened);
  EXPECT_EQ(AuthorsBy(reader, root), "a: " + kAlice + "\nb: \nc: \n");
  EXPECT_EQ(AuthorsBy(reader, back), "a: " + kAlice + "\nb: " + kAlice + "\nc: \n");
  EXPECT_EQ(AuthorsBy(reader, root), "a: " + kAlice + "\nb: \nc: \n");
}

TEST(ApprovalAuthors, NobodyKnowsWhereAShallowCloneEnds) {
  History history;
  history.Put(kPath, Approval("a"));
  std::string root = history.Commit(kAlice, {});
  history.Put("README.md", "x");
  std::string second = history.Commit(kBob, {root});
  history.Put("upgrades/b.yaml", Approval("b"));
  std::string third = history.Commit(kBob, {second});
  TempFolder folder;
  RunGit(folder.path(), {"clone", "--quiet", "--bare", "--depth=2", "file://" + history.repository().path(),
                         folder.path() + "/clone"});
  auto opened = Opened(folder.path() + "/clone");
  FleetReader reader(*opened);
  EXPECT_EQ(AuthorsBy(reader, third), "a: \nb: " + kBob + "\n");
}

TEST(ApprovalAuthors, FilesOnADiskHaveNone) {
  TempRepository files(Layout::kWithWorkTree);
  History history;
  history.Put(kPath, Approval("a"));
  for (const auto& [path, content] : history.files()) files.WriteFile(path, content);
  auto folder = OpenFolder(files.path());
  ASSERT_TRUE(folder.has_value()) << folder.error().message;
  auto commit = (*folder)->Fetch();
  ASSERT_TRUE(commit.has_value());
  FleetReader reader(**folder);
  EXPECT_EQ(AuthorsBy(reader, *commit), "a: \n");
}

TEST(ApprovalAuthors, AReadOfWhatIsNewDoesNotWalkBackAgain) {
  History history;
  history.Put(kPath, Approval("a"));
  std::string commit = history.Commit(kAlice, {});
  for (int i = 0; i < 60; ++i) {
    history.Put("README.md", std::to_string(i));
    commit = history.Commit(kBob, {commit});
  }
  history.Put("README.md", "the next");
  std::string next = history.Commit(kBob, {commit});
  FaultyRepository counted(history.Open());
  FleetReader reader(counted);
  EXPECT_EQ(AuthorsBy(reader, commit), "a: " + kAlice + "\n");
  int cold = counted.calls();
  EXPECT_GT(cold, 60);
  EXPECT_EQ(AuthorsBy(reader, next), "a: " + kAlice + "\n");
  EXPECT_LT(counted.calls() - cold, 12);
}

TEST(ApprovalAuthors, AHistoryOfMergesIsWalkedOnce) {
  History history;
  history.Put(kPath, Approval("a"));
  std::string trunk = history.Commit(kAlice, {});
  std::vector<std::string> commits{trunk};
  for (int i = 0; i < 30; ++i) {
    history.Put("README.md", std::to_string(i));
    std::string side = history.Commit(kBob, {trunk});
    history.Put("README.md", "trunk");
    std::string next = history.Commit(kBob, {trunk});
    history.Put("README.md", std::to_string(i) + " trunk");
    trunk = history.Commit(kMallory, {next, side});
    // Parents before children, from side to side.
    commits.insert(commits.end(), {next, side, trunk});
  }
  FaultyRepository counted(history.Open());
  FleetReader reader(counted);
  auto diffs = [&] { return std::ranges::count(counted.journal(), "Diff"); };
  long most = 0;
  for (const std::string& commit : commits) {
    const long before = diffs();
    EXPECT_EQ(AuthorsBy(reader, commit), "a: " + kAlice + "\n");
    if (commit != commits.front()) most = std::max(most, diffs() - before);
  }
  // One for the files that changed, and one for each step back.
  EXPECT_LE(most, 3);
}

/// What `git log` says: it follows, of the parents of a merge, the first one that has the same bytes.
std::string AuthorByGit(const History& history, const std::string& commit, const std::string& path) {
  auto line = history.repository().Git({"log", "-1", "--format=%an <%ae>", commit, "--", path});
  while (line.ends_with('\n')) line.pop_back();
  return line;
}

TEST(ApprovalAuthorsProperty, IsWhatGitSaysAndDependsOnTheCommitAlone) {
  const std::vector<std::string> people{kAlice, kBob, kMallory};
  const std::vector<std::string> paths{"upgrades/a.yaml", "upgrades/b.yaml"};
  for (uint32_t seed = 1; seed <= 5; ++seed) {
    std::mt19937 random(seed);
    History history;
    std::vector<std::pair<std::string, History::Files>> commits;
    for (int i = 0; i < 25; ++i) {
      std::vector<std::string> parents;
      if (!commits.empty()) {
        const auto& [id, files] =
            commits[commits.size() - 1 - random() % std::min<size_t>(commits.size(), 4)];
        parents.push_back(id);
        history.Restore(files);
        if (random() % 3 == 0) {
          const auto& [other, theirs] = commits[random() % commits.size()];
          if (other != id) parents.push_back(other);
          // As merges do: each file from one side or the other.
          for (const std::string& path : paths) {
            if (random() % 2 == 0) continue;
            history.Remove(path);
            if (theirs.contains(path)) history.Put(path, theirs.at(path));
          }
        }
      }
      for (size_t p = 0; p < paths.size(); ++p) {
        if (random() % 3 != 0) continue;
        if (random() % 5 == 0) {
          history.Remove(paths[p]);
        } else {
          history.Put(paths[p], Approval(std::string(1, static_cast<char>('a' + p)), "up",
                                         people[random() % 2].substr(0, 3)));
        }
      }
      commits.emplace_back(history.Commit(people[random() % people.size()], parents), history.files());
    }
    auto opened = history.Open();
    FleetReader follower(*opened);
    for (int i = 0; i < 25; ++i) {
      const auto& [commit, files] = commits[random() % commits.size()];
      std::string expected;
      for (size_t p = 0; p < paths.size(); ++p) {
        if (!files.contains(paths[p])) continue;
        expected +=
            fmt::format("{}: {}\n", static_cast<char>('a' + p), AuthorByGit(history, commit, paths[p]));
      }
      ASSERT_EQ(AuthorsBy(follower, commit), expected) << "seed " << seed << " commit " << commit;
    }
  }
}

}  // namespace
}  // namespace lockkeeper
