#include "gitops/remote/pack_receiver.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <git2/odb_backend.h>
#include <git2/sys/odb_backend.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <vector>

#include "gitops/repository/allocation_limit.h"
#include "gitops/repository/file_io.h"
#include "gitops/repository/git_library.h"

namespace lockkeeper {
namespace {

using GitIndexerHandle = GitHandle<git_indexer, git_indexer_free>;

// Of one object, or one table of the indexer: a pack of a few bytes can ask for any amount.
constexpr size_t kAllocationMax = size_t{1} << 30;
constexpr uint64_t kReserveStep = uint64_t{1} << 20;
// Objects of ours that the indexer adds because the pack's deltas start from them.
constexpr uint64_t kReserveForBases = uint64_t{8} << 20;
constexpr int kFilesInFolderMax = 16;

// Names of files in a folder, or a part of them.
std::vector<std::string> Names(const std::string& folder) {
  std::vector<std::string> names;
  DIR* const directory = ::opendir(folder.c_str());
  if (directory == nullptr) return names;
  for (const dirent* entry = ::readdir(directory); entry != nullptr; entry = ::readdir(directory)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != ".." && names.size() < kFilesInFolderMax) names.emplace_back(name);
  }
  ::closedir(directory);
  return names;
}

Result<void> MoveInto(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) == 0) return {};
  return FileFailure(errno, "give the pack that came its name", to);
}

}  // namespace

struct PackReceiver::Indexer {
  std::string folder;  // Of its own, so that the one file in it is the pack.
  FileDescriptor pack;
  GitOdbHandle odb;
  GitIndexerHandle indexer;
  git_indexer_progress progress{};
  std::chrono::steady_clock::time_point deadline;
  bool late = false;

  ~Indexer() {
    indexer.reset();
    pack.Close();
    for (const std::string& name : Names(folder)) ::unlink(fmt::format("{}/{}", folder, name).c_str());
    ::rmdir(folder.c_str());
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
  std::string folder = options_.objects_path + "/pack";
  if (::mkdir(folder.c_str(), 0777) != 0 && errno != EEXIST) return FileFailure(errno, "make it", folder);
  folder += "/tmp_incoming_XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) return FileFailure(errno, "make a folder for the pack", folder);
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
  const auto names = Names(folder);
  if (names.size() != 1)
    return Fail(ErrorKind::kTransient, fmt::format("{}: changed by somebody else", folder));
  const std::string path = fmt::format("{}/{}", folder, names[0]);
  indexer_->pack = FileDescriptor(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!indexer_->pack.is_open()) return FileFailure(errno, "open it", path);
  return {};
}

// libgit2 writes through a memory map, where a full disk is no error but the end of the process (SIGBUS). So
// the room is taken beforehand.
Result<void> PackReceiver::Reserve(uint64_t bytes) {
  while (reserved_ < bytes_ + bytes) {
    const int code = ::fallocate(indexer_->pack.get(), FALLOC_FL_KEEP_SIZE, static_cast<off_t>(reserved_),
                                 static_cast<off_t>(kReserveStep));
    if (code != 0 && errno == EINTR) continue;
    // Some file systems cannot, and there is no other way to ask them.
    if (code != 0 && errno != EOPNOTSUPP && errno != ENOSYS)
      return FileFailure(errno, "take room for the pack that comes", indexer_->folder);
    reserved_ += kReserveStep;
  }
  return {};
}

Result<void> PackReceiver::Take(std::string_view bytes) {
  if (bytes.empty()) return {};
  if (!indexer_) {
    if (auto begun = Begin(); !begun) return begun;
  }
  if (bytes.size() > options_.bytes_max - bytes_) {
    return Invalid(
        fmt::format("the server sends a pack of more than {} bytes, which is the limit; raise it where "
                    "the repository is really so large",
                    options_.bytes_max));
  }
  if (auto room = Reserve(bytes.size()); !room) return room;
  bytes_ += bytes.size();
  const AllocationLimit limit(kAllocationMax);
  const int code =
      git_indexer_append(indexer_->indexer.get(), bytes.data(), bytes.size(), &indexer_->progress);
  if (indexer_->late) return {};  // The conversation itself ends now, and says so.
  if (code < 0) return GitFailure(code, "the pack that came cannot be used");
  return {};
}

// The folder's file has its pack's size again, and what was reserved behind it is free.
Result<void> PackReceiver::CloseReservation() {
  struct stat status{};
  if (::fstat(indexer_->pack.get(), &status) != 0 || ::ftruncate(indexer_->pack.get(), status.st_size) != 0)
    return FileFailure(errno, "finish the pack that came", indexer_->folder);
  indexer_->pack.Close();
  return {};
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
  if (auto room = Reserve(kReserveForBases); !room) return room;
  int code = 0;
  {
    const AllocationLimit limit(kAllocationMax);
    code = git_indexer_commit(indexer_->indexer.get(), &indexer_->progress);
  }
  if (indexer_->late) {
    git_error_clear();
    return Fail(ErrorKind::kTransient, "checking the pack that came was not done in time");
  }
  if (code < 0) return GitFailure(code, "the pack that came cannot be used");
  if (auto closed = CloseReservation(); !closed) return closed;
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
