#include "gitops/repository/file_io.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace lockkeeper {

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    Close();
    fd_ = other.Release();
  }
  return *this;
}

int FileDescriptor::Release() { return std::exchange(fd_, -1); }

void FileDescriptor::Close() {
  if (fd_ >= 0) ::close(Release());
}

std::unexpected<Error> FileFailure(int errno_value, std::string_view doing, const std::string& path) {
  bool denied = errno_value == EACCES || errno_value == EPERM || errno_value == EROFS;
  return Fail(denied ? ErrorKind::kDenied : ErrorKind::kTransient,
              fmt::format("{}: cannot {}: {}", path, doing, std::generic_category().message(errno_value)));
}

Result<FileDescriptor> CreateFile(const std::string& path, mode_t mode, bool* exists) {
  FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (exists != nullptr) *exists = !file.is_open() && errno == EEXIST;
  if (!file.is_open()) return FileFailure(errno, "create it", path);
  return file;
}

Result<void> WriteAll(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return FileFailure(errno, "write", path);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

Result<void> SyncFile(int fd, const std::string& path) {
  while (::fsync(fd) != 0) {
    if (errno != EINTR) return FileFailure(errno, "write it to the disk", path);
  }
  return {};
}

Result<void> SyncFolder(const std::string& path) {
  FileDescriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open()) return FileFailure(errno, "open the folder", path);
  // Some network file systems know no fsync of folders; git ignores that as well.
  if (::fsync(folder.get()) != 0 && errno != EINVAL && errno != EBADF)
    return FileFailure(errno, "write it to the disk", path);
  return {};
}

Result<std::string> ReadSmallFile(const std::string& path, size_t bytes_max) {
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open() && (errno == ENOENT || errno == ENOTDIR))
    return NotFound(fmt::format("{}: no such file", path));
  if (!file.is_open()) return FileFailure(errno, "read", path);
  std::string bytes(bytes_max, '\0');
  size_t size = 0;
  while (size < bytes_max) {
    ssize_t got = ::read(file.get(), bytes.data() + size, bytes_max - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FileFailure(errno, "read", path);
    if (got == 0) break;
    size += static_cast<size_t>(got);
  }
  bytes.resize(size);
  return bytes;
}

bool FileExists(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0;
}

}  // namespace lockkeeper
