#include "gitops/remote/clone_contents.h"

#include <fmt/format.h>
#include <git2.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "gitops/repository/commit_chain.h"
#include "gitops/repository/file_io.h"
#include "gitops/repository/pack_index.h"
#include "gitops/repository/ref_update.h"
#include "gitops/repository/repository_config.h"
#include "gitops/repository/tree_walk.h"

namespace lockkeeper {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kHeads = "refs/lockkeeper/heads";
constexpr size_t kSmallFileMax = 4096;
constexpr size_t kRefsMax = 1000;
constexpr size_t kPacksMax = 10'000;

std::unexpected<Error> Gone(const std::string& path) {
  return Invalid(fmt::format("{}: it is missing", path));
}

// What libgit2 needs to call it a repository, and what a loss of power leaves empty.
Result<void> CheckBare(const std::string& git_dir) {
  for (const char* folder : {"/objects", "/objects/pack", "/refs"}) {
    std::error_code error;
    if (!fs::is_directory(git_dir + folder, error)) return Gone(git_dir + folder);
  }
  auto head = ReadSmallFile(git_dir + "/HEAD", kSmallFileMax);
  if (!head) return Gone(git_dir + "/HEAD");
  if (!head->starts_with("ref: refs/")) return Invalid(git_dir + "/HEAD: it names no branch");
  if (!FileExists(git_dir + "/config")) return Gone(git_dir + "/config");
  auto config = RepositoryConfig::OfFile(git_dir + "/config");
  auto bare = config ? config->Bool("core.bare", false) : Result<bool>(std::unexpected(config.error()));
  if (!bare) return Invalid(fmt::format("{}/config: {}", git_dir, bare.error().message));
  if (!*bare) return Invalid(git_dir + "/config: it says nothing of a bare repository");
  return {};
}

Result<void> ReadRefs(const std::string& git_dir, std::vector<CloneRef>& refs) {
  const fs::path top = fs::path(git_dir) / kHeads;
  std::error_code error;
  fs::recursive_directory_iterator entries(top, error);
  for (; !error && entries != fs::recursive_directory_iterator(); entries.increment(error)) {
    if (entries->is_directory(error) || entries->path().extension() == ".lock") continue;
    const std::string path = entries->path().string();
    auto text = ReadSmallFile(path, kSmallFileMax);
    auto id = text && text->size() == 2 * ObjectId::kBytes + 1
                  ? ParseObjectId(std::string_view(*text).substr(0, 2 * ObjectId::kBytes))
                  : std::nullopt;
    if (!id || id->IsNone()) return Invalid(fmt::format("{}: it holds no commit id", path));
    if (refs.size() == kRefsMax) return Invalid(fmt::format("{}: too many refs", top.string()));
    refs.push_back({.branch = entries->path().lexically_relative(top).string(), .commit = *id});
  }
  std::ranges::sort(refs, {}, &CloneRef::branch);
  return {};
}

Result<void> ReadPacks(const std::string& git_dir, std::vector<ClonePack>& packs) {
  const std::string folder = git_dir + "/objects/pack";
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    // A pack without an index is no damage: the one comes before the other, and goes after it.
    if (entries->path().extension() != ".idx") continue;
    const std::string stem = (entries->path().parent_path() / entries->path().stem()).string();
    struct stat index{};
    struct stat pack{};
    if (::stat((stem + ".idx").c_str(), &index) != 0) return Gone(stem + ".idx");
    if (::stat((stem + ".pack").c_str(), &pack) != 0) return Gone(stem + ".pack");
    if (packs.size() == kPacksMax) return Invalid(fmt::format("{}: too many packs", folder));
    packs.push_back({stem, static_cast<uint64_t>(index.st_size) + static_cast<uint64_t>(pack.st_size)});
  }
  if (error) return FileFailure(error.value(), "read the folder", folder);
  std::ranges::sort(packs, {}, &ClonePack::stem);
  return {};
}

bool IsUnfinishedPack(const fs::path& path) {
  const std::string name = path.filename().string();
  if (name.starts_with("pack_git2_") || name.starts_with("tmp_") || name.ends_with(".keep") ||
      name.ends_with(".lock"))
    return true;
  std::error_code error;
  return path.extension() == ".pack" && !fs::exists(fs::path(path).replace_extension(".idx"), error);
}

