#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "schemas/error.h"

namespace lockkeeper {

/// An open file descriptor; closed at the end.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(other.Release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  ~FileDescriptor() { Close(); }

  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  int Release();
  void Close();

 private:
  int fd_ = -1;
};

/// What the operating system says about `path`: kDenied where permission is missing, else kTransient.
std::unexpected<Error> FileFailure(int errno_value, std::string_view doing, const std::string& path);

/// A file that did not exist before; EEXIST is reported through `exists`.
Result<FileDescriptor> CreateFile(const std::string& path, mode_t mode, bool* exists = nullptr);
Result<void> WriteAll(int fd, std::string_view bytes, const std::string& path);
Result<void> SyncFile(int fd, const std::string& path);
/// Makes renames and new names in a folder durable.
Result<void> SyncFolder(const std::string& path);
/// A small file, at most `bytes_max` of it; kNotFound.
Result<std::string> ReadSmallFile(const std::string& path, size_t bytes_max);
/// A whole file; kInvalid where it has more than `bytes_max`; kNotFound.
Result<std::string> ReadWholeFile(const std::string& path, size_t bytes_max);
/// Puts a file of this content in place of what was there, durably, all or nothing. `<path>.tmp` is ours.
Result<void> ReplaceFile(const std::string& path, std::string_view content, mode_t mode);
/// Exactly `size` bytes from `offset`; kInvalid where the file is shorter.
Result<void> ReadExactly(int fd, uint64_t offset, char* bytes, size_t size, const std::string& path);
bool FileExists(const std::string& path);

}  // namespace lockkeeper
