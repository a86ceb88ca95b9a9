#include <random>

#include "gitops/repository/object_id.h"
#include "gitops/repository/object_store.h"
#include "gitops/repository/tree_object.h"
#include "gitops/repository/tree_walk.h"
#include "repository_test_cases.h"

namespace lockkeeper {
namespace {

/// Trees and commits that git itself would not make.
class HostileTree : public ::testing::Test {
 protected:
  std::string Write(const char* type, std::string_view bytes) {
    return git_.Git({"hash-object", "-w", "-t", type, "--literally", "--stdin"}, bytes).substr(0, 40);
  }
  std::string Entry(uint32_t mode, std::string_view name, const std::string& id) {
    std::string entry;
    AppendTreeEntry(entry, mode, name, ParseObjectId(id)->Raw());
    return entry;
  }
  std::string CommitOf(const std::string& tree) {
    return Write("commit", "tree " + tree + "\nauthor A <a> 1 +0000\ncommitter A <a> 1 +0000\n\nm\n");
  }
  std::string CommitOfBytes(std::string_view tree) { return CommitOf(Write("tree", tree)); }

  TempRepository git_;
  std::string blob_ = Write("blob", "x");
  std::string folder_ = Write("tree", Entry(0100644, "f", blob_));
};

TEST_F(HostileTree, NamesAreHandedOnButNotWritten) {
  std::string tree = Entry(040000, "..", folder_) + Entry(040000, ".git", folder_) +
                     Entry(0100644, "C:\\x", blob_) + Entry(0100644, "new\nline", blob_) +
                     Entry(0100644, "\xff", blob_);
  std::string commit = CommitOfBytes(tree);
  auto files = Opened(git_.path())->Diff("", commit);
  ASSERT_OK(files);
  std::vector<std::string> paths;
  for (const auto& file : *files) paths.push_back(file.entry.path);
  EXPECT_EQ(paths, (std::vector<std::string>{"../f", ".git/f", "C:\\x", "new\nline", "\xff"}));
  git_.Git({"update-ref", "refs/heads/main", commit});
  EXPECT_ERROR(Opened(git_.path())->Publish(commit, {Draft({{"../f", "y"}})}), ErrorKind::kInvalid, "'..'");
  ASSERT_OK(Opened(git_.path())->Publish(commit, {Draft({{"fine", "y"}})}));
}

TEST_F(HostileTree, BrokenTreesAreRefusedWithTheFolder) {
  std::string good = Entry(0100644, "a", blob_);
  struct Row {
    const char* name;
    std::string bytes;
    const char* part;
  };
  for (const Row& row :
       {Row{"slash", Entry(0100644, "a/b", blob_), "slash"},
        Row{"absolute", Entry(0100644, "/etc", blob_), "slash"},
        Row{"no_name", Entry(0100644, "", blob_), "without a name"}, Row{"repeated", good + good, "repeated"},
        Row{"out_of_order", Entry(0100644, "b", blob_) + good, "out of order"},
        Row{"folder_order", Entry(040000, "a", folder_) + Entry(0100644, "a.b", blob_), "out of order"},
        Row{"cut_off", good.substr(0, good.size() - 1), "cut off"}, Row{"no_nul", "100644 aaaa", "cut off"},
        Row{"mode", "10x644 a", "mode"}, Row{"no_mode", " a", "mode"},
        Row{"long_mode", "00000000000000100644 a", "mode"}}) {
    SCOPED_TRACE(row.name);
    std::string root =
        CommitOfBytes(Entry(040000, "sub", Write("tree", row.bytes)) + Entry(0100644, "top", blob_));
    git_.Git({"update-ref", "refs/heads/main", root});
    auto repository = Opened(git_.path());
    EXPECT_ERROR(repository->Diff("", root), ErrorKind::kInvalid, row.part);
    EXPECT_ERROR(repository->Diff("", root), ErrorKind::kInvalid, "'sub/'");
    EXPECT_ERROR(repository->Publish(root, {Draft({{"sub/zz", "1"}})}), ErrorKind::kInvalid, "'sub/'");
    // What does not lie there is not held up.
    auto ids = repository->Publish(root, {Draft({{"top", "2"}})});
    ASSERT_OK(ids);
    auto change = repository->Diff(root, ids->back());
    ASSERT_OK(change);
    EXPECT_EQ(change->size(), 1U);
  }
}

TEST_F(HostileTree, OldModesAreRegularFiles) {
  std::string commit =
      CommitOfBytes(Entry(0100664, "group", blob_) + Entry(0100755, "run", blob_) + "0100644 zero" +
                    std::string(1, '\0') + std::string(ParseObjectId(blob_)->Raw()));
  git_.Git({"update-ref", "refs/heads/main", commit});
  auto files = Opened(git_.path())->Diff("", commit);
  ASSERT_OK(files);
  ASSERT_EQ(files->size(), 3U);
  EXPECT_EQ(files->at(0).entry.mode, FileMode::kRegular);
  EXPECT_EQ(files->at(2).entry.mode, FileMode::kRegular);
  ASSERT_OK(Opened(git_.path())->Publish(commit, {Draft({{"group", "new"}})}));
  EXPECT_EQ(git_.Read("group"), "new");
}

TEST_F(HostileTree, TenThousandFoldersDeep) {
  std::string import = "blob\nmark :1\ndata 1\nx\n";
  // Built from the bottom with mktree in one batch would be 10,000 processes; one long path does the same.
  std::string path;
  for (int i = 0; i < 10'000; ++i) path += "d/";
  import += "commit refs/heads/main\ncommitter A <a> 1 +0000\ndata 1\nm\nM 100644 :1 " + path + "f\n";
  if (git_.TryGit({"fast-import", "--quiet"}, import).exit_code != 0)
    GTEST_SKIP() << "this git makes no such tree";
  auto repository = Opened(git_.path());
  EXPECT_ERROR(repository->Diff("", git_.Head()), ErrorKind::kInvalid, "4096 bytes");
  EXPECT_ERROR(repository->FindFile(git_.Head(), path + "f"), ErrorKind::kNotFound, "no such file");
  EXPECT_ERROR(repository->Publish(git_.Head(), {Draft({{path + "f", "y"}})}), ErrorKind::kInvalid,
               "4096 bytes");
  ASSERT_OK(repository->Publish(git_.Head(), {Draft({{"top", "y"}})}));
  EXPECT_ERROR(repository->Publish(git_.Head(), {Draft({{path.substr(0, 600) + "f", "y"}})}),
               ErrorKind::kInvalid, "nested more than 256 deep");
  std::string deep = path.substr(0, 512) + "f";
  auto ids = repository->Publish(git_.Head(), {Draft({{deep, "y"}})});
  ASSERT_OK(ids);
  EXPECT_EQ(repository->FindFile(ids->back(), deep)->path, deep);
}

TEST_F(HostileTree, ABombOfFoldersEnds) {
  for (bool with_file : {true, false}) {
    std::string tree = with_file ? folder_ : Write("tree", "");
    for (int level = 0; level < 12; ++level) {
      std::string bytes;
      for (char name = 'a'; name < 'a' + 20; ++name) bytes += Entry(040000, std::string(1, name), tree);
      tree = Write("tree", bytes);
    }
    std::string commit = CommitOf(tree);
    auto store = ObjectStore::Open(git_.path() + "/objects");
    ASSERT_OK(store);
    auto diff = [&](const TreeLimits& limits) {
      return DiffTrees(*store, ObjectId{}, *ParseObjectId(tree), limits);
    };
    EXPECT_ERROR(diff({.folders = 1000}), ErrorKind::kInvalid, "more than 1000 folders");
    EXPECT_ERROR(diff({.entries = 1000}), ErrorKind::kInvalid, "more than 1000 entries");
    EXPECT_ERROR(diff({.open_bytes = 1000}), ErrorKind::kInvalid, "too large");
    if (with_file) EXPECT_ERROR(diff({.result_bytes = 10'000}), ErrorKind::kInvalid, "too many");
    // Changing one file of it opens one way down only.
    git_.Git({"update-ref", "refs/heads/main", commit});
    auto ids = Opened(git_.path())->Publish(commit, {Draft({{"a/b/c/d/e/f/g/h/i/j/k/l/new", "1"}})});
    ASSERT_OK(ids);
    EXPECT_EQ(Opened(git_.path())->Diff(commit, ids->back())->size(), 1U);
  }
}

TEST_F(HostileTree, RandomBytesNeverCrash) {
  constexpr unsigned kSeed = 5;
  std::mt19937 random(kSeed);
  std::string good = Entry(0100644, "a", blob_) + Entry(040000, "b", folder_) + Entry(0100755, "c", blob_);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = good;
    for (unsigned edits = 1 + random() % 4; edits > 0; --edits) {
      size_t at = random() % bytes.size();
      if (random() % 3 == 0) {
        bytes.resize(at + 1);
      } else {
        bytes[at] = static_cast<char>(random());
      }
    }
    TreeCursor cursor(bytes);
    size_t entries = 0;
    for (auto next = cursor.Next(); next && !cursor.at_end(); next = cursor.Next()) {
      ASSERT_LE(cursor.offset() + cursor.entry().bytes.size(), bytes.size())
          << "seed " << kSeed << ", round " << round;
      ++entries;
    }
    ASSERT_LE(entries, bytes.size() / 23);
  }
}

}  // namespace
}  // namespace lockkeeper