template <class Unwanted>
void RemoveFiles(const std::string& folder, Unwanted is_unwanted) {
  std::error_code error;
  std::vector<fs::path> unwanted;
  fs::recursive_directory_iterator entries(folder, error);
  for (; !error && entries != fs::recursive_directory_iterator(); entries.increment(error)) {
    if (!entries->is_directory(error) && is_unwanted(entries->path())) unwanted.push_back(entries->path());
  }
  for (const fs::path& path : unwanted) ::unlink(path.c_str());
}

}  // namespace

uint64_t CloneContents::pack_bytes() const {
  uint64_t bytes = 0;
  for (const ClonePack& pack : packs) bytes += pack.bytes;
  return bytes;
}

Result<CloneContents> ReadClone(const std::string& git_dir) {
  CloneContents contents;
  if (auto bare = CheckBare(git_dir); !bare) return std::unexpected(bare.error());
  if (auto read = ReadRefs(git_dir, contents.refs); !read) return std::unexpected(read.error());
  if (auto read = ReadPacks(git_dir, contents.packs); !read) return std::unexpected(read.error());
  // An empty clone is one whose first commit has not been published yet.
  if (contents.refs.empty() != contents.packs.empty()) {
    return Invalid(fmt::format("{}: it has {}", git_dir,
                               contents.refs.empty() ? "packs, and no ref" : "a ref, and no packs"));
  }
  return contents;
}

Result<void> CheckPacks(const CloneContents& contents) {
  for (const ClonePack& pack : contents.packs) {
    if (auto whole = CheckPack(pack.stem); !whole) return whole;
  }
  return {};
}

Result<void> CheckComplete(ObjectStore& store, const ObjectId& commit) {
  auto tree = ReadTreeOfCommit(store, commit);
  if (!tree) return Invalid(tree.error().message);
  auto files = DiffTrees(store, {}, *tree);
  // A tree that Git would not make is the remote's, and no damage.
  if (!files && files.error().kind == ErrorKind::kInvalid) return {};
  if (!files) return Invalid(files.error().message);
  for (const TreeDifference& file : *files) {
    if (file.entry.mode == FileMode::kSubmodule) continue;
    auto id = ParseObjectId(file.entry.id);
    auto there = id ? store.Has(*id) : Result<bool>(false);
    if (!there) return Invalid(there.error().message);
    if (!*there) {
      return Invalid(fmt::format("{}: the blob {} of '{}' is missing", store.objects_path(), file.entry.id,
                                 file.entry.path));
    }
  }
  return {};
}

Result<void> MoveCloneRef(const std::string& git_dir, const CloneRef& ref) {
  std::vector<CloneRef> before;
  auto read = ReadRefs(git_dir, before);
  const bool alone =
      read && std::ranges::all_of(before, [&](const CloneRef& other) { return other.branch == ref.branch; });
  // A branch `a` leaves no room for `a/b`. Between the two steps there are packs without a ref, which is
  // known for damage.
  if (!alone) {
    std::error_code error;
    fs::remove_all(fs::path(git_dir) / kHeads, error);
  }
  auto update = RefUpdate::Begin(git_dir, fmt::format("{}/{}", kHeads, ref.branch), ref.commit);
  if (!update) return std::unexpected(update.error());
  return update->Commit();
}

bool IsBranchName(const std::string& branch) {
  int valid = 0;
  return branch.find('\0') == std::string::npos && !branch.starts_with('-') &&
         git_reference_name_is_valid(&valid, fmt::format("{}/{}", kHeads, branch).c_str()) == 0 && valid != 0;
}

void RemoveRemainsOfCrash(const std::string& git_dir) {
  RemoveFiles(git_dir + "/objects/pack", IsUnfinishedPack);
  RemoveFiles(git_dir + "/refs", [](const fs::path& path) { return path.extension() == ".lock"; });
  for (const char* name : {"HEAD.lock", "config.lock", "packed-refs.lock", "FETCH_HEAD.lock"})
    ::unlink(fmt::format("{}/{}", git_dir, name).c_str());
}

uint64_t BytesBelow(const std::string& path, uint64_t enough) {
  uint64_t bytes = 0;
  std::error_code error;
  fs::recursive_directory_iterator entries(path, error);
  for (; !error && bytes < enough && entries != fs::recursive_directory_iterator();
       entries.increment(error)) {
    struct stat status{};
    if (::lstat(entries->path().c_str(), &status) == 0 && S_ISREG(status.st_mode))
      bytes += static_cast<uint64_t>(status.st_size);
  }
  return bytes;
}

}  // namespace lockkeeper
