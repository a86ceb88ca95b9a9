#include "gitops/repository/folder_repository.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <unordered_map>

#include "gitops/repository/file_io.h"
#include "gitops/repository/folder_walk.h"
#include "gitops/repository/open_checks.h"
#include "gitops/repository/sha1.h"

namespace lockkeeper {
namespace {

class FolderRepository : public Repository {
 public:
  FolderRepository(std::string folder, size_t blob_bytes_max)
      : folder_(std::move(folder)), blob_bytes_max_(blob_bytes_max) {}

  Result<void> List() {
    auto files = ListFolder(folder_);
    if (!files) return std::unexpected(files.error());
    for (TreeEntry& entry : *files) {
      // The content need not be read to be told apart: there is just this one state of the folder.
      entry.id = HashObject("path", entry.path).Hex();
      paths_.emplace(entry.id, entry.path);
    }
    entries_ = std::move(*files);
    commit_ = HashObject("folder", folder_).Hex();
    return {};
  }

  Result<std::string> Fetch() override { return commit_; }
  const std::string& branch() const override { return branch_; }

  Result<std::string> Resolve(const std::string& revision) override {
    return Invalid(
        fmt::format("{}: files on the disk have no revisions, so none is '{}'", folder_, revision));
  }

  Result<std::vector<TreeDifference>> Diff(const std::string& from, const std::string& to) override {
    if (to != commit_) return UnknownCommit(to);
    std::vector<TreeDifference> differences;
    if (from == to) return differences;
    if (!from.empty()) return UnknownCommit(from);
    for (const TreeEntry& entry : entries_) differences.push_back({.entry = entry});
    return differences;
  }

  Result<std::string_view> ReadBlob(const std::string& id) override {
    auto path = paths_.find(id);
    if (path == paths_.end()) return NotFound(fmt::format("{}: it has no file with the id {}", folder_, id));
    return ReadFile(path->second);
  }

  Result<TreeEntry> FindFile(const std::string& commit, std::string_view path) override {
    if (commit != commit_) return UnknownCommit(commit);
    auto found = std::ranges::lower_bound(entries_, path, {},
                                          [](const TreeEntry& e) -> std::string_view { return e.path; });
    if (found == entries_.end() || found->path != path) {
      return NotFound(fmt::format("{}: there is no file {}", folder_, path));
    }
    return *found;
  }

  Result<std::string_view> ReadCommit(const std::string& /*id*/) override {
    return Invalid(fmt::format("{}: files on the disk have no commits", folder_));
  }

  Result<void> WalkHistory(const std::string& /*from*/,
                           const std::function<bool(const CommitRecord&)>& /*visit*/) override {
    return Invalid(fmt::format("{}: files on the disk have no history", folder_));
  }

  Result<std::vector<std::string>> Publish(const std::string& /*base*/,
                                           const std::vector<CommitDraft>& /*commits*/) override {
    return Invalid(fmt::format("{}: nothing can be committed to files on the disk", folder_));
  }

 private:
  std::unexpected<Error> UnknownCommit(const std::string& commit) const {
    return NotFound(fmt::format("{}: there is no commit {} in files on the disk", folder_, commit));
  }

  Result<std::string_view> ReadFile(const std::string& path) {
    const std::string full = folder_ + "/" + path;
    blob_.clear();
    // What was a file when it was listed may be a pipe now.
    FileDescriptor file(::open(full.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
    if (!file.is_open() && errno == ENOENT) {
      return Fail(ErrorKind::kTransient,
                  fmt::format("{}: was removed while it was to be read; try again", full));
    }
    if (!file.is_open()) return FileFailure(errno, "open", full);
    struct stat status{};
    if (::fstat(file.get(), &status) != 0) return FileFailure(errno, "read", full);
    if (!S_ISREG(status.st_mode)) return Invalid(fmt::format("{}: is no regular file any more", full));
    std::array<char, 65536> chunk;
    while (true) {
      const ssize_t got = ::read(file.get(), chunk.data(), chunk.size());
      if (got == 0) return std::string_view(blob_);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return FileFailure(errno, "read", full);
      blob_.append(chunk.data(), static_cast<size_t>(got));
      if (blob_.size() > blob_bytes_max_) {
        return Invalid(fmt::format("{}: is larger than {} bytes", full, blob_bytes_max_));
      }
    }
  }

  std::string folder_;
  std::string branch_;
  std::string commit_;
  std::vector<TreeEntry> entries_;  ///< in path order
  std::unordered_map<std::string, std::string> paths_;
  std::string blob_;
  size_t blob_bytes_max_;
};

std::string WithoutSlash(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return std::string(path);
}

}  // namespace

Result<std::optional<RepositoryPlace>> FindRepository(const std::string& path) {
  auto repository = OpenGitRepository(path);
  if (!repository) {
    struct stat status{};
    if (repository.error().kind == ErrorKind::kNotFound && ::stat(path.c_str(), &status) == 0)
      return std::nullopt;
    return std::unexpected(repository.error());
  }
  RepositoryPlace place{.folder = WithoutSlash(git_repository_path(repository->get()))};
  if (const char* work_tree = git_repository_workdir(repository->get()))
    place.work_tree = WithoutSlash(work_tree);
  return place;
}

Result<std::unique_ptr<Repository>> OpenFolder(const std::string& folder) {
  auto repository = std::make_unique<FolderRepository>(WithoutSlash(folder), OpenOptions{}.blob_bytes_max);
  if (auto listed = repository->List(); !listed) return std::unexpected(listed.error());
  return repository;
}

}  // namespace lockkeeper
