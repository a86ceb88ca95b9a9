// A disk without room: a small tmpfs where the clone is.
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <random>

#include "remote_test_cases.h"

namespace lockkeeper {
namespace {

namespace fs = std::filesystem;

class RemoteRoom : public RemoteTest {
 protected:
  void SetUp() override {
    fs::create_directories(disk_);
    if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
      GTEST_SKIP() << "no mount namespace of our own: " << std::strerror(errno);
    if (!Mount(64 << 10)) GTEST_SKIP() << "no tmpfs can be mounted: " << std::strerror(errno);
  }
  void TearDown() override { Unmount(); }

  bool Mount(uint64_t bytes, unsigned long flags = 0) {
    return ::mount("none", disk_.c_str(), "tmpfs", flags, ("size=" + std::to_string(bytes)).c_str()) == 0;
  }
  void Resize(uint64_t bytes) { ASSERT_TRUE(Mount(bytes, MS_REMOUNT)); }
  void Unmount() {
    while (::umount(disk_.c_str()) == 0) continue;
  }
  std::unique_ptr<RemoteRepository> OnDisk(const CloneLimits& limits = {}) {
    auto repository = TryOpen(disk_ + "/clone", limits);
    if (!repository) throw std::runtime_error(repository.error().message);
    return std::move(*repository);
  }
  std::string Noise(size_t bytes) {
    std::string noise(bytes, '\0');
    for (char& c : noise) c = static_cast<char>(random_());
    return noise;
  }
  /// The bare clone on the disk, by name.
  std::string OnDiskGitDir() {
    auto name = ReadSmallFile(disk_ + "/clone/current", 100);
    return disk_ + "/clone/" + name->substr(0, name->find(' '));
  }
  void ExpectNoRemains() {
    for (const auto& entry : fs::recursive_directory_iterator(disk_)) {
      const std::string name = entry.path().filename().string();
      EXPECT_FALSE(name.starts_with("tmp_") || name.starts_with("pack_git2_") || name.ends_with(".lock") ||
                   name.ends_with(".keep"))
          << entry.path();
    }
  }

