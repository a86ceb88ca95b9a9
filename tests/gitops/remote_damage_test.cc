#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "gitops/repository/sha1.h"
#include "remote_test_cases.h"

namespace lockkeeper {
namespace {

namespace fs = std::filesystem;

void Overwrite(const std::string& path, std::string_view content) {
  ::chmod(path.c_str(), 0600);
  std::ofstream(path, std::ios::binary) << content;
}

void Flip(const std::string& path, uint64_t at) {
  ::chmod(path.c_str(), 0600);
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekg(static_cast<std::streamoff>(at));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(byte ^ 0x55));
}

class RemoteDamage : public RemoteTest {
 protected:
  RemoteDamage() {
    for (int i = 0; i < 3; ++i) {
      head_ = remote_.Commit(
          {{"a/b", "text " + std::to_string(i)}, {"c" + std::to_string(i), std::string(3000, 'c')}});
      if (!Open()->Fetch()) throw std::runtime_error("the first fetches must work");
    }
  }

  /// Every file and commit; the first error.
  Result<void> ReadAll(Repository& repository) {
    auto files = repository.Diff("", head_);
    if (!files) return std::unexpected(files.error());
    EXPECT_EQ(files->size(), 4U);
    for (const TreeDifference& file : *files) {
      auto bytes = repository.ReadBlob(file.entry.id);
      if (!bytes) return std::unexpected(bytes.error());
      EXPECT_EQ(HashObject("blob", *bytes).Hex(), file.entry.id);
    }
    int commits = 0;
    auto walked = repository.WalkHistory(head_, [&](const CommitRecord&) { return ++commits > 0; });
    EXPECT_TRUE(!walked || commits == 3);
    return walked;
  }
  /// As a daemon goes on: fetches until what it needs can be read. The number of fetches.
  int Recover(RemoteRepository& repository) {
    for (int fetches = 1; fetches <= 3; ++fetches) {
      auto commit = repository.Fetch();
      EXPECT_EQ(commit.value_or("-"), head_) << (commit ? "" : commit.error().message);
      auto read = ReadAll(repository);
      if (read) return fetches;
      EXPECT_NE(read.error().message.find("is made anew with the next fetch"), std::string::npos)
          << read.error().message;
    }
    return 99;
  }
  void ExpectTidyFolder(bool aside) {
    int clones = 0;
    for (const auto& entry : fs::directory_iterator(clone())) {
      const std::string name = entry.path().filename().string();
      EXPECT_FALSE(name.ends_with(".tmp"));
      clones += name.starts_with("clone-") ? 1 : 0;
    }
    EXPECT_EQ(clones, 1);
    EXPECT_EQ(fs::exists(clone() + "/aside.git"), aside);
    for (const auto& entry : fs::directory_iterator(git_dir() + "/objects/pack")) {
      const std::string extension = entry.path().extension().string();
      EXPECT_TRUE(extension == ".pack" || extension == ".idx") << entry.path();
    }
    ExpectSoundClone();
  }
  std::string ref() const { return git_dir() + "/refs/lockkeeper/heads/main"; }
  /// Where the deflated bytes of an object begin to matter: some way into its entry.
  void FlipObject(const std::string& revision) {
    const std::string id = remote_.Git({"rev-parse", revision}).substr(0, 40);
    for (const std::string& pack : Packs()) {
      const std::string stem = pack.substr(0, pack.size() - 5);
      std::istringstream lines(RunGit(git_dir(), {"verify-pack", "-v", stem + ".idx"}));
      for (std::string line; std::getline(lines, line);) {
        uint64_t packed = 0;
        uint64_t offset = 0;
        if (line.starts_with(id) && std::sscanf(line.c_str() + 40, "%*s %*s %lu %lu", &packed, &offset) == 2)
          Flip(pack, offset + packed - 3);
      }
    }
  }
  std::string PackWith(const std::string& revision) {
    const std::string id = remote_.Git({"rev-parse", revision}).substr(0, 40);
    for (const std::string& pack : Packs()) {
      const std::string index = pack.substr(0, pack.size() - 5) + ".idx";
      if (RunGit(git_dir(), {"verify-pack", "-v", index}).find(id) != std::string::npos) return pack;
    }
    throw std::runtime_error("no pack has " + revision);
  }

  struct Row {
    const char* name;
    std::function<void(RemoteDamage&)> damage;
    bool mended = true;  ///< with a problem to tell
    bool aside = true;
    bool open_only = false;  ///< what only a start looks at
  };
  static std::vector<Row> Rows();

