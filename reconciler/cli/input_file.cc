#include "reconciler/cli/input_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "gitops/repository/file_io.h"

namespace lockkeeper {

Result<std::string> ReadInput(const std::string& path, size_t bytes_max) {
  const bool is_stdin = path == "-";
  const std::string shown = is_stdin ? "stdin" : path;
  auto failed = [&](int error) {
    return Fail(error == ENOENT ? ErrorKind::kNotFound : ErrorKind::kInvalid,
                fmt::format("{}: cannot be read: {}", shown, std::generic_category().message(error)));
  };
  FileDescriptor opened;
  if (!is_stdin) {
    opened = FileDescriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!opened.is_open()) return failed(errno);
  }
  std::string text;
  std::array<char, 65536> chunk;
  while (true) {
    const ssize_t got = ::read(is_stdin ? STDIN_FILENO : opened.get(), chunk.data(), chunk.size());
    if (got == 0) return text;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(errno);
    text.append(chunk.data(), static_cast<size_t>(got));
    if (text.size() > bytes_max) return Invalid(fmt::format("{}: is larger than {} bytes", shown, bytes_max));
  }
}

}  // namespace lockkeeper
