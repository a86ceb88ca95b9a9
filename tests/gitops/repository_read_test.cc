#include <algorithm>
#include <map>
#include <random>
#include <sstream>

#include "gitops/repository/allocation_limit.h"
#include "gitops/repository/git_library.h"
#include "repository_test_cases.h"

namespace lockkeeper {
namespace {

// `MODE ID PATH` or `removed MODE PATH` for each difference, as we see it and as git does.
std::string Render(const std::vector<TreeDifference>& differences) {
  std::string text;
  for (const auto& difference : differences) {
    char mode[16];
    std::snprintf(mode, sizeof(mode), "%06o", static_cast<unsigned>(difference.entry.mode));
    text += (difference.removed ? "removed " + std::string(mode)
                                : std::string(mode) + " " + difference.entry.id) +
            " " + difference.entry.path + "\n";
  }
  return text;
}

std::string GitDiff(const TempRepository& git, const std::string& from, const std::string& to) {
  std::string empty = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
  std::istringstream raw(git.Git({"-c", "core.quotePath=false", "diff-tree", "-r", "--no-renames", "--raw",
                                  "--full-index", "--no-abbrev", from.empty() ? empty : from, to}));
  std::string text;
  for (std::string line; std::getline(raw, line);) {
    std::string old_mode = line.substr(1, 6);
    std::string new_mode = line.substr(8, 6);
    std::string id = line.substr(15 + 41, 40);
    std::string path = line.substr(line.find('\t') + 1);
    text += (new_mode == "000000" ? "removed " + old_mode : new_mode + " " + id) + " " + path + "\n";
  }
  return text;
}

TEST(Diff, EqualsGitOnRandomTrees) {
  constexpr unsigned kSeed = 20260711;
  std::mt19937 random(kSeed);
  auto pick = [&](size_t count) { return std::uniform_int_distribution<size_t>(0, count - 1)(random); };
  // Names that sort differently as files and as folders.
  const std::vector<std::string> names = {"a", "a.b", "a-b", "a0", "b", "B", "ab", "ü", "a b", "z"};
  for (int round = 0; round < 12; ++round) {
    SCOPED_TRACE("seed " + std::to_string(kSeed) + ", round " + std::to_string(round));
    TempRepository git;
    std::map<std::string, int> files;
    std::vector<std::string> commits;
    for (int step = 0; step < 6; ++step) {
      std::vector<TestFile> changes;
      for (size_t change = 0, count = 1 + pick(25); change < count; ++change) {
        std::string path = names[pick(names.size())];
        for (size_t depth = pick(4); depth > 0; --depth) path += "/" + names[pick(names.size())];
        const char* modes[] = {"100644", "100644", "100755", "120000"};
        if (pick(4) == 0) {
          changes.push_back({path, "", "100644", true});
        } else {
          changes.push_back({path, "content " + std::to_string(pick(5)), modes[pick(4)]});
        }
      }
      commits.push_back(git.Commit(changes));
    }
    auto repository = Opened(git.path());
    for (int pair = 0; pair < 6; ++pair) {
      const std::string& from = commits[pick(commits.size())];
      const std::string& to = commits[pick(commits.size())];
      auto ours = repository->Diff(from, to);
      ASSERT_OK(ours);
      ASSERT_EQ(Render(*ours), GitDiff(git, from, to)) << from << " " << to;
      EXPECT_TRUE(std::is_sorted(ours->begin(), ours->end(),
                                 [](const auto& a, const auto& b) { return a.entry.path < b.entry.path; }));
    }
    auto all = repository->Diff("", commits.back());
    ASSERT_OK(all);
    ASSERT_EQ(Render(*all), GitDiff(git, "", commits.back()));
  }
}

// What a random series of writes makes of a tree, against a plain map.
TEST(Publish, EqualsAMapOnRandomWrites) {
  constexpr unsigned kSeed = 4711;
  std::mt19937 random(kSeed);
  auto pick = [&](size_t count) { return std::uniform_int_distribution<size_t>(0, count - 1)(random); };
  // Only `ab` may be both, so that most writes fit.
  const std::vector<std::string> folders = {"a", "a.b", "ab", "b"};
  const std::vector<std::string> names = {"a-b", "a0", "ab", "x", "y"};
  TempRepository git;
  std::string head = git.Commit({{"x", "start"}});
  std::map<std::string, std::string> model{{"x", "start"}};
  auto repository = Opened(git.path());
  int refused = 0;
  for (int round = 0; round < 60; ++round) {
    SCOPED_TRACE("seed " + std::to_string(kSeed) + ", round " + std::to_string(round));
    std::vector<CommitDraft> drafts;
    auto after = model;
    bool fits = true;
    for (size_t commits = 1 + pick(3); commits > 0; --commits) {
      std::map<std::string, FileWrite> writes;
      for (size_t count = 1 + pick(4); count > 0; --count) {
        std::string path;
        for (size_t depth = pick(3); depth > 0; --depth) path += folders[pick(folders.size())] + "/";
        path += names[pick(names.size())];
        bool remove = after.contains(path) ? pick(3) == 0 : pick(20) == 0;
        writes[path] = {path, "content " + std::to_string(pick(1000)), remove};
      }
      std::vector<FileWrite> list;
      for (const auto& [path, write] : writes) {
        list.push_back(write);
        if (write.remove) fits = after.erase(path) == 1 && fits;
      }
      for (const auto& [path, write] : writes) {
        if (!write.remove) after[path] = write.content;
      }
      std::shuffle(list.begin(), list.end(), random);
      drafts.push_back(Draft(list));
      for (const auto& [path, content] : after) {
        auto below = after.lower_bound(path + "/");
        if (below != after.end() && below->first.starts_with(path + "/")) fits = false;
      }
      if (!fits) break;
    }
    auto ids = repository->Publish(head, drafts);
    if (ids) {
      ASSERT_TRUE(fits);
      head = ids->back();
      model = after;
    } else {
      ASSERT_EQ(static_cast<int>(ids.error().kind), static_cast<int>(ErrorKind::kInvalid))
          << ids.error().message;
      ++refused;
      // A file that replaces a folder whose files go in the same commit fits the map, but is refused.
      EXPECT_TRUE(!fits || ids.error().message.find("cannot write it") != std::string::npos)
          << ids.error().message;
    }
    auto files = repository->Diff("", head);
    ASSERT_OK(files);
    std::map<std::string, std::string> read;
    for (const auto& file : *files) read[file.entry.path] = std::string(*repository->ReadBlob(file.entry.id));
    ASSERT_EQ(read, model);
  }
  EXPECT_LT(refused, 35) << "most rounds should have been refused for nothing";
  ExpectSound(git);
}

TEST(ReadBlob, LimitsAndMistakes) {
  TempRepository git;
  std::string head = git.Commit({{"small", "1234"}, {"large", std::string(5000, 'x')}, {"empty", ""}});
  auto repository = OpenLocalRepository({.location = git.path(), .branch = "", .blob_bytes_max = 4});
  ASSERT_OK(repository);
  auto id = [&](const char* path) { return (*repository)->FindFile(head, path)->id; };
  EXPECT_EQ(*(*repository)->ReadBlob(id("small")), "1234");
  EXPECT_EQ(*(*repository)->ReadBlob(id("empty")), "");
  EXPECT_ERROR((*repository)->ReadBlob(id("large")), ErrorKind::kInvalid, "5000 bytes; the limit is 4");
  EXPECT_ERROR((*repository)->ReadBlob(head), ErrorKind::kInvalid, "is a commit, not a blob");
  EXPECT_ERROR((*repository)->ReadBlob(std::string(40, '1')), ErrorKind::kNotFound, "no blob 1111");
  EXPECT_ERROR((*repository)->ReadBlob("HEAD"), ErrorKind::kInvalid, "40 hexadecimal digits");
}

// What a few kilobytes inflate to: as a loose object and from a pack.
TEST(ReadBlob, TakesNoMemoryForWhatIsTooLarge) {
  TempRepository git;
  std::string head = git.Commit({{"bomb", std::string(size_t{8} << 20, 'x')}, {"small", "1234"}});
  for (bool packed : {false, true}) {
    if (packed) git.Git({"gc", "--quiet"});
    auto repository = OpenLocalRepository({.location = git.path(), .branch = "", .blob_bytes_max = 100});
    ASSERT_OK(repository);
    auto id = [&](const char* path) { return (*repository)->FindFile(head, path)->id; };
    EXPECT_ERROR((*repository)->ReadBlob(id("bomb")), ErrorKind::kInvalid, "8388608 bytes; the limit is 100");
    EXPECT_EQ(*(*repository)->ReadBlob(id("small")), "1234");
  }
}

TEST(AllocationLimit, HoldsAsLongAsItLives) {
  UseLibgit2();
  const std::string name(2000, 'x');
  git_signature* signature = nullptr;
  {
    AllocationLimit limit(1000);
    EXPECT_NE(git_signature_new(&signature, name.c_str(), "x@example.com", 0, 0), 0);
    EXPECT_EQ(git_signature_new(&signature, "x", "x@example.com", 0, 0), 0);
    git_signature_free(signature);
  }
  git_error_clear();
  EXPECT_EQ(git_signature_new(&signature, name.c_str(), "x@example.com", 0, 0), 0);
  git_signature_free(signature);
}

TEST(FindFile, FilesOnly) {
  TempRepository git;
  std::string head = git.Commit({{"a/b/c", "1", "100755"}, {"a.b", "2"}, {"link", "a", "120000"}});
  auto repository = Opened(git.path());
  auto file = repository->FindFile(head, "a/b/c");
  ASSERT_OK(file);
  EXPECT_EQ(file->mode, FileMode::kExecutable);
  EXPECT_EQ(file->id + "\n", git.Git({"rev-parse", head + ":a/b/c"}));
  EXPECT_EQ(repository->FindFile(head, "link")->mode, FileMode::kSymlink);
  for (const char* path : {"a", "a/b", "a/b/c/d", "a/", "", "/a.b", "a.b/", "x", "link/b/c", "a//b/c"}) {
    EXPECT_ERROR(repository->FindFile(head, path), ErrorKind::kNotFound, "no such file");
  }
  EXPECT_ERROR(repository->FindFile(std::string(40, '2'), "a.b"), ErrorKind::kNotFound, "no commit");
}

TEST(WalkHistory, FirstParentsNewestFirst) {
  TempRepository git(Layout::kWithWorkTree);
  std::string root = git.Commit({{"a", "1"}}, "Root");
  git.Git({"branch", "side"});
  git.Commit({{"b", "1"}}, "Side", "side");
  std::string second = git.Commit({{"a", "2"}}, "Second\n\nLockkeeper-Bump: x\n");
  git.Git({"reset", "--hard", "--quiet", "main"});
  git.Git({"merge", "--quiet", "--no-ff", "-m", "Merge side", "side"});
  auto repository = Opened(git.path());
  std::vector<CommitRecord> records;
  ASSERT_OK(repository->WalkHistory(git.Head(), [&](const CommitRecord& record) {
    records.push_back(record);
    return true;
  }));
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[0].parents, (std::vector<std::string>{second, git.Head("side")}));
  EXPECT_EQ(records[0].message, "Merge side\n");
  EXPECT_EQ(records[1].id, second);
  EXPECT_EQ(records[1].message, "Second\n\nLockkeeper-Bump: x\n");
  EXPECT_EQ(records[1].author_name, "Tester");
  EXPECT_EQ(records[1].author_email, "tester@example.com");
  EXPECT_EQ(records[1].time, Instant(Seconds(1700000002)));
  EXPECT_EQ(records[2].id, root);
  EXPECT_TRUE(records[2].parents.empty());
  int visited = 0;
  ASSERT_OK(repository->WalkHistory(git.Head(), [&](const CommitRecord&) { return ++visited < 2; }));
  EXPECT_EQ(visited, 2);
}

TEST(WalkHistory, AnyCommitGitMayHold) {
  TempRepository git;
  std::string tree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
  git.Git({"hash-object", "-w", "-t", "tree", "--stdin"});
  struct Row {
    const char* name;
    std::string bytes;
    std::string author;
    std::string message;
    int64_t time;
  };
  std::string head = "tree " + tree + "\n";
  for (const Row& row :
       {Row{"latin1",
            head + "author \xc4 <a@b> 5 +0200\ncommitter C <c@d> 6 +0200\nencoding ISO-8859-1\n\n\xfc\n", "Ä",
            "ü\n", 6},
        Row{"no_utf8", head + "author \xc4 <a@b> 5 +0200\ncommitter C <c@d> 6 +0200\n\n\xfc\n",
            "\xef\xbf\xbd", "\xef\xbf\xbd\n", 6},
        Row{"signed",
            head + "author A <a@b> 5 +0000\ncommitter C <c@d> 7 +0000\ngpgsig -----BEGIN\n author X\n \n "
                   "tree\n -----END\n\nM",
            "A", "M", 7},
        Row{"huge_time", head + "author A <a@b> 5 +0000\ncommitter C <c@d> 99999999999999999999 +0000\n\nM",
            "A", "M", 253402300799},
        Row{"negative_time", head + "author A <a@b> 5 +0000\ncommitter C <c@d> -7 +0000\n\nM", "A", "M", 0},
        Row{"nothing_else", head, "", "", 0},
        Row{"odd_identity", head + "author >x<\ncommitter <\n\nM", ">x", "M", 0},
        Row{"no_end", head + "author A <a@b> 5 +0000\ncommitter C <c@d> 8 +0000", "A", "", 8}}) {
    SCOPED_TRACE(row.name);
    std::string id =
        git.Git({"hash-object", "-w", "-t", "commit", "--literally", "--stdin"}, row.bytes).substr(0, 40);
    CommitRecord record;
    ASSERT_OK(Opened(git.path())->WalkHistory(id, [&](const CommitRecord& found) {
      record = found;
      return true;
    }));
    EXPECT_EQ(record.author_name, row.author);
    EXPECT_EQ(record.message, row.message);
    EXPECT_EQ(record.time.time_since_epoch().count(), row.time);
  }
  for (const char* bytes : {"", "\n", "tree 123\n", "parent x\n", " x\n"}) {
    std::string id =
        git.Git({"hash-object", "-w", "-t", "commit", "--literally", "--stdin"}, bytes).substr(0, 40);
    EXPECT_FALSE(Opened(git.path())->WalkHistory(id, [](const CommitRecord&) { return true; }).has_value())
        << bytes;
  }
}

TEST(WalkHistory, StopsAtAShallowBoundary) {
  TempRepository git;
  git.Commit({{"a", "1"}});
  git.Commit({{"a", "2"}});
  std::string head = git.Commit({{"a", "3"}});
  TempFolder folder;
  RunGit(folder.path(), {"clone", "--quiet", "--bare", "--depth=2", "file://" + git.path(), "shallow.git"});
  auto repository = Opened(folder.path() + "/shallow.git");
  int visited = 0;
  auto walked = repository->WalkHistory(head, [&](const CommitRecord&) { return ++visited < 10; });
  EXPECT_ERROR(walked, ErrorKind::kInvalid, "unshallow");
  EXPECT_EQ(visited, 2);
  ASSERT_OK(repository->Diff("", head));
  auto ids = repository->Publish(head, {Draft({{"a", "4"}})});
  ASSERT_OK(ids);
  EXPECT_EQ(TryGit(folder.path() + "/shallow.git", {"fsck", "--strict"}).exit_code, 0);
}

TEST(WalkHistory, TenThousandCommits) {
  TempRepository git;
  std::string stream;
  constexpr int kCommits = 10'000;
  for (int i = 0; i < kCommits; ++i) {
    stream += "commit refs/heads/main\ncommitter T <t@e> " + std::to_string(1700000000 + i) +
              " +0000\ndata 2\nm\nM 100644 inline a\ndata 1\n" + std::to_string(i % 10) + "\n";
  }
  git.Git({"fast-import", "--quiet"}, stream);
  int visited = 0;
  ASSERT_OK(Opened(git.path())->WalkHistory(git.Head(), [&](const CommitRecord&) { return ++visited > 0; }));
  EXPECT_EQ(visited, kCommits);
}

// A `git gc` beside us replaces the packs that we have open.
TEST(Repository, SurvivesAGarbageCollection) {
  TempRepository git;
  std::vector<std::string> heads{git.Commit({{"a", "1"}, {"b/c", std::string(3000, 'x')}})};
  auto repository = Opened(git.path());
  ASSERT_OK(repository->Diff("", heads.back()));
  for (int round = 0; round < 5; ++round) {
    auto ids = repository->Publish(heads.back(),
                                   {Draft({{"a", std::to_string(round)}, {"b/d", std::to_string(round)}})});
    ASSERT_OK(ids);
    heads.push_back(ids->back());
    git.Git({"gc", "--quiet", "--prune=now"});
    for (const auto& head : heads) ASSERT_OK(repository->Diff("", head));
    ASSERT_OK(repository->ReadBlob(repository->FindFile(heads.back(), "a")->id));
    EXPECT_EQ(*repository->Fetch(), heads.back());
  }
  ExpectSound(git);
}

}  // namespace
}  // namespace lockkeeper
