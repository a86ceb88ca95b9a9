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

Result<std::string> ReadWholeFile(const std::string& path, size_t bytes_max) {
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open() && (errno == ENOENT || errno == ENOTDIR))
    return NotFound(fmt::format("{}: no such file", path));
  if (!file.is_open()) return FileFailure(errno, "read", path);
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return FileFailure(errno, "read", path);
  const auto size = static_cast<uint64_t>(status.st_size);
  if (size > bytes_max)
    return Invalid(fmt::format("{}: it has {} bytes; the limit is {}", path, size, bytes_max));
  std::string bytes(size, '\0');
  if (auto read = ReadExactly(file.get(), 0, bytes.data(), bytes.size(), path); !read)
    return std::unexpected(read.error());
  return bytes;
}

Result<void> ReplaceFile(const std::string& path, std::string_view content, mode_t mode) {
  const std::string temporary = path + ".tmp";
  ::unlink(temporary.c_str());
  auto file = CreateFile(temporary, mode);
  if (!file) return std::unexpected(file.error());
  auto written = WriteAll(file->get(), content, temporary);
  if (written) written = SyncFile(file->get(), temporary);
  if (written && ::rename(temporary.c_str(), path.c_str()) != 0)
    written = FileFailure(errno, "create it", path);
  if (!written) {
    ::unlink(temporary.c_str());
    return written;
  }
  return SyncFolder(path.substr(0, path.rfind('/')));
}

Result<void> ReadExactly(int fd, uint64_t offset, char* bytes, size_t size, const std::string& path) {
  while (size > 0) {
    const ssize_t got = ::pread(fd, bytes, size, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FileFailure(errno, "read", path);
    if (got == 0) return Invalid(fmt::format("{}: it ends too early", path));
    bytes += got;
    offset += static_cast<uint64_t>(got);
    size -= static_cast<size_t>(got);
  }
  return {};
}

bool FileExists(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0;
}

}  // namespace lockkeeper
