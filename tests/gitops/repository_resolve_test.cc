#include <algorithm>

#include "repository_test_cases.h"

namespace lockkeeper {
namespace {

/// main: 1 - 2 - 3 - M - 5, with a side branch from 2 that M merges; a lightweight and an annotated tag, a
/// tag of that tag, and a branch with the name of a tag.
class RepositoryResolve : public testing::Test {
 protected:
  RepositoryResolve() {
    for (const char* text : {"1", "2"}) git_.Commit({{"file", text}});
    git_.Git({"branch", "side/one"});
    git_.Commit({{"file", "3"}});
    git_.Commit({{"other", "side"}}, "Side", "side/one");
    const std::string tree = Trimmed(git_.Git({"rev-parse", "main^{tree}"}));
    const std::string merge =
        Trimmed(git_.Git({"commit-tree", tree, "-p", "main", "-p", "side/one", "-m", "Merge"}));
    git_.Git({"update-ref", "refs/heads/main", merge});
    git_.Git({"tag", "light", "main~2"});
    git_.Git({"tag", "-a", "-m", "Annotated", "v1.0", "main"});
    git_.Git({"tag", "-a", "-m", "Tag of a tag", "v1.0-again", "v1.0"});
    git_.Git({"branch", "twice", "main~1"});
    git_.Git({"tag", "twice", "main~2"});
    git_.Git({"tag", "a-tree", "main^{tree}"});
    git_.Git({"update-ref", "refs/remotes/origin/elsewhere", git_.Head("side/one")});
    git_.Commit({{"file", "5"}});
  }

  static std::string Trimmed(std::string text) {
    text.erase(std::ranges::find(text, '\n'), text.end());
    return text;
  }

  TempRepository git_;
};

TEST_F(RepositoryResolve, FindsWhatGitFinds) {
  auto repository = Opened(git_.path());
  const std::string head = git_.Head();
  std::string loud = head;
  std::ranges::transform(loud, loud.begin(), [](char c) { return static_cast<char>(std::toupper(c)); });
  for (const std::string& revision : {head,
                                      loud,
                                      head.substr(0, 12),
                                      head.substr(0, 8) + "~1",
                                      std::string("main"),
                                      std::string("HEAD"),
                                      std::string("@"),
                                      std::string("@~2"),
                                      std::string("main~"),
                                      std::string("main~0"),
                                      std::string("main~4"),
                                      std::string("main~1^2"),
                                      std::string("main~1^2~1"),
                                      std::string("main~1^1^"),
                                      std::string("main^^"),
                                      std::string("main^0"),
                                      std::string("side/one"),
                                      std::string("heads/side/one"),
                                      std::string("refs/heads/main"),
                                      std::string("light"),
                                      std::string("v1.0"),
                                      std::string("v1.0~1"),
                                      std::string("v1.0-again"),
                                      std::string("tags/v1.0"),
                                      std::string("twice"),
                                      std::string("heads/twice"),
                                      std::string("origin/elsewhere")}) {
    SCOPED_TRACE(revision);
    auto found = repository->Resolve(revision);
    ASSERT_OK(found);
    EXPECT_EQ(*found, Trimmed(git_.Git({"rev-parse", "--verify", "--quiet", revision + "^{commit}"})));
  }
}

struct RefusedRevision {
  const char* name;
  std::string revision;
  ErrorKind kind;
  const char* part;
};

TEST_F(RepositoryResolve, RefusesInWords) {
  const std::vector<RefusedRevision> rows = {
      {"empty", "", ErrorKind::kInvalid, "a revision has from 1 to"},
      {"far_too_long", std::string(5000, 'a'), ErrorKind::kInvalid, "a revision has from 1 to"},
      {"unknown_branch", "mian", ErrorKind::kNotFound, "'mian': no such revision: write a commit id"},
      {"unknown_id", std::string(40, 'a'), ErrorKind::kNotFound, "has no commit aaaa"},
      {"unknown_abbreviation", "abcdef012345", ErrorKind::kNotFound, "no such revision"},
      {"three_digits", git_.Head().substr(0, 3), ErrorKind::kNotFound, "no such revision"},
      {"a_path", "main:file", ErrorKind::kInvalid, "is no revision"},
      {"a_search", "main^{/Merge}", ErrorKind::kInvalid, "is no revision"},
      {"reflog", "main@{1}", ErrorKind::kInvalid, "is no revision"},
      {"reflog_by_date", "main@{yesterday}", ErrorKind::kInvalid, "is no revision"},
      {"nothing_but_a_step", "~1", ErrorKind::kInvalid, "is no revision"},
      {"words_behind_a_step", "main~1x", ErrorKind::kInvalid, "is no revision"},
      {"number_past_all_limits", "main~99999999999999999999999", ErrorKind::kInvalid, "is no revision"},
      {"range", "main..light", ErrorKind::kNotFound, "no such revision"},
      {"before_the_root", "main~5", ErrorKind::kNotFound, "the history begins with"},
      {"third_parent", "main~1^3", ErrorKind::kNotFound, "has 2 parents"},
      {"second_parent_of_one", "main^2", ErrorKind::kNotFound, "has 1 parent"},
      {"tree", "a-tree", ErrorKind::kInvalid, "is a tree, not a commit"},
      {"blank", "no such", ErrorKind::kNotFound, "no such revision"},
      {"climbs_out", "../../../etc/passwd", ErrorKind::kNotFound, "no such revision"},
      {"zero_byte", std::string("ma\0in", 5), ErrorKind::kInvalid, "is no revision"},
  };
  auto repository = Opened(git_.path());
  for (const RefusedRevision& row : rows) {
    SCOPED_TRACE(row.name);
    auto found = repository->Resolve(row.revision);
    EXPECT_ERROR(found, row.kind, row.part);
  }
}

TEST_F(RepositoryResolve, AsksForMoreOfAnAmbiguousId) {
  // Among so many objects two begin with the same four of 16 digits.
  std::vector<TestFile> files;
  for (int i = 0; i < 900; ++i) files.push_back({"files/" + std::to_string(i), std::to_string(i)});
  git_.Commit(files);
  std::vector<std::string> ids;
  std::string all = git_.Git({"rev-list", "--objects", "--no-object-names", "main"});
  for (size_t at = 0; at < all.size(); at += 41) ids.push_back(all.substr(at, 40));
  std::ranges::sort(ids);
  auto pair = std::ranges::adjacent_find(
      ids, [](const std::string& a, const std::string& b) { return a.starts_with(b.substr(0, 4)); });
  ASSERT_NE(pair, ids.end());
  auto repository = Opened(git_.path());
  auto found = repository->Resolve(pair->substr(0, 4));
  EXPECT_ERROR(found, ErrorKind::kInvalid, "several objects begin with these digits");
}

TEST_F(RepositoryResolve, SeesWhatWasCommittedMeanwhile) {
  auto repository = Opened(git_.path());
  ASSERT_OK(repository->Resolve("main"));
  const std::string now = git_.Commit({{"file", "6"}});
  auto found = repository->Resolve("main");
  ASSERT_OK(found);
  EXPECT_EQ(*found, now);
}

TEST(RepositoryResolveEmpty, HasNoRevision) {
  TempRepository git;
  auto repository = Opened(git.path(), "main");
  auto found = repository->Resolve("HEAD");
  EXPECT_ERROR(found, ErrorKind::kNotFound, "'HEAD': no such revision");
}

}  // namespace
}  // namespace lockkeeper
