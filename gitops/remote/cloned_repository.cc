#include "gitops/remote/cloned_repository.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <utility>

#include "gitops/repository/commit_chain.h"

namespace lockkeeper {
namespace {

constexpr size_t kProblemsMax = 16;
// A remote that is damaged itself damages every clone, and must not be cloned at each poll.
constexpr size_t kRemakingsMax = 5;
constexpr std::chrono::hours kRemakingsSpan{1};
constexpr uint64_t kRoomMin = uint64_t{64} << 20;
constexpr unsigned kTidyPause = 16;

Result<void> CheckReadable(ObjectStore& store, const ObjectId& commit) {
  auto tree = ReadTreeOfCommit(store, commit);
  if (!tree) return std::unexpected(tree.error());
  constexpr size_t kTreeBytesMax = size_t{256} << 20;
  auto bytes = store.Read(*tree, ObjectType::kTree, kTreeBytesMax);
  // A tree that is too large is the remote's affair.
  if (!bytes && bytes.error().kind != ErrorKind::kInvalid) return std::unexpected(bytes.error());
  return {};
}

}  // namespace

Result<std::unique_ptr<RemoteRepository>> RemoteRepository::Open(const RemoteOptions& options,
                                                                 std::unique_ptr<RemoteTransport> transport) {
  return ClonedRepository::Open(options, std::move(transport), {});
}

ClonedRepository::ClonedRepository(const RemoteOptions& options, std::unique_ptr<RemoteTransport> transport,
                                   const CloneLimits& limits, CloneFolder folder)
    : options_(options),
      transport_(std::move(transport)),
      limits_(limits),
      folder_(std::move(folder)),
      reader_(view_, options.url, options.blob_bytes_max),
      branch_(options.branch) {}

Result<std::unique_ptr<RemoteRepository>> ClonedRepository::Open(const RemoteOptions& options,
                                                                 std::unique_ptr<RemoteTransport> transport,
                                                                 const CloneLimits& limits) {
  if (!options.branch.empty() && !IsBranchName(options.branch))
    return Invalid(fmt::format("'{}' cannot be the name of a branch", options.branch));
  auto folder = CloneFolder::Open(options.clone_folder, options.url);
  if (!folder) return std::unexpected(folder.error());
  std::unique_ptr<ClonedRepository> repository(
      new ClonedRepository(options, std::move(transport), limits, std::move(*folder)));
  repository->UseWhatIsThere();
  return repository;
}

Result<std::unique_ptr<Repository>> ClonedRepository::OpenReader() {
  return std::make_unique<CloneReader>(view_, options_.url, options_.blob_bytes_max);
}

void ClonedRepository::Report(std::string problem) {
  if (problems_.size() < kProblemsMax) problems_.push_back(std::move(problem));
}

std::vector<std::string> ClonedRepository::TakeProblems() { return std::exchange(problems_, {}); }

void ClonedRepository::Remember(const CloneContents& contents) { packs_ = contents.packs; }

void ClonedRepository::SetHead(const std::string& branch, const ObjectId& commit) {
  branch_ = branch;
  head_ = commit;
  view_->SetHead({.branch = branch_, .commit = commit.IsNone() ? "" : commit.Hex(), .is_known = true});
}

void ClonedRepository::UseWhatIsThere() {
  known_ = {};
  packs_.clear();
  damage_.reset();
  head_ = {};
  view_->SetHead({.branch = branch_});
  view_->place()->Move(folder_.git_dir().empty() ? "" : folder_.git_dir() + "/objects");
  if (folder_.git_dir().empty()) return;
  if (auto read = ReadWhatIsThere(); !read) damage_ = read.error().message;
}

Result<void> ClonedRepository::ReadWhatIsThere() {
  auto contents = ReadClone(folder_.git_dir());
  if (!contents) return std::unexpected(contents.error());
  if (auto whole = CheckPacks(*contents); !whole) return whole;
  for (const CloneRef& ref : contents->refs) {
    if (auto readable = CheckReadable(reader_.store(), ref.commit); !readable) return readable;
  }
  Remember(*contents);
  for (const CloneRef& ref : contents->refs) {
    if (!options_.branch.empty() && ref.branch != options_.branch) continue;
    known_ = ref;
    SetHead(ref.branch, ref.commit);
  }
  return {};
}

// The folder may be deleted at any time, and another process may have begun a new one there.
Result<void> ClonedRepository::EnsureFolder() {
  if (folder_.IsStillOurs()) return {};
  auto folder = CloneFolder::Open(folder_.path(), options_.url);
  if (!folder) return std::unexpected(folder.error());
  Report(fmt::format("{}: the folder was deleted while it was in use", folder_.path()));
  folder_ = std::move(*folder);
  UseWhatIsThere();
  return {};
}

/// What can be told from names and sizes, and what readers have met. kInvalid: damaged.
Result<void> ClonedRepository::FindDamage() {
  if (damage_) {
    auto damaged = Invalid(*damage_);
    damage_.reset();
    return damaged;
  }
  auto complaint = view_->TakeComplaint();
  // What is said of another clone than this one has been mended.
  if (complaint && complaint->objects_path == folder_.git_dir() + "/objects") {
    if (complaint->certainty == CloneView::Complaint::Certainty::kDamage) return Invalid(complaint->what);
    if (!head_.IsNone()) {
      if (auto complete = CheckComplete(reader_.store(), head_); !complete) return complete;
    }
  }
  auto contents = ReadClone(folder_.git_dir());
  if (!contents) return std::unexpected(contents.error());
  for (const ClonePack& pack : packs_) {
    if (!std::ranges::binary_search(contents->packs, pack.stem, {}, &ClonePack::stem))
      return Invalid(fmt::format("{}.pack: it is missing", pack.stem));
    if (!std::ranges::count(contents->packs, pack))
      return Invalid(fmt::format("{}.pack: its size has changed", pack.stem));
  }
  auto known = std::ranges::find(contents->refs, known_.branch, &CloneRef::branch);
  if (!known_.commit.IsNone() && (known == contents->refs.end() || known->commit != known_.commit))
    return Invalid(fmt::format("{}: our ref of '{}' is missing", folder_.git_dir(), known_.branch));
  return {};
}

// A fetch may fail for what is missing here. A remote that is down for a week must not cost a look at all we
// have at each poll.
Result<void> ClonedRepository::FindDamageAfterFailure() {
  ++failures_;
  RemoveRemainsOfCrash(folder_.git_dir());
  if (auto sound = FindDamage(); !sound) return sound;
  constexpr unsigned kEvery = 64;
  if (!std::has_single_bit(failures_) && failures_ % kEvery != 0) return {};
  auto contents = ReadClone(folder_.git_dir());
  if (!contents) return std::unexpected(contents.error());
  if (auto whole = CheckPacks(*contents); !whole) return whole;
  if (known_.commit.IsNone()) return {};
  return CheckComplete(reader_.store(), known_.commit);
}

/// Brings the branch into a clone, the one in use or a new one, and moves its ref there.
Result<CloneRef> ClonedRepository::Receive(const Wanted& wanted) {
  const std::string& git_dir = wanted.git_dir;
  auto outcome = transport_->Fetch({.git_dir = git_dir,
                                    .branch = wanted.branch,
                                    .known = wanted.known.IsNone() ? "" : wanted.known.Hex()});
  if (!outcome) return std::unexpected(outcome.error());
  auto commit = ParseObjectId(outcome->commit);
  if (!commit || !IsBranchName(outcome->branch)) {
    return Fail(ErrorKind::kTransient,
                fmt::format("{}: the remote names branch '{}' at '{}', which cannot be", options_.url,
                            outcome->branch, outcome->commit));
  }
  CloneRef ref{.branch = outcome->branch, .commit = *commit};
  auto store = ObjectStore::Open(git_dir + "/objects");
  if (!store) return Fail(ErrorKind::kTransient, store.error().message);
  if (auto readable = CheckReadable(*store, ref.commit); !readable)
    return Fail(ErrorKind::kTransient, readable.error().message);
  if (git_dir == folder_.git_dir() && ref.commit == known_.commit && ref.branch == known_.branch) return ref;
  if (auto moved = MoveCloneRef(git_dir, ref); !moved) return std::unexpected(moved.error());
  return ref;
}

Result<std::string> ClonedRepository::FetchInto() {
  auto received = Receive({folder_.git_dir(), options_.branch, known_.commit});
  if (!received) {
    // The branch is gone; what we have of it still tells the remote what need not be sent again.
    if (received.error().kind == ErrorKind::kNotFound) SetHead(branch_, {});
    return std::unexpected(received.error());
  }
  is_untidy_ = is_untidy_ || received->commit != known_.commit;
  known_ = *received;
  SetHead(received->branch, received->commit);
  if (is_untidy_) Tidy();
  // A clone that was made anew just now may be at a newer one.
  return head_.Hex();
}

Result<std::string> ClonedRepository::Fetch() {
  if (auto folder = EnsureFolder(); !folder) return std::unexpected(folder.error());
  if (folder_.git_dir().empty()) return Mend(Why::kMissing, "");
  if (auto sound = FindDamage(); !sound) return MendIfDamaged(sound.error());
  auto commit = FetchInto();
  if (commit) failures_ = 0;
  if (commit || commit.error().kind != ErrorKind::kTransient) return commit;
  // libgit2 says of such a folder only that it failed.
  const std::string packs = folder_.git_dir() + "/objects/pack";
  if (::access(packs.c_str(), W_OK) != 0 && (errno == EROFS || errno == EACCES))
    return FileFailure(errno, "write", packs);
  if (auto sound = FindDamageAfterFailure(); !sound) return MendIfDamaged(sound.error());
  return commit;
}

// A look that failed, for want of open files perhaps, has found nothing.
Result<std::string> ClonedRepository::MendIfDamaged(const Error& found) {
  if (found.kind != ErrorKind::kInvalid) return std::unexpected(found);
  return Mend(Why::kDamaged, found.message);
}

Result<std::string> ClonedRepository::Mend(Why why, const std::string& words) {
  auto made = MakeAnew(why, words);
  if (!made && made.error().kind == ErrorKind::kNotFound) SetHead(branch_, {});
  return made;
}

Result<void> ClonedRepository::AllowRemaking() {
  const auto now = std::chrono::steady_clock::now();
  std::erase_if(remakings_, [&](auto at) { return now - at > kRemakingsSpan; });
  if (remakings_.size() >= kRemakingsMax) {
    return Fail(ErrorKind::kTransient,
                fmt::format("{}: the clone was made anew {} times within an hour and is damaged again: the "
                            "remote or the disk may be damaged (run 'git fsck' there)",
                            folder_.path(), remakings_.size()));
  }
  return {};
}

Result<std::string> ClonedRepository::MakeAnew(Why why, const std::string& words) {
  if (why == Why::kDamaged) {
    // It stays known until it is mended, whatever comes now.
    damage_ = words;
    if (auto allowed = AllowRemaking(); !allowed) {
      allowed.error().message += ": " + words;
      return std::unexpected(allowed.error());
    }
  }
  auto made = TryToMakeAnew(why);
  if (!made && made.error().kind == ErrorKind::kTransient && why == Why::kDamaged) {
    const uint64_t bytes = BytesBelow(folder_.git_dir(), UINT64_MAX);
    if (folder_.FreeBytes() < std::max(kRoomMin, 2 * bytes)) {
      // There is no room for both, and the damaged one is of no use.
      folder_.RemoveAll();
      UseWhatIsThere();
      made = TryToMakeAnew(why);
    }
  }
  if (!made) return made;
  if (why == Why::kDamaged) {
    remakings_.push_back(std::chrono::steady_clock::now());
    Report(fmt::format("{}: the clone was damaged and has been made anew: {}", folder_.path(), words));
  }
  return made;
}

Result<std::string> ClonedRepository::TryToMakeAnew(Why why) {
  auto git_dir = folder_.BeginNew();
  if (!git_dir) return std::unexpected(git_dir.error());
  auto received = Receive({*git_dir, options_.branch, {}});
  auto contents = received ? ReadClone(*git_dir) : Result<CloneContents>(std::unexpected(received.error()));
  const std::string before = folder_.git_dir();
  Result<void> adopted;
  if (contents) adopted = folder_.Adopt(*git_dir, contents->pack_bytes());
  if (!contents || !adopted) {
    folder_.Discard(*git_dir);
    Error error = contents ? adopted.error() : contents.error();
    // What came out of it is not what we asked for.
    if (received && error.kind == ErrorKind::kInvalid) error.kind = ErrorKind::kTransient;
    return std::unexpected(error);
  }
  // Readers first: who finds nothing in the old one looks for a new one.
  view_->place()->Move(*git_dir + "/objects");
  folder_.Retire(before, why == Why::kDamaged ? CloneFolder::Leave::kAside : CloneFolder::Leave::kNothing);
  damage_.reset();
  failures_ = 0;
  known_ = *received;
  Remember(*contents);
  SetHead(received->branch, received->commit);
  return received->commit.Hex();
}

/// After something new has come. What cannot be done now is tried again later, and does no harm.
void ClonedRepository::Tidy() {
  auto contents = ReadClone(folder_.git_dir());
  if (!contents) return;  // The next fetch finds it.
  Remember(*contents);
  is_untidy_ = false;
  if (tidy_pause_ > 0) {
    --tidy_pause_;
    return;
  }
  if (contents->pack_bytes() > 2 * folder_.bytes_when_made() + limits_.growth_free) {
    if (auto made = MakeAnew(Why::kGrown, ""); !made) {
      tidy_pause_ = kTidyPause;
      Report(fmt::format("{}: the clone has grown and could not be made anew: {}", folder_.path(),
                         made.error().message));
    }
    return;
  }
  auto small = ChoosePacksToMerge(contents->packs, limits_);
  if (small.empty()) return;
  auto merged = MergeClonePacks(reader_.store(), *view_->place(), small);
  if (!merged && merged.error().kind == ErrorKind::kInvalid) {
    damage_ = merged.error().message;
  } else if (!merged) {
    tidy_pause_ = kTidyPause;
    Report(fmt::format("{}: packs could not be combined: {}", folder_.path(), merged.error().message));
  }
  if (auto now = ReadClone(folder_.git_dir())) Remember(*now);
}

}  // namespace lockkeeper
