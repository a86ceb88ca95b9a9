#include "gitops/remote/clone_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "gitops/remote/clone_contents.h"
#include "gitops/repository/create_repository.h"
#include "gitops/repository/sha1.h"

namespace lockkeeper {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMarker = "lockkeeper-clone";
constexpr std::string_view kAside = "aside.git";
constexpr std::string_view kMarkerText =
    "Made by lockkeeper, which may delete all that is in this folder.\nclone of ";
constexpr size_t kSmallFileMax = 4096;
// Larger ones are not worth their room.
constexpr uint64_t kAsideBytesMax = uint64_t{256} << 20;
constexpr mode_t kPrivateFolder = 0700;
constexpr mode_t kPrivateFile = 0600;
constexpr int kLockTriesMax = 5;

std::string HashOf(const std::string& url) {
  Sha1 hash;
  hash.Update(url);
  return hash.Finish().Hex();
}

/// N of `clone-N.git`.
std::optional<uint64_t> NumberOf(std::string_view name) {
  constexpr std::string_view kBegin = "clone-";
  constexpr std::string_view kEnd = ".git";
  if (!name.starts_with(kBegin) || !name.ends_with(kEnd) || name.size() <= kBegin.size() + kEnd.size())
    return std::nullopt;
  name = name.substr(kBegin.size(), name.size() - kBegin.size() - kEnd.size());
  uint64_t number = 0;
  auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
  return number;
}

std::vector<std::string> NamesIn(const std::string& path) {
  std::vector<std::string> names;
  std::error_code error;
  fs::directory_iterator entries(path, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error))
    names.push_back(entries->path().filename().string());
  return names;
}

bool IsFolder(const std::string& path) {
  struct stat status{};
  return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

void RemoveTree(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
}

/// Makes the folder where there is none, and says whether we may use it.
Result<void> TakeFolder(const std::string& path) {
  std::error_code error;
  const fs::path parent = fs::path(path).parent_path();
  if (!parent.empty()) fs::create_directories(parent, error);
  if (error) return FileFailure(error.value(), "create the folder", parent.string());
  if (::mkdir(path.c_str(), kPrivateFolder) != 0 && errno != EEXIST)
    return FileFailure(errno, "create the folder", path);
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return FileFailure(errno, "read", path);
  if (!S_ISDIR(status.st_mode)) return Invalid(fmt::format("{}: it is no folder: name another one", path));
  if (status.st_uid != ::geteuid()) {
    return Invalid(
        fmt::format("{}: the folder belongs to user {}, and we are {}: name a new one, in it perhaps", path,
                    status.st_uid, ::geteuid()));
  }
  if (!FileExists(fmt::format("{}/{}", path, kMarker))) {
    for (const std::string& name : NamesIn(path)) {
      if (name == "lock" || name == fmt::format("{}.tmp", kMarker)) continue;
      return Invalid(fmt::format(
          "{}: the folder holds '{}' and is no clone of lockkeeper's: name one that is new or empty", path,
          name));
    }
  }
  constexpr mode_t kOthers = 077;
  if ((status.st_mode & kOthers) != 0 && ::chmod(path.c_str(), kPrivateFolder) != 0)
    return FileFailure(errno, "make it private", path);
  return {};
}

}  // namespace

Result<CloneFolder> CloneFolder::Open(const std::string& path, const std::string& url) {
  if (path.empty()) return Invalid("the folder of the clone has no name");
  CloneFolder folder;
  folder.path_ = path;
  while (folder.path_.size() > 1 && folder.path_.ends_with('/')) folder.path_.pop_back();
  if (auto taken = TakeFolder(folder.path_); !taken) return std::unexpected(taken.error());
  if (auto locked = folder.Lock(); !locked) return std::unexpected(locked.error());
  if (auto read = folder.ReadContents(url); !read) return std::unexpected(read.error());
  return folder;
}

Result<void> CloneFolder::Lock() {
  const std::string path = path_ + "/lock";
  for (int tries = 0; tries < kLockTriesMax; ++tries) {
    lock_ = FileDescriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kPrivateFile));
    if (!lock_.is_open()) return FileFailure(errno, "open it", path);
    if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EINTR) continue;
      if (errno != EWOULDBLOCK) return FileFailure(errno, "lock it", path);
      auto owner = ReadSmallFile(path, kSmallFileMax);
      const std::string number = owner ? owner->substr(0, owner->find('\n')) : std::string();
      return Fail(ErrorKind::kTransient,
                  fmt::format("{}: another lockkeeper is using this clone (process {}): stop it, or name "
                              "another folder",
                              path_, number.empty() ? "unknown" : number));
    }
    // Whoever deletes the folder deletes the lock, and the next one locks a new file.
    if (!IsStillOurs()) continue;
    const std::string owner = fmt::format("{}\n", ::getpid());
    if (::ftruncate(lock_.get(), 0) != 0) return FileFailure(errno, "write", path);
    return WriteAll(lock_.get(), owner, path);
  }
  return Fail(ErrorKind::kTransient, fmt::format("{}: it changes while it is being locked", path));
}

