#include "gitops/repository/open_checks.h"

#include <fmt/format.h>

#include <filesystem>

#include "gitops/repository/file_io.h"
#include "gitops/repository/repository_config.h"

namespace lockkeeper {
namespace {

constexpr size_t kCommonDirFileMax = 4096;

// `.git/worktrees/NAME/commondir` leads to the repository that a linked work tree belongs to.
std::string CommonDir(const std::string& git_dir) {
  auto text = ReadSmallFile(git_dir + "/commondir", kCommonDirFileMax);
  if (!text) return git_dir;
  std::filesystem::path path = text->substr(0, text->find('\n'));
  return path.is_absolute() ? path.string()
                            : (std::filesystem::path(git_dir) / path).lexically_normal().string();
}

// libgit2 would refuse most of these as well, in fewer words, and overlook others.
Result<void> CheckFormat(const std::string& git_dir) {
  std::string common_dir = CommonDir(git_dir);
  std::string config_path = common_dir + "/config";
  if (!FileExists(config_path)) return {};
  auto config = RepositoryConfig::OfFile(config_path);
  if (!config) {
    config.error().kind = ErrorKind::kInvalid;
    return std::unexpected(config.error());
  }
  auto objects = config->Text("extensions.objectformat");
  if (!objects) return std::unexpected(objects.error());
  if (*objects && **objects != "sha1") {
    return Invalid(fmt::format("{}: its objects are named by {}; only SHA-1 repositories are supported",
                               common_dir, **objects));
  }
  auto refs = config->Text("extensions.refstorage");
  if (!refs) return std::unexpected(refs.error());
  if (*refs && **refs != "files") {
    return Invalid(
        fmt::format("{}: its refs are stored as '{}'; only 'files' is supported ('git refs migrate "
                    "--ref-format=files' converts it)",
                    common_dir, **refs));
  }
  auto names = config->Names("extensions.");
  if (!names) return std::unexpected(names.error());
  for (const std::string& name : *names) {
    bool known = name == "extensions.objectformat" || name == "extensions.refstorage" ||
                 name == "extensions.noop" || name == "extensions.preciousobjects" ||
                 name == "extensions.worktreeconfig";
    if (known) continue;
    std::string_view hint = name == "extensions.partialclone" ? "; it lacks objects: use a full clone" : "";

    return Invalid(fmt::format("{}: it uses {}, which is not supported{}", common_dir, name, hint));
  }
  return {};
}

// libgit2 does not know the file that extensions.worktreeConfig adds to the configuration.
Result<void> ReadWorkTreeConfig(git_repository* repository, const std::string& git_dir) {
  std::string path = git_dir + "/config.worktree";
  auto config = RepositoryConfig::Of(repository);
  if (!config) return std::unexpected(config.error());
  auto used = config->Bool("extensions.worktreeconfig", false);
  if (!used) return std::unexpected(used.error());
  if (!*used || !FileExists(path)) return {};
  GitConfigHandle shared;
  int code = git_repository_config(Out(shared), repository);
  if (code == 0)
    code = git_config_add_file_ondisk(shared.get(), path.c_str(), GIT_CONFIG_LEVEL_APP, repository, 0);
  if (code != 0) return GitFailure(code, path);
  return {};
}

}  // namespace

Result<GitRepositoryHandle> OpenGitRepository(const std::string& path) {
  UseLibgit2();
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    if (error) return FileFailure(error.value(), "read", path);
    return NotFound(fmt::format("{}: no such folder", path));
  }
  GitBuffer found;
  int code = git_repository_discover(&found.buf, path.c_str(), 0, nullptr);
  if (code == GIT_ENOTFOUND) {
    git_error_clear();
    return NotFound(fmt::format(
        "{}: no Git repository, here or above: get one with 'git clone' or start one with 'git init'", path));
  }
  if (code != 0) return GitFailure(code, path);
  std::string git_dir(found.text());
  while (git_dir.size() > 1 && git_dir.ends_with('/')) git_dir.pop_back();
  if (auto checked = CheckFormat(git_dir); !checked) return std::unexpected(checked.error());
  GitRepositoryHandle repository;
  code = git_repository_open(Out(repository), git_dir.c_str());
  // 1.5.1 confuses the two where no safe.directory is configured at all.
  bool foreign = code == GIT_EOWNER || (code == GIT_ENOTFOUND && git_error_last() != nullptr &&
                                        std::string_view(git_error_last()->message).find("safe.directory") !=
                                            std::string_view::npos);
  if (foreign) {
    git_error_clear();
    return Fail(ErrorKind::kDenied,
                fmt::format("{}: the repository belongs to another user, whose configuration and hooks "
                            "would run as you. If you trust it: git config --global --add "
                            "safe.directory '{}'",
                            git_dir, git_dir));
  }
  if (code != 0) return GitFailure(code, git_dir);
  if (auto read = ReadWorkTreeConfig(repository.get(), git_dir); !read) return std::unexpected(read.error());
  return repository;
}

}  // namespace lockkeeper