  std::string head_;
};

std::vector<RemoteDamage::Row> RemoteDamage::Rows() {
  using T = RemoteDamage;
  auto unlink_index_too = [](T& t, const std::string& pack) {
    ::unlink(pack.c_str());
    ::unlink((pack.substr(0, pack.size() - 5) + ".idx").c_str());
    (void)t;
  };
  auto some_pack = [](T& t) { return t.Packs().front(); };
  auto index_of = [](const std::string& pack) { return pack.substr(0, pack.size() - 5) + ".idx"; };
  return {
      {"empty_ref", [](T& t) { Overwrite(t.ref(), ""); }},
      {"zeros_in_ref", [](T& t) { Overwrite(t.ref(), std::string(41, '\0')); }},
      {"ref_of_nothing", [](T& t) { Overwrite(t.ref(), std::string(40, '0') + "\n"); }},
      {"ref_of_an_unknown_commit", [](T& t) { Overwrite(t.ref(), std::string(40, 'a') + "\n"); }},
      {"no_ref", [](T& t) { ::unlink(t.ref().c_str()); }},
      {"no_refs", [](T& t) { fs::remove_all(t.git_dir() + "/refs"); }},
      {"short_pack", [=](T& t) { fs::resize_file(some_pack(t), 100); }},
      {"empty_pack", [=](T& t) { fs::resize_file(some_pack(t), 0); }},
      {"no_pack", [=](T& t) { ::unlink(some_pack(t).c_str()); }},
      {"short_index", [=](T& t) { fs::resize_file(index_of(some_pack(t)), 1100); }},
      {"flipped_index", [=](T& t) { Flip(index_of(some_pack(t)), 1040); }, true, true, true},
      {"flipped_end_of_pack", [=](T& t) { Flip(some_pack(t), fs::file_size(some_pack(t)) - 1); }, true, true,
       true},
      {"neither_pack_nor_index", [=](T& t) { unlink_index_too(t, t.PackWith("main~1^{tree}")); }},
      {"an_old_commit_is_missing", [=](T& t) { unlink_index_too(t, t.PackWith("main~2")); }},
      {"the_newest_commit_is_missing", [=](T& t) { unlink_index_too(t, t.PackWith("main")); }},
      {"a_blob_is_missing", [=](T& t) { unlink_index_too(t, t.PackWith("main:c1")); }},
      {"all_packs_are_missing",
       [](T& t) {
         for (auto& pack : t.Packs()) fs::remove_all(fs::path(pack).parent_path());
       }},
      {"damaged_blob", [](T& t) { t.FlipObject("main:c1"); }},
      {"damaged_tree", [](T& t) { t.FlipObject("main:a"); }},
      {"damaged_commit", [](T& t) { t.FlipObject("main~1"); }},
      {"no_config", [](T& t) { ::unlink((t.git_dir() + "/config").c_str()); }},
      {"empty_config", [](T& t) { Overwrite(t.git_dir() + "/config", ""); }},
      {"nonsense_in_config", [](T& t) { Overwrite(t.git_dir() + "/config", "[core\nbare"); }},
      {"no_head", [](T& t) { ::unlink((t.git_dir() + "/HEAD").c_str()); }},
      {"empty_head", [](T& t) { Overwrite(t.git_dir() + "/HEAD", ""); }},
      {"no_objects", [](T& t) { fs::remove_all(t.git_dir() + "/objects"); }},
      {"nothing_in_it",
       [](T& t) {
         const std::string git_dir = t.git_dir();
         fs::remove_all(git_dir);
         fs::create_directory(git_dir);
       }},
      {"no_clone", [](T& t) { fs::remove_all(t.git_dir()); }, false, false},
      {"no_folder", [](T& t) { fs::remove_all(t.clone()); }, false, false},
      {"no_current", [](T& t) { ::unlink((t.clone() + "/current").c_str()); }, false, false, true},
      {"current_of_nothing", [](T& t) { Overwrite(t.clone() + "/current", "clone-77.git 1\n"); }, false,
       false, true},
      {"current_of_elsewhere", [](T& t) { Overwrite(t.clone() + "/current", "../../etc 1\n"); }, false, false,
       true},
      {"another_half_made_clone", [](T& t) { fs::create_directories(t.clone() + "/clone-9.git/objects"); },
       false, false, true},
      {"what_a_crash_leaves",
       [](T& t) {
         for (const char* name : {"/objects/pack/tmp_pack_1_2", "/objects/pack/pack_git2_77", "/HEAD.lock",
                                  "/objects/pack/pack-1234.keep", "/objects/pack/pack-9999.pack",
                                  "/refs/lockkeeper/heads/main.lock", "/config.lock"})
           Overwrite(t.git_dir() + name, "x");
         Overwrite(t.clone() + "/current.tmp", "x");
       },
       false, false, true},
  };
}

TEST_F(RemoteDamage, AStartMendsIt) {
  for (const Row& row : Rows()) {
    SCOPED_TRACE(row.name);
    fs::remove_all(clone());
    for (int i = 2; i >= 0; --i) {
      remote_.Git({"update-ref", "refs/heads/main", head_ + "~" + std::to_string(i)});
      ASSERT_OK(Open()->Fetch());
    }
    ASSERT_EQ(Packs().size(), 3U);
    row.damage(*this);
    auto repository = Open();
    EXPECT_LE(Recover(*repository), 2);
    EXPECT_EQ(!repository->TakeProblems().empty(), row.mended);
    ExpectTidyFolder(row.aside);
    ASSERT_OK(repository->Fetch());
    EXPECT_TRUE(repository->TakeProblems().empty()) << "once is enough";
  }
}

TEST_F(RemoteDamage, AndSoItIsWhileItRuns) {
  for (const Row& row : Rows()) {
    if (row.open_only) continue;
    SCOPED_TRACE(row.name);
    fs::remove_all(clone());
    auto repository = Open();
    for (int i = 2; i >= 0; --i) {
      remote_.Git({"update-ref", "refs/heads/main", head_ + "~" + std::to_string(i)});
      ASSERT_OK(repository->Fetch());
    }
    auto reader = std::move(*repository->OpenReader());
    ASSERT_OK(ReadAll(*repository));
    row.damage(*this);
    EXPECT_LE(Recover(*repository), 2);
    (void)repository->TakeProblems();
    EXPECT_EQ(reader->Fetch().value_or("-"), head_);
    ASSERT_OK(ReadAll(*reader));
    // It goes on in the same process.
    auto ids = repository->Publish(head_, {Draft({{"new", row.name}})});
    ASSERT_OK(ids);
    EXPECT_EQ(repository->Fetch().value_or("-"), ids->back());
    EXPECT_TRUE(repository->TakeProblems().empty()) << "once is enough";
    ExpectSoundClone();
    repository.reset();
    ASSERT_OK(Open()->Fetch());
  }
}

TEST_F(RemoteDamage, WhatAReaderMeetsIsMended) {
  auto repository = Open();
  ASSERT_OK(repository->Fetch());
  FlipObject("main:c2");
  auto reader = std::move(*repository->OpenReader());
  EXPECT_ERROR(ReadAll(*reader), ErrorKind::kTransient, "made anew with the next fetch");
  ASSERT_OK(repository->Fetch());
  EXPECT_EQ(repository->TakeProblems().size(), 1U);
  ASSERT_OK(ReadAll(*reader));
}

// The remote cannot be reached, and what is there is still of use.
TEST_F(RemoteDamage, WaitsForTheRemoteWithWhatThereIs) {
  auto repository = Open();
  ASSERT_OK(repository->Fetch());
  FlipObject("main:c2");
  faults_->is_down = true;
  EXPECT_ERROR(ReadAll(*repository), ErrorKind::kTransient, "damaged");
  for (int i = 0; i < 10; ++i) EXPECT_ERROR(repository->Fetch(), ErrorKind::kTransient, "made to be down");
  EXPECT_EQ(*repository->ReadBlob(repository->FindFile(head_, "a/b")->id), "text 2");
  EXPECT_TRUE(repository->TakeProblems().empty());
  faults_->is_down = false;
  ASSERT_OK(repository->Fetch());
  ASSERT_OK(ReadAll(*repository));
  ExpectTidyFolder(true);
}

// A remote that is damaged itself must not be cloned at every poll for ever.
TEST_F(RemoteDamage, IsMendedAFewTimesAnHour) {
  auto repository = Open();
  int mended = 0;
  for (int i = 0; i < 8; ++i) {
    ASSERT_EQ(repository->Fetch().has_value(), true) << i;
    FlipObject("main:c1");
    EXPECT_FALSE(ReadAll(*repository).has_value());
    auto commit = repository->Fetch();
    if (!commit) {
      EXPECT_ERROR(commit, ErrorKind::kTransient, "made anew 5 times within an hour");
      break;
    }
    ++mended;
  }
  EXPECT_EQ(mended, 5);
  EXPECT_EQ(repository->TakeProblems().size(), 5U);
}

}  // namespace
}  // namespace lockkeeper
