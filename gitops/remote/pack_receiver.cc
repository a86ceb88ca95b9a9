#include "gitops/remote/pack_receiver.h"

#include <fmt/format.h>
#include <git2/odb_backend.h>
#include <git2/sys/odb_backend.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "gitops/repository/allocation_limit.h"
#include "gitops/repository/file_io.h"
#include "gitops/repository/git_library.h"

namespace lockkeeper {
namespace {

using GitIndexerHandle = GitHandle<git_indexer, git_indexer_free>;

// Of one object, or one table of the indexer: a pack of a few bytes can ask for any amount.
constexpr size_t kAllocationMax = size_t{1} << 30;
// In the clone's folder of packs, which one process at a time uses: so what a crash left is ours to remove.
constexpr std::string_view kFolderName = "tmp_incoming";

void RemoveFolder(const std::string& folder) {
  std::error_code error;
  std::filesystem::remove_all(folder, error);
}

Result<void> MoveInto(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) == 0) return {};
  return FileFailure(errno, "give the pack that came its name", to);
}

}  // namespace

struct PackReceiver::Indexer {
  std::string folder;
  GitOdbHandle odb;
  GitIndexerHandle indexer;
  git_indexer_progress progress{};
  std::chrono::steady_clock::time_point deadline;
  bool late = false;

  ~Indexer() {
    indexer.reset();
    RemoveFolder(folder);
  }
  static int OnProgress(const git_indexer_progress*, void* self) {
    auto* here = static_cast<Indexer*>(self);
    here->late = std::chrono::steady_clock::now() >= here->deadline;
    return here->late ? GIT_EUSER : 0;
  }
};

PackReceiver::PackReceiver(PackReceiverOptions options) : options_(std::move(options)) {}
PackReceiver::~PackReceiver() = default;

Result<void> PackReceiver::Begin() {
  UseLibgit2();
  const std::string packs = options_.objects_path + "/pack";
  const std::string folder = fmt::format("{}/{}", packs, kFolderName);
  RemoveFolder(folder);
  if (::mkdir(packs.c_str(), 0777) != 0 && errno != EEXIST) return FileFailure(errno, "make it", packs);
  if (::mkdir(folder.c_str(), 0777) != 0)
    return FileFailure(errno, "make a folder for the pack that comes", folder);
  indexer_ = std::make_unique<Indexer>();
  indexer_->folder = folder;
  indexer_->deadline = options_.deadline;
  int code = git_odb_open(Out(indexer_->odb), options_.objects_path.c_str());
  if (code < 0) return GitFailure(code, options_.objects_path);
  git_indexer_options options = GIT_INDEXER_OPTIONS_INIT;
  options.progress_cb = &Indexer::OnProgress;
  options.progress_cb_payload = indexer_.get();
  code = git_indexer_new(Out(indexer_->indexer), folder.c_str(), 0, indexer_->odb.get(), &options);
  if (code < 0) return GitFailure(code, folder);
  return {};
}

Result<void> PackReceiver::Take(std::string_view bytes) {
  if (bytes.empty() || (indexer_ && indexer_->late)) return {};
  if (!indexer_) {
    if (auto begun = Begin(); !begun) return begun;
  }
  if (bytes.size() > options_.bytes_max - bytes_) {
    return Invalid(
        fmt::format("the server sends a pack of more than {} bytes, which is the limit; raise it where "
                    "the repository is really so large",
                    options_.bytes_max));
  }
  bytes_ += bytes.size();
  const AllocationLimit limit(kAllocationMax);
  git_error_clear();
  errno = 0;
  const int code =
      git_indexer_append(indexer_->indexer.get(), bytes.data(), bytes.size(), &indexer_->progress);
  if (indexer_->late) return {};  // The conversation itself ends now, and says so.
  return code < 0 ? Unusable(code) : Result<void>();
}

// Where writing fails, libgit2 says nothing.
std::unexpected<Error> PackReceiver::Unusable(int code) const {
  const int error = errno;
  if (error != 0 && git_error_last() == nullptr)
    return FileFailure(error, "write the pack that comes", indexer_->folder);
  return GitFailure(code, "the pack that came cannot be used");
}

Result<void> PackReceiver::CheckHolds(const std::string& index, const ObjectId& wanted) {
  GitOdbHandle odb;
  git_odb_backend* backend = nullptr;
  int code = git_odb_new(Out(odb));
  if (code == 0) code = git_odb_backend_one_pack(&backend, index.c_str());
  if (code == 0) code = git_odb_add_backend(odb.get(), backend, 1);
  if (code != 0) return GitFailure(code, index);
  const git_oid oid = ToGitOid(wanted);
  size_t size = 0;
  git_object_t type = GIT_OBJECT_INVALID;
  code = git_odb_read_header(&size, &type, odb.get(), &oid);
  if (code == GIT_ENOTFOUND) {
    git_error_clear();
    return Fail(
        ErrorKind::kTransient,
        fmt::format("the server's pack does not hold the commit {} that was asked for", wanted.Hex()));
  }
  if (code != 0) return GitFailure(code, index);
  if (type == GIT_OBJECT_COMMIT) return {};
  return Invalid(fmt::format("{} is a {}, where a branch must name a commit", wanted.Hex(),
                             git_object_type2string(type)));
}

Result<void> PackReceiver::Install(const ObjectId& wanted) {
  if (!indexer_) return Fail(ErrorKind::kTransient, "the server ended without sending a pack");
  int code = 0;
  {
    const AllocationLimit limit(kAllocationMax);
    git_error_clear();
    errno = 0;
    code = git_indexer_commit(indexer_->indexer.get(), &indexer_->progress);
  }
  if (indexer_->late) {
    git_error_clear();
    return Fail(ErrorKind::kTransient, "checking the pack that came was not done in time");
  }
  if (code < 0) return Unusable(code);
  const std::string stem = fmt::format("pack-{}", git_indexer_name(indexer_->indexer.get()));
  const std::string index = fmt::format("{}/{}.idx", indexer_->folder, stem);
  if (auto holds = CheckHolds(index, wanted); !holds) return holds;
  const std::string target = options_.objects_path + "/pack";
  // The index last: readers look for it, and must find the pack beside it.
  for (const char* suffix : {".pack", ".idx"}) {
    const std::string from = fmt::format("{}/{}{}", indexer_->folder, stem, suffix);
    if (auto moved = MoveInto(from, fmt::format("{}/{}{}", target, stem, suffix)); !moved) return moved;
  }
  return SyncFolder(target);
}

}  // namespace lockkeeper
