#include "gitops/repository/folder_walk.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "gitops/repository/file_io.h"
#include "gitops/repository/git_library.h"
#include "gitops/repository/open_checks.h"

namespace lockkeeper {
namespace {

namespace fs = std::filesystem;

/// What .gitignore leaves out of a work tree. Without a repository: nothing.
class Ignored {
 public:
  static Result<Ignored> Of(const std::string& folder) {
    Ignored ignored;
    auto repository = OpenGitRepository(folder);
    if (!repository && repository.error().kind == ErrorKind::kNotFound) return ignored;
    if (!repository) return std::unexpected(repository.error());
    const char* work_tree = git_repository_workdir(repository->get());
    if (work_tree == nullptr) return ignored;
    std::error_code error;
    const fs::path below = fs::relative(folder, work_tree, error);
    if (error) return FileFailure(error.value(), "find the work tree of", folder);
    if (below != ".") ignored.prefix_ = below.string() + "/";
    if (int code = git_repository_index(Out(ignored.index_), repository->get()); code != 0) {
      return GitFailure(code, folder);
    }
    ignored.repository_ = std::move(*repository);
    return ignored;
  }

  Result<bool> File(const std::string& path) {
    const std::string full = prefix_ + path;
    if (!repository_ || git_index_get_bypath(index_.get(), full.c_str(), 0) != nullptr) return false;
    return Ask(full);
  }

  Result<bool> Folder(const std::string& path) {
    const std::string full = prefix_ + path + "/";
    if (!repository_ || git_index_find_prefix(nullptr, index_.get(), full.c_str()) == 0) return false;
    git_error_clear();
    return Ask(full);
  }

 private:
  Result<bool> Ask(const std::string& full) {
    int ignored = 0;
    if (int code = git_ignore_path_is_ignored(&ignored, repository_.get(), full.c_str()); code != 0) {
      return GitFailure(code, full);
    }
    return ignored != 0;
  }

  GitRepositoryHandle repository_;
  GitIndexHandle index_;
  std::string prefix_;  ///< of the folder in its work tree, with a final '/'
};

class Walk {
 public:
  Walk(std::string folder, Ignored ignored) : folder_(std::move(folder)), ignored_(std::move(ignored)) {}

  Result<std::vector<TreeEntry>> Run() {
    // A list of what is to be opened, not a recursion: folders may be as deep as the disk allows.
    std::vector<std::string> open{""};
    while (!open.empty()) {
      const std::string below = std::move(open.back());
      open.pop_back();
      if (auto read = Open(below, open); !read) return std::unexpected(read.error());
    }
    std::ranges::sort(files_, {}, &TreeEntry::path);
    return std::move(files_);
  }

 private:
  Result<void> Open(const std::string& below, std::vector<std::string>& open) {
    const std::string full = below.empty() ? folder_ : folder_ + "/" + below;
    std::error_code error;
    fs::directory_iterator entries(full, error);
    for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
      const std::string name = entries->path().filename().string();
      if (name == ".git") continue;
      auto added = Add(*entries, below.empty() ? name : fmt::format("{}/{}", below, name), open);
      if (!added) return added;
    }
    if (error) return FileFailure(error.value(), "list the folder", full);
    return {};
  }

  Result<void> Add(const fs::directory_entry& entry, const std::string& path,
                   std::vector<std::string>& open) {
    std::error_code error;
    const fs::file_status status = entry.symlink_status(error);
    if (error || status.type() == fs::file_type::not_found) return {};  // It has gone since it was listed.
    const bool is_folder = status.type() == fs::file_type::directory;
    auto ignored = is_folder ? ignored_.Folder(path) : ignored_.File(path);
    if (!ignored) return std::unexpected(ignored.error());
    if (*ignored) return {};
    if (is_folder && FileExists(entry.path().string() + "/.git")) {
      files_.push_back({.path = path, .mode = FileMode::kSubmodule});
    } else if (is_folder) {
      open.push_back(path);
    } else if (status.type() == fs::file_type::symlink) {
      files_.push_back({.path = path, .mode = FileMode::kSymlink});
    } else if (status.type() == fs::file_type::regular) {
      const bool executable = (status.permissions() & fs::perms::owner_exec) != fs::perms::none;
      files_.push_back({.path = path, .mode = executable ? FileMode::kExecutable : FileMode::kRegular});
    }
    if (files_.size() > kFolderFilesMax || open.size() > kFolderFilesMax) {
      return Invalid(fmt::format("{}: it has more than {} files", folder_, kFolderFilesMax));
    }
    return {};
  }

  std::string folder_;
  Ignored ignored_;
  std::vector<TreeEntry> files_;
};

}  // namespace

Result<std::vector<TreeEntry>> ListFolder(const std::string& folder) {
  auto ignored = Ignored::Of(folder);
  if (!ignored) return std::unexpected(ignored.error());
  return Walk(folder, std::move(*ignored)).Run();
}

}  // namespace lockkeeper
