#include "gitops/repository/reflog.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <filesystem>

#include "gitops/repository/file_io.h"

namespace lockkeeper {

Result<void> AppendReflog(const std::string& git_dir, const std::string& ref, ReflogRule rule,
                          const ReflogEntry& entry) {
  std::string path = fmt::format("{}/logs/{}", git_dir, ref);
  int flags = O_WRONLY | O_APPEND | O_CLOEXEC;
  if (rule == ReflogRule::kBranches) {
    std::error_code error;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
    if (error) return FileFailure(error.value(), "create its folder", path);
    flags |= O_CREAT;
  }
  FileDescriptor file(::open(path.c_str(), flags, 0666));
  if (!file.is_open() && rule == ReflogRule::kExistingOnly && (errno == ENOENT || errno == ENOTDIR))
    return {};
  if (!file.is_open()) return FileFailure(errno, "append to it", path);
  std::string line =
      fmt::format("{} {} {} <{}> {} +0000\t{}\n", entry.old_id.Hex(), entry.new_id.Hex(), entry.name,
                  entry.email, entry.time.time_since_epoch().count(), entry.message);
  return WriteAll(file.get(), line, path);
}

}  // namespace lockkeeper
