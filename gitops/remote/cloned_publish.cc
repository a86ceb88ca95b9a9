// How ClonedRepository publishes: the pack is written into the clone, sent, and stays there if it was taken.
#include <fmt/format.h>

#include <deque>
#include <unordered_set>
#include <utility>

#include "gitops/remote/cloned_repository.h"
#include "gitops/repository/commit_chain.h"
#include "gitops/repository/commit_object.h"

namespace lockkeeper {
namespace {

constexpr size_t kCommitsVisitedMax = 1'000'000;

std::string NameOf(const ObjectId& id) { return id.IsNone() ? std::string("nothing") : id.Hex(); }

}  // namespace

Result<bool> IsAncestor(ObjectStore& store, const ObjectId& ancestor, const ObjectId& commit,
                        const ObjectId& boundary) {
  std::unordered_set<ObjectId, ObjectIdHash> seen{commit};
  std::deque<ObjectId> next{commit};
  while (!next.empty() && seen.size() < kCommitsVisitedMax) {
    const ObjectId id = next.front();
    next.pop_front();
    if (id == ancestor) return true;
    if (id == boundary) continue;
    auto bytes = store.ReadNamed(id, ObjectType::kCommit, kMaxCommitBytes);
    if (!bytes) return std::unexpected(bytes.error());
    auto parsed = ParseCommit(id, bytes->view(), WithRecord::kNo);
    if (!parsed) return std::unexpected(parsed.error());
    for (const ObjectId& parent : parsed->parents) {
      if (seen.insert(parent).second) next.push_back(parent);
    }
  }
  return false;
}

Result<std::vector<std::string>> ClonedRepository::Publish(const std::string& base,
                                                           const std::vector<CommitDraft>& commits) {
  ObjectId base_id;
  if (!base.empty()) {
    auto id = RequireObjectId("commit", base);
    if (!id) return std::unexpected(id.error());
    base_id = *id;
  }
  if (auto folder = EnsureFolder(); !folder) return std::unexpected(folder.error());
  if (branch_.empty()) {
    return Invalid(fmt::format("{}: the repository has no branch yet: say how the first one is to be called",
                               options_.url));
  }
  if (base_id != head_) {
    return Fail(ErrorKind::kConflict, fmt::format("{}: the branch '{}' is at {}, no longer at {}",
                                                  options_.url, branch_, NameOf(head_), NameOf(base_id)));
  }
  if (commits.empty()) return std::vector<std::string>();
  if (auto ready = EnsureClone(); !ready) return std::unexpected(ready.error());

  auto writer = PackWriter::Create(folder_.git_dir() + "/objects", {});
  if (!writer) return std::unexpected(writer.error());
  auto ids = reader_.Watched(WriteCommits(reader_.store(), *writer, base_id, commits));
  if (!ids) return std::unexpected(ids.error());
  auto pack = writer->Install();
  if (!pack) return std::unexpected(pack.error());
  auto sent = Send(base_id, *ids, *pack);
  if (!sent) view_->place()->Change([&] { pack->Remove(); });
  return sent;
}

// A branch that is to be the first one of its repository has no clone yet.
Result<void> ClonedRepository::EnsureClone() {
  if (!folder_.git_dir().empty()) return {};
  auto git_dir = folder_.BeginNew();
  if (!git_dir) return std::unexpected(git_dir.error());
  if (auto adopted = folder_.Adopt(*git_dir, 0); !adopted) {
    folder_.Discard(*git_dir);
    return adopted;
  }
  view_->place()->Move(*git_dir + "/objects");
  return {};
}

Result<std::vector<std::string>> ClonedRepository::Send(const ObjectId& base,
                                                        const std::vector<ObjectId>& ids,
                                                        InstalledPack& pack) {
  const ObjectId& last = ids.back();
  auto pushed = transport_->Push({.ref = "refs/heads/" + branch_,
                                  .old_id = base.IsNone() ? "" : base.Hex(),
                                  .new_id = last.Hex(),
                                  .pack_path = pack.stem() + ".pack"});
  const bool is_unknown = !pushed && pushed.error().kind == ErrorKind::kTransient;
  if (is_unknown) pushed = FindOutcome(base, last, pushed.error());
  if (!pushed) return std::unexpected(pushed.error());
  pack.Release();
  is_untidy_ = true;
  SetHead(branch_, last);
  // Else our ref was moved by looking.
  if (!is_unknown) NotePublished(last);
  std::vector<std::string> names;
  names.reserve(ids.size());
  for (const ObjectId& id : ids) names.push_back(id.Hex());
  return names;
}

// The push may have happened, and its answer been lost. Nothing may be said of it before the branch has been
// read: not that it failed, and not that it worked.
Result<void> ClonedRepository::FindOutcome(const ObjectId& base, const ObjectId& ours, const Error& error) {
  auto now = Receive({folder_.git_dir(), branch_, known_.commit});
  if (!now && now.error().kind != ErrorKind::kNotFound) {
    return Fail(ErrorKind::kTransient,
                fmt::format("{}; whether the commits have arrived is not known, since the branch cannot be "
                            "read either: {}",
                            error.message, now.error().message));
  }
  const ObjectId there = now ? now->commit : ObjectId{};
  if (now) known_ = *now;
  if (there == ours) return {};
  if (there == base) return std::unexpected(error);
  if (!there.IsNone()) {
    auto built_upon = reader_.Watched(IsAncestor(reader_.store(), ours, there, base));
    if (!built_upon) return std::unexpected(built_upon.error());
    if (*built_upon) return {};
  }
  return Fail(ErrorKind::kConflict, fmt::format("{}: the branch '{}' is at {}, no longer at {}", options_.url,
                                                branch_, NameOf(there), NameOf(base)));
}

/// The commits are the remote's already, and nothing that goes wrong here may say otherwise.
void ClonedRepository::NotePublished(const ObjectId& commit) {
  const CloneRef ref{.branch = branch_, .commit = commit};
  if (auto moved = MoveCloneRef(folder_.git_dir(), ref); moved) {
    known_ = ref;
  } else {
    Report(fmt::format("{}: the commits were published, and not noted in the clone: {}", folder_.path(),
                       moved.error().message));
  }
}

}  // namespace lockkeeper