  std::string disk_ = folder_.path() + "/disk";
  std::mt19937 random_{5};
};

// Every size from one that does not even hold the folder: a word where it does not do, and then it does.
TEST_F(RemoteRoom, TheFirstCloneNeedsAsMuchAsItNeeds) {
  remote_.Commit({{"a", Noise(200'000)}, {"b", Noise(150'000)}});
  int failures = 0;
  constexpr uint64_t kPage = 4096;
  for (uint64_t pages = 20; pages < 200; pages += failures % 3 + 1) {
    SCOPED_TRACE(std::to_string(pages) + " pages");
    Unmount();
    ASSERT_TRUE(Mount(pages * kPage));
    auto repository = TryOpen(disk_ + "/clone");
    if (!repository) {
      EXPECT_ERROR(repository, ErrorKind::kTransient, "No space left");
      ++failures;
      continue;
    }
    auto commit = (*repository)->Fetch();
    if (commit) break;
    ++failures;
    EXPECT_ERROR(commit, ErrorKind::kTransient, "o space left on device");
    EXPECT_EQ(std::distance(fs::directory_iterator(disk_ + "/clone"), fs::directory_iterator()), 2)
        << "the marker and the lock are all that is left";
    Resize(4 << 20);
    ASSERT_OK((*repository)->Fetch());
    ExpectNoRemains();
  }
  EXPECT_GT(failures, 20);
}

TEST_F(RemoteRoom, AFetchThatDoesNotFitLeavesWhatThereWas) {
  const std::string first = remote_.Commit({{"a", "1"}, {"b", Noise(100'000)}});
  constexpr uint64_t kPage = 4096;
  Resize(50 * kPage);
  auto repository = OnDisk();
  ASSERT_OK(repository->Fetch());
  int failures = 0;
  for (uint64_t pages = 50; pages < 400; pages += 3) {
    SCOPED_TRACE(std::to_string(pages) + " pages");
    if (failures == 0) remote_.Commit({{"b", Noise(300'000)}});
    Resize(pages * kPage);
    auto commit = repository->Fetch();
    if (commit) break;
    ++failures;
    EXPECT_ERROR(commit, ErrorKind::kTransient, "o space left on device");
    EXPECT_EQ(*repository->ReadBlob(repository->FindFile(first, "a")->id), "1");
    EXPECT_EQ(repository->OpenReader().value()->Fetch().value_or("-"), first);
    ExpectNoRemains();
  }
  EXPECT_GT(failures, 20);
  EXPECT_EQ(repository->Fetch().value_or("-"), remote_.Head());
  EXPECT_TRUE(repository->TakeProblems().empty());
  ProgramResult result = TryGit(OnDiskGitDir(), {"fsck", "--strict", "--full"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
}

TEST_F(RemoteRoom, PublishingNeedsRoomToo) {
  remote_.Commit({{"a", "1"}});
  Resize(2 << 20);
  auto repository = OnDisk();
  const std::string base = *repository->Fetch();
  {
    std::ofstream(disk_ + "/filler", std::ios::binary) << Noise(4 << 20);
  }
  auto draft = Draft({{"b", Noise(50'000)}});
  EXPECT_ERROR(repository->Publish(base, {draft}), ErrorKind::kTransient, "No space left");
  EXPECT_EQ(remote_.Head(), base);
  ExpectNoRemains();
  ::unlink((disk_ + "/filler").c_str());
  auto ids = repository->Publish(base, {draft});
  ASSERT_OK(ids);
  EXPECT_EQ(remote_.Head(), ids->back());
  EXPECT_EQ(repository->Fetch().value_or("-"), ids->back());
}

// There is room for one clone, not for two, and the one there is is damaged.
TEST_F(RemoteRoom, ADamagedCloneMakesRoomForItsSuccessor) {
  remote_.Commit({{"a", "1"}, {"b", Noise(600'000)}});
  Resize(1 << 20);
  auto repository = OnDisk();
  ASSERT_OK(repository->Fetch());
  ::unlink((OnDiskGitDir() + "/config").c_str());
  EXPECT_EQ(repository->Fetch().value_or("-"), remote_.Head());
  EXPECT_EQ(repository->TakeProblems().size(), 1U);
  EXPECT_FALSE(fs::exists(disk_ + "/clone/aside.git"));
}

// What cannot be tidied up for want of room is tidied up later.
TEST_F(RemoteRoom, CombiningPacksCanWait) {
  const CloneLimits limits{.packs_max = 4, .packs_merged_min = 2, .growth_free = uint64_t{1} << 30};
  remote_.Commit({{"a", Noise(100'000)}});
  Resize(8 << 20);
  auto repository = OnDisk(limits);
  ASSERT_OK(repository->Fetch());
  for (int i = 0; i < 2; ++i) {
    remote_.Commit({{"b" + std::to_string(i), Noise(300'000)}});
    ASSERT_OK(repository->Fetch());
  }
  // The fourth pack fits, and all that is small together a second time does not.
  remote_.Commit({{"c", Noise(1000)}});
  Resize((fs::space(disk_).capacity - fs::space(disk_).free) + (40 << 10));
  ASSERT_OK(repository->Fetch());
  auto problems = repository->TakeProblems();
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_NE(problems[0].find("could not be combined"), std::string::npos) << problems[0];
  ExpectNoRemains();
  Resize(8 << 20);
  for (int i = 0; i < 20; ++i) {
    remote_.Commit({{"d", std::to_string(i)}});
    ASSERT_OK(repository->Fetch());
  }
  size_t packs = 0;
  for (const auto& entry : fs::directory_iterator(OnDiskGitDir() + "/objects/pack"))
    packs += entry.path().extension() == ".pack" ? 1 : 0;
  EXPECT_LE(packs, limits.packs_max);
}

TEST_F(RemoteRoom, AReadOnlyDisk) {
  const std::string head = remote_.Commit({{"a", "1"}});
  Resize(1 << 20);
  auto repository = OnDisk();
  ASSERT_OK(repository->Fetch());
  // Not the file system itself, since our lock is open in it.
  ASSERT_EQ(::mount(disk_.c_str(), disk_.c_str(), nullptr, MS_BIND, nullptr), 0);
  ASSERT_EQ(::mount(nullptr, disk_.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr), 0);
  EXPECT_EQ(repository->Fetch().value_or("-"), head) << "nothing new, nothing to write";
  remote_.Commit({{"a", "2"}});
  EXPECT_ERROR(repository->Fetch(), ErrorKind::kDenied, "Read-only file system");
  EXPECT_EQ(*repository->ReadBlob(repository->FindFile(head, "a")->id), "1");
  EXPECT_ERROR(repository->Publish(head, {Draft({{"b", "1"}})}), ErrorKind::kDenied, "Read-only file system");
  repository.reset();
  EXPECT_ERROR(TryOpen(disk_ + "/clone"), ErrorKind::kDenied, "Read-only file system");
  EXPECT_ERROR(TryOpen(disk_ + "/other"), ErrorKind::kDenied, "Read-only file system");
  ASSERT_EQ(::umount(disk_.c_str()), 0);
  EXPECT_EQ(OnDisk()->Fetch().value_or("-"), remote_.Head());
}

}  // namespace
}  // namespace lockkeeper
