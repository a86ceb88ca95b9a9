#include "gitops/repository/ref_update.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <optional>
#include <thread>
#include <utility>

#include "gitops/repository/sha1.h"

namespace lockkeeper {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kRetryPause{20};
// git waits 100 ms. A push with a reference-transaction hook holds the lock for longer.
constexpr milliseconds kLockWaitMax{1000};
constexpr milliseconds kMutexWaitMax{5000};
constexpr mode_t kFileMode = 0666;
constexpr mode_t kFolderMode777 = 0777;

bool SameFile(const std::string& a, const std::string& b) {
  struct stat x{};
  struct stat y{};
  return ::lstat(a.c_str(), &x) == 0 && ::lstat(b.c_str(), &y) == 0 && x.st_dev == y.st_dev &&
         x.st_ino == y.st_ino;
}

Result<void> MakeFolders(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return FileFailure(error.value(), "create the folder", path);
  return {};
}

Result<void> WriteId(const std::string& path, const ObjectId& id) {
  auto file = CreateFile(path, kFileMode);
  if (!file) return std::unexpected(file.error());
  if (auto written = WriteAll(file->get(), id.Hex() + "\n", path); !written) return written;
  return SyncFile(file->get(), path);
}

// A branch `a/b` that was deleted leaves the empty folder `a` where now a file must stand.
void RemoveEmptyFolders(const std::string& path) {
  std::error_code error;
  std::optional<std::filesystem::path> inner = path;
  constexpr int kDepthMax = 64;
  for (int depth = 0; inner && depth < kDepthMax; ++depth) {
    std::filesystem::path at = *inner;
    inner.reset();
    std::filesystem::directory_iterator entries(at, error);
    if (error) return;
    for (const auto& entry : entries) {
      if (!entry.is_directory(error)) return;
      inner = entry.path();
    }
    if (!inner && ::rmdir(at.c_str()) == 0 && at != path) inner = path;
  }
}

}  // namespace

RefUpdate::RefUpdate(RefUpdate&& other) noexcept
    : ref_path_(std::move(other.ref_path_)),
      lock_path_(std::move(other.lock_path_)),
      own_path_(std::exchange(other.own_path_, {})),
      locked_(std::exchange(other.locked_, false)),
      mutex_(std::move(other.mutex_)) {}

Result<RefUpdate> RefUpdate::Begin(const std::string& common_dir, const std::string& ref,
                                   const ObjectId& new_id) {
  RefUpdate update;
  std::string folder = common_dir + "/lockkeeper";
  update.ref_path_ = fmt::format("{}/{}", common_dir, ref);
  update.lock_path_ = update.ref_path_ + ".lock";
  if (auto taken = update.TakeMutex(folder); !taken) return std::unexpected(taken.error());
  Sha1 name;
  name.Update(ref);
  update.own_path_ = fmt::format("{}/ref-{}", folder, name.Finish().Hex());
  // We hold the mutex, so whoever made this file is dead, and so is its lock.
  if (SameFile(update.own_path_, update.lock_path_)) ::unlink(update.lock_path_.c_str());
  ::unlink(update.own_path_.c_str());
  if (auto written = WriteId(update.own_path_, new_id); !written) return std::unexpected(written.error());
  if (auto taken = update.TakeLock(new_id); !taken) return std::unexpected(taken.error());
  return update;
}

Result<void> RefUpdate::TakeMutex(const std::string& folder) {
  if (::mkdir(folder.c_str(), kFolderMode777) != 0 && errno != EEXIST)
    return FileFailure(errno, "create the folder", folder);
  std::string path = folder + "/mutex";
  mutex_ = FileDescriptor(::open(path.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, kFileMode));
  if (!mutex_.is_open()) return FileFailure(errno, "open it", path);
  for (milliseconds waited{0}; ::flock(mutex_.get(), LOCK_EX | LOCK_NB) != 0; waited += kRetryPause) {
    if (errno != EWOULDBLOCK && errno != EINTR) return FileFailure(errno, "lock it", path);
    if (waited >= kMutexWaitMax) {
      return Fail(ErrorKind::kTransient,
                  fmt::format("{}: another lockkeeper is publishing to this repository", path));
    }
    std::this_thread::sleep_for(kRetryPause);
  }
  return {};
}

Result<void> RefUpdate::TakeLock(const ObjectId& new_id) {
  std::string folder = ref_path_.substr(0, ref_path_.rfind('/'));
  for (milliseconds waited{0};; waited += kRetryPause) {
    if (auto made = MakeFolders(folder); !made) return made;
    if (::link(own_path_.c_str(), lock_path_.c_str()) == 0) break;
    int error = errno;
    if (error == EPERM || error == ENOTSUP || error == EMLINK) {
      // No hard links here. The lock is as good, only nobody can tell ours after a crash.
      bool exists = false;
      auto file = CreateFile(lock_path_, kFileMode, &exists);
      if (file) {
        locked_ = true;
        if (auto written = WriteAll(file->get(), new_id.Hex() + "\n", lock_path_); !written) return written;
        return SyncFile(file->get(), lock_path_);
      }
      if (!exists) return std::unexpected(file.error());
      error = EEXIST;
    }
    if (error != EEXIST && error != ENOENT) return FileFailure(error, "create it", lock_path_);
    if (waited >= kLockWaitMax) {
      return Fail(
          ErrorKind::kTransient,
          fmt::format(
              "{}: the branch is locked: another git process is moving it, or one that crashed left this "
              "file behind. If no git process is running in this repository, remove the file",
              lock_path_));
    }
    std::this_thread::sleep_for(kRetryPause);
  }
  locked_ = true;
  return {};
}

Result<void> RefUpdate::Commit() {
  if (::rename(lock_path_.c_str(), ref_path_.c_str()) != 0) {
    if (errno != EISDIR && errno != ENOTEMPTY) return FileFailure(errno, "move the branch", ref_path_);
    RemoveEmptyFolders(ref_path_);
    if (::rename(lock_path_.c_str(), ref_path_.c_str()) != 0)
      return FileFailure(errno, "move the branch", ref_path_);
  }
  locked_ = false;
  moved_ = true;
  Abort();
  return SyncFolder(ref_path_.substr(0, ref_path_.rfind('/')));
}

void RefUpdate::Abort() {
  if (locked_) ::unlink(lock_path_.c_str());
  locked_ = false;
  if (!own_path_.empty() && mutex_.is_open()) ::unlink(own_path_.c_str());
  own_path_.clear();
  mutex_.Close();
}

}  // namespace lockkeeper