bool CloneFolder::IsStillOurs() const {
  struct stat ours{};
  struct stat there{};
  return lock_.is_open() && ::fstat(lock_.get(), &ours) == 0 &&
         ::stat((path_ + "/lock").c_str(), &there) == 0 && ours.st_dev == there.st_dev &&
         ours.st_ino == there.st_ino;
}

Result<void> CloneFolder::ReadContents(const std::string& url) {
  const std::string marker_path = fmt::format("{}/{}", path_, kMarker);
  const std::string wanted = fmt::format("{}{}\n", kMarkerText, HashOf(url));
  auto marker = ReadSmallFile(marker_path, kSmallFileMax);
  if (!marker && marker.error().kind != ErrorKind::kNotFound) return std::unexpected(marker.error());
  ReadCurrent();
  if (!marker || *marker != wanted) {
    const std::string other = std::exchange(git_dir_, {});
    // In this order: what is named `current` is of the URL that the marker names, at any moment.
    ::unlink((path_ + "/current").c_str());
    if (!other.empty()) Retire(other, Leave::kAside);
    if (auto written = ReplaceFile(marker_path, wanted, kPrivateFile); !written) return written;
  }
  RemoveRemains();
  return {};
}

void CloneFolder::ReadCurrent() {
  auto text = ReadSmallFile(path_ + "/current", kSmallFileMax);
  if (!text) return;
  const std::string name = text->substr(0, text->find_first_of(" \n"));
  if (!NumberOf(name) || !IsFolder(fmt::format("{}/{}", path_, name))) return;
  git_dir_ = fmt::format("{}/{}", path_, name);
  bytes_when_made_ = 0;
  if (text->size() > name.size())
    std::from_chars(text->data() + name.size() + 1, text->data() + text->size(), bytes_when_made_);
}

void CloneFolder::RemoveRemains() {
  for (const std::string& name : NamesIn(path_)) {
    const std::string path = fmt::format("{}/{}", path_, name);
    if (auto number = NumberOf(name)) {
      if (*number < std::numeric_limits<uint64_t>::max()) last_number_ = std::max(last_number_, *number);
      if (path != git_dir_) RemoveTree(path);
    } else if (name == fmt::format("{}.tmp", kMarker) || name == "current.tmp") {
      ::unlink(path.c_str());
    }
  }
  if (!git_dir_.empty()) RemoveRemainsOfCrash(git_dir_);
}

Result<std::string> CloneFolder::BeginNew() {
  // Of the whole process: the folder may have been deleted, and begin again while readers have the old one.
  static std::atomic<uint64_t> last_of_all{0};
  uint64_t number = last_of_all.load();
  while (!last_of_all.compare_exchange_weak(number, std::max(number, last_number_) + 1)) continue;
  last_number_ = std::max(number, last_number_) + 1;
  std::string git_dir = fmt::format("{}/clone-{}.git", path_, last_number_);
  RemoveTree(git_dir);
  auto made = CreateBareRepository(git_dir, "main");
  if (made) return git_dir;
  Discard(git_dir);
  // libgit2 says of a full or read-only disk that it failed, not how.
  if (made.error().kind == ErrorKind::kNotFound) made.error().kind = ErrorKind::kTransient;
  return std::unexpected(made.error());
}

void CloneFolder::Discard(const std::string& git_dir) const {
  if (git_dir != git_dir_) RemoveTree(git_dir);
}

Result<void> CloneFolder::Adopt(const std::string& git_dir, uint64_t bytes) {
  const std::string name = fs::path(git_dir).filename().string();
  for (const char* inner : {"", "/refs", "/objects", "/objects/pack"}) {
    if (auto synced = SyncFolder(git_dir + inner); !synced) return synced;
  }
  auto written = ReplaceFile(path_ + "/current", fmt::format("{} {}\n", name, bytes), kPrivateFile);
  if (!written) return written;
  git_dir_ = git_dir;
  bytes_when_made_ = bytes;
  return {};
}

void CloneFolder::Retire(const std::string& git_dir, Leave leave) const {
  if (git_dir.empty() || git_dir == git_dir_ || !IsFolder(git_dir)) return;
  if (leave == Leave::kAside && BytesBelow(git_dir, kAsideBytesMax) < kAsideBytesMax) {
    const std::string aside = fmt::format("{}/{}", path_, kAside);
    RemoveTree(aside);
    if (::rename(git_dir.c_str(), aside.c_str()) == 0) return;
  }
  RemoveTree(git_dir);
}

void CloneFolder::RemoveAll() {
  RemoveTree(fmt::format("{}/{}", path_, kAside));
  ::unlink((path_ + "/current").c_str());
  const std::string git_dir = std::exchange(git_dir_, {});
  if (!git_dir.empty()) RemoveTree(git_dir);
}

uint64_t CloneFolder::FreeBytes() const {
  struct statvfs status{};
  if (::statvfs(path_.c_str(), &status) != 0) return std::numeric_limits<uint64_t>::max();
  return uint64_t{status.f_bavail} * status.f_frsize;
}

}  // namespace lockkeeper
