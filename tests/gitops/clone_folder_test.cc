#include "gitops/remote/clone_folder.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "remote_test_cases.h"

namespace lockkeeper {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUrl = "https://git.example.com/fleet.git";

class CloneFolderTest : public RemoteTest {
 protected:
  Result<CloneFolder> TryFolder(const std::string& url = kUrl) { return CloneFolder::Open(clone(), url); }
};

TEST_F(CloneFolderTest, IsPrivateWhateverTheUmask) {
  const mode_t before = ::umask(0);
  ::mkdir(clone().c_str(), 0777);
  ASSERT_OK(TryFolder());
  struct stat status{};
  ASSERT_EQ(::stat(clone().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700U);
  fs::remove_all(clone());
  auto deep = CloneFolder::Open(clone() + "/with/parents/", kUrl);
  ASSERT_OK(deep);
  ASSERT_EQ(::stat((clone() + "/with/parents").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700U);
  ::umask(before);
}

TEST_F(CloneFolderTest, RefusesWhatIsNotOurs) {
  fs::create_directories(clone());
  std::ofstream(clone() + "/photos.txt") << "x";
  EXPECT_ERROR(TryFolder(), ErrorKind::kInvalid, "'photos.txt'");
  EXPECT_TRUE(fs::exists(clone() + "/photos.txt"));
  fs::remove_all(clone());
  std::ofstream(clone()) << "x";
  EXPECT_ERROR(TryFolder(), ErrorKind::kInvalid, "no folder");
  EXPECT_ERROR(CloneFolder::Open("", kUrl), ErrorKind::kInvalid, "no name");
  fs::remove_all(clone());
  EXPECT_ERROR(CloneFolder::Open(remote_.path(), kUrl), ErrorKind::kInvalid, "no clone of lockkeeper's");
}

TEST_F(CloneFolderTest, OneProcessAtATime) {
  auto first = TryFolder();
  ASSERT_OK(first);
  auto second = TryFolder();
  EXPECT_ERROR(second, ErrorKind::kTransient, "(process " + std::to_string(::getpid()) + ")");
  EXPECT_ERROR(second, ErrorKind::kTransient, clone());
  const pid_t child = ::fork();
  if (child == 0) {
    auto third = TryFolder();
    ::_exit(!third && third.error().kind == ErrorKind::kTransient ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  // A child that outlives us must not keep the lock.
  const pid_t sleeper = ::fork();
  if (sleeper == 0) {
    ::execl("/bin/sleep", "sleep", "60", nullptr);
    ::_exit(1);
  }
  first = std::unexpected(Error{});
  for (int tries = 0; tries < 500 && !second; ++tries) {
    // Until the child has become the other program.
    ::usleep(10'000);
    second = TryFolder();
  }
  EXPECT_TRUE(second.has_value()) << "after the first one has ended";
  ::kill(sleeper, SIGKILL);
  ::waitpid(sleeper, &status, 0);
}

TEST_F(CloneFolderTest, AnotherUrlIsNeverMixedIn) {
  const std::string head = remote_.Commit({{"a", "1"}});
  ASSERT_OK(Open()->Fetch());
  {
    auto other = RemoteRepository::Open(
        {.url = "https://git.example.com/other.git", .branch = "", .clone_folder = clone()},
        std::make_unique<LocalTransport>(remote_.path(), faults_));
    ASSERT_OK(other);
    EXPECT_ERROR((*other)->Resolve("HEAD"), ErrorKind::kTransient, "nothing has been fetched");
    EXPECT_EQ((*other)->Fetch().value_or("-"), head);
    EXPECT_EQ(faults_->transfers, 2);
  }
  EXPECT_TRUE(fs::exists(clone() + "/aside.git/HEAD"));
  auto back = Open();
  EXPECT_ERROR(back->Resolve("HEAD"), ErrorKind::kTransient, "nothing has been fetched");
  // An empty marker, after a loss of power, is of no URL.
  ASSERT_OK(back->Fetch());
  back.reset();
  fs::resize_file(clone() + "/lockkeeper-clone", 0);
  back = Open();
  EXPECT_ERROR(back->Resolve("HEAD"), ErrorKind::kTransient, "nothing has been fetched");
}

// As another user would see it: root may do everything.
TEST_F(CloneFolderTest, SaysWhatItMayNotDo) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, to become somebody else";
  remote_.Commit({{"a", "1"}});
  fs::create_directories(clone());
  fs::permissions(folder_.path(), static_cast<fs::perms>(0755));
  const pid_t child = ::fork();
  if (child == 0) {
    constexpr uid_t kNobody = 65534;
    if (::setgid(kNobody) != 0 || ::setuid(kNobody) != 0) ::_exit(3);
    auto foreign = TryFolder();
    const bool refused =
        !foreign && foreign.error().kind == ErrorKind::kInvalid &&
        foreign.error().message.find("belongs to user 0, and we are 65534") != std::string::npos;
    auto closed = CloneFolder::Open(folder_.path() + "/new", kUrl);
    const bool denied =
        !closed && closed.error().kind == ErrorKind::kDenied &&
        closed.error().message.find("cannot create the folder: Permission denied") != std::string::npos;
    ::_exit((refused ? 0 : 1) + (denied ? 0 : 2));
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(CloneFolderTest, XIsNotKeptAside) {
  auto folder = TryFolder();
  ASSERT_OK(folder);
  for (bool large : {false, true}) {
    auto git_dir = folder->BeginNew();
    ASSERT_OK(git_dir);
    if (large) {
      std::ofstream(*git_dir + "/large") << "";
      fs::resize_file(*git_dir + "/large", 300 << 20);
    }
    folder->Retire(*git_dir, CloneFolder::Leave::kAside);
    EXPECT_FALSE(fs::exists(*git_dir));
    EXPECT_TRUE(fs::exists(clone() + "/aside.git"));
    EXPECT_FALSE(fs::exists(clone() + "/aside.git/large"));
  }
}

}  // namespace
}  // namespace lockkeeper
