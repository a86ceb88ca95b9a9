#include "gitops/repository/work_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "gitops/repository/file_io.h"
#include "gitops/repository/open_checks.h"
#include "gitops/repository/repository_config.h"

namespace lockkeeper {
namespace {

constexpr size_t kSmallFileMax = 4096;

std::string FirstLine(const std::string& path) {
  auto text = ReadSmallFile(path, kSmallFileMax);
  return text ? text->substr(0, text->find('\n')) : std::string();
}

// HEAD names the branch, or a rebase or bisect that began on it will come back to it.
bool Occupies(const std::string& git_dir, const std::string& ref) {
  if (FirstLine(git_dir + "/HEAD") == "ref: " + ref) return true;
  if (FirstLine(git_dir + "/rebase-merge/head-name") == ref ||
      FirstLine(git_dir + "/rebase-apply/head-name") == ref) {
    return true;
  }
  std::string bisected = FirstLine(git_dir + "/BISECT_START");
  return !bisected.empty() && "refs/heads/" + bisected == ref;
}

// Beside `.git`, unless core.worktree or a submodule's layout puts it elsewhere.
std::string MainWorkTree(git_repository* repository, const std::string& common_dir) {
  GitRepositoryHandle main;
  if (git_repository_is_worktree(repository) != 0 &&
      git_repository_open(Out(main), common_dir.c_str()) == 0) {
    repository = main.get();
  }
  const char* found = git_repository_workdir(repository);
  std::string path = found == nullptr ? std::filesystem::path(common_dir).parent_path().string() : found;
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

GitTreeHandle TreeOf(git_repository* repository, const ObjectId& commit, int& code) {
  GitTreeHandle tree;
  if (commit.IsNone()) return tree;
  git_oid oid = ToGitOid(commit);
  GitObjectHandle object;
  code = git_object_lookup(Out(object), repository, &oid, GIT_OBJECT_COMMIT);
  if (code == 0) code = git_commit_tree(Out(tree), reinterpret_cast<git_commit*>(object.get()));
  return tree;
}

Result<void> RequireNoDifference(git_diff* diff, std::string_view work_tree, std::string_view what) {
  size_t count = git_diff_num_deltas(diff);
  if (count == 0) return {};
  const git_diff_delta* first = git_diff_get_delta(diff, 0);
  const char* path = first->new_file.path != nullptr ? first->new_file.path : first->old_file.path;
  return Fail(ErrorKind::kDenied,
              fmt::format("{}: the work tree has {} changes ('{}'{}): commit, stash or undo them; "
                          "receive.denyCurrentBranch=updateInstead updates clean work trees only",
                          work_tree, what, path, count > 1 ? fmt::format(" and {} more", count - 1) : ""));
}

Result<void> RequireClean(git_repository* repository, git_index* index, git_tree* old_tree,
                          std::string_view work_tree) {
  git_diff_options options = GIT_DIFF_OPTIONS_INIT;
  options.ignore_submodules = GIT_SUBMODULE_IGNORE_ALL;
  GitDiffHandle diff;
  int code = git_diff_index_to_workdir(Out(diff), repository, index, &options);
  if (code != 0) return GitFailure(code, work_tree);
  if (auto clean = RequireNoDifference(diff.get(), work_tree, "unstaged"); !clean) return clean;
  code = git_diff_tree_to_index(Out(diff), repository, old_tree, index, &options);
  if (code != 0) return GitFailure(code, work_tree);
  return RequireNoDifference(diff.get(), work_tree, "staged");
}

// libgit2 would write the files that a sparse checkout leaves out.
Result<void> RequireWhole(git_repository* repository, std::string_view work_tree) {
  auto config = RepositoryConfig::Of(repository);
  if (!config) return std::unexpected(config.error());
  auto sparse = config->Bool("core.sparsecheckout", false);
  if (!sparse) return std::unexpected(sparse.error());
  if (!*sparse) return {};
  return Fail(ErrorKind::kDenied,
              fmt::format("{}: a sparse checkout is not updated: use a bare repository, or 'git "
                          "sparse-checkout disable'",
                          work_tree));
}

Result<void> CheckOut(git_repository* repository, git_tree* old_tree, git_tree* new_tree,
                      std::string_view work_tree, const std::vector<TreeDifference>& differences) {
  std::vector<char*> paths;
  for (const TreeDifference& difference : differences)
    paths.push_back(const_cast<char*>(difference.entry.path.c_str()));
  // Without paths a checkout is of everything.
  if (paths.empty()) return {};
  git_checkout_options options = GIT_CHECKOUT_OPTIONS_INIT;
  options.checkout_strategy =
      GIT_CHECKOUT_SAFE | GIT_CHECKOUT_DISABLE_PATHSPEC_MATCH | GIT_CHECKOUT_DONT_OVERWRITE_IGNORED;
  options.baseline = old_tree;
  options.paths = {paths.data(), paths.size()};
  int code = git_checkout_tree(repository, reinterpret_cast<git_object*>(new_tree), &options);
  if (code == 0) return {};
  auto failure = GitFailure(code, fmt::format("{}: cannot update the work tree", work_tree));
  if (code == GIT_ECONFLICT) {
    failure.error().kind = ErrorKind::kDenied;
    failure.error().message += " (untracked files are in the way)";
  }
  return failure;
}

}  // namespace

Result<std::vector<CheckedOut>> FindCheckedOut(git_repository* repository, const std::string& ref) {
  std::vector<CheckedOut> places;
  std::string common_dir = git_repository_commondir(repository);
  while (common_dir.ends_with('/')) common_dir.pop_back();
  auto config = RepositoryConfig::Of(repository);
  if (!config) return std::unexpected(config.error());
  auto bare = config->Bool("core.bare", false);
  if (!bare) return std::unexpected(bare.error());
  if (!*bare && Occupies(common_dir, ref)) {
    places.push_back({.git_dir = common_dir, .work_tree = MainWorkTree(repository, common_dir)});
  }
  std::error_code error;
  std::filesystem::directory_iterator linked(common_dir + "/worktrees", error);
  if (error) return places;
  for (const auto& entry : linked) {
    std::string git_dir = entry.path().string();
    if (!Occupies(git_dir, ref)) continue;
    // The file `gitdir` names the `.git` file in the work tree.
    places.push_back(
        {.git_dir = git_dir,
         .work_tree = std::filesystem::path(FirstLine(git_dir + "/gitdir")).parent_path().string()});
  }
  std::sort(places.begin(), places.end(), [](const auto& a, const auto& b) { return a.git_dir < b.git_dir; });
  return places;
}

Result<CurrentBranchRule> ReadCurrentBranchRule(git_repository* repository) {
  auto config = RepositoryConfig::Of(repository);
  if (!config) return std::unexpected(config.error());
  auto value = config->Text("receive.denycurrentbranch");
  if (!value) return std::unexpected(value.error());
  std::string rule = value->value_or("refuse");
  std::transform(rule.begin(), rule.end(), rule.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (rule == "ignore" || rule == "warn") return CurrentBranchRule::kIgnore;
  if (rule == "updateinstead") return CurrentBranchRule::kUpdateInstead;
  if (rule == "refuse") return CurrentBranchRule::kRefuse;
  auto refuse = config->Bool("receive.denycurrentbranch", true);
  if (!refuse) return std::unexpected(refuse.error());
  return *refuse ? CurrentBranchRule::kRefuse : CurrentBranchRule::kIgnore;
}

std::unexpected<Error> RefuseCheckedOut(const std::string& ref, const CheckedOut& place) {
  return Fail(
      ErrorKind::kDenied,
      fmt::format(
          "{}: the branch {} is checked out here, and moving it would leave the files behind. Use a bare "
          "repository or another branch, or allow it with 'git -C {} config receive.denyCurrentBranch "
          "updateInstead'",
          place.work_tree, ref, place.work_tree));
}

Result<void> UpdateWorkTree(const CheckedOut& place, const RefMove& move, const ReceiveHooks& hooks,
                            const std::vector<TreeDifference>& differences) {
  if (hooks.Has("push-to-checkout")) return hooks.RunPushToCheckout(place.work_tree, move.new_id);
  auto opened = OpenGitRepository(place.git_dir);
  if (!opened) return std::unexpected(opened.error());
  git_repository* repository = opened->get();
  if (auto whole = RequireWhole(repository, place.work_tree); !whole) return whole;
  int code = 0;
  GitTreeHandle old_tree = TreeOf(repository, move.old_id, code);
  GitTreeHandle new_tree = TreeOf(repository, move.new_id, code);
  if (code != 0) return GitFailure(code, place.work_tree);
  GitIndexHandle index;
  code = git_repository_index(Out(index), repository);
  if (code == 0) code = git_index_read(index.get(), 1);
  if (code != 0) return GitFailure(code, place.work_tree);
  if (auto clean = RequireClean(repository, index.get(), old_tree.get(), place.work_tree); !clean)
    return clean;
  return CheckOut(repository, old_tree.get(), new_tree.get(), place.work_tree, differences);
}

}  // namespace lockkeeper
