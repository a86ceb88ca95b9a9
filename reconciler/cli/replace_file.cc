#include "reconciler/cli/replace_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "gitops/repository/file_io.h"

namespace lockkeeper {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> Failed(const std::string& path, std::string_view what, int error) {
  return Invalid(fmt::format("{}: {}: {}", path, what, std::generic_category().message(error)));
}

/// A file that is removed again unless it was given its place.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string path) : path_(std::move(path)) {}
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  void Keep() { path_.clear(); }

 private:
  std::string path_;
};

}  // namespace

Result<void> ReplaceFile(const std::string& path, std::string_view bytes) {
  std::error_code error;
  const fs::path target = fs::canonical(path, error);
  if (error) return Failed(path, "cannot be replaced", error.value());
  struct stat status{};
  if (::stat(target.c_str(), &status) != 0) return Failed(path, "cannot be replaced", errno);
  if (!S_ISREG(status.st_mode))
    return Invalid(fmt::format("{}: is no regular file, so it cannot be replaced", path));
  // A rename would go through where the file itself may not be written.
  if (::access(target.c_str(), W_OK) != 0) return Failed(path, "cannot be replaced", errno);

  std::string temporary =
      (target.parent_path() / fmt::format(".{}.XXXXXX", target.filename().string())).string();
  FileDescriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!file.is_open()) return Failed(path, "no file can be written beside it", errno);
  TemporaryFile remover(temporary);
  if (auto written = WriteAll(file.get(), bytes, temporary); !written) return written;
  // Only root may give a file away; for others a file of their own with the same mode is the best there is.
  // The owner goes first, as a change of it takes set-user-id bits away.
  if (::fchown(file.get(), status.st_uid, status.st_gid) != 0 && errno != EPERM) {
    return Failed(path, "its owner cannot be kept", errno);
  }
  if (::fchmod(file.get(), status.st_mode & 07777) != 0)
    return Failed(path, "its mode cannot be kept", errno);
  if (auto synced = SyncFile(file.get(), temporary); !synced) return synced;
  if (::rename(temporary.c_str(), target.c_str()) != 0) return Failed(path, "cannot be replaced", errno);
  remover.Keep();
  return SyncFolder(target.parent_path().string());
}

Result<void> WriteNewFile(const std::string& path, std::string_view bytes) {
  const fs::path target(path);
  std::error_code error;
  if (target.has_parent_path()) fs::create_directories(target.parent_path(), error);
  if (error) return Failed(target.parent_path().string(), "cannot be made", error.value());
  FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (!file.is_open() && errno == EEXIST) {
    return Fail(ErrorKind::kConflict, fmt::format("{}: is there already", path));
  }
  if (!file.is_open()) return Failed(path, "cannot be written", errno);
  TemporaryFile remover(path);
  if (auto written = WriteAll(file.get(), bytes, path); !written) return written;
  remover.Keep();
  return {};
}

}  // namespace lockkeeper
