// How LocalRepository publishes: the steps of `git receive-pack`, with our own pack in place of a received
// one.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "gitops/repository/commit_chain.h"
#include "gitops/repository/file_io.h"
#include "gitops/repository/local_repository.h"
#include "gitops/repository/reflog.h"
#include "gitops/repository/repository_config.h"
#include "gitops/repository/tree_walk.h"

namespace lockkeeper {
namespace {

std::unexpected<Error> Moved(const std::string& branch, const ObjectId& base, const ObjectId& now) {
  auto name = [](const ObjectId& id) { return id.IsNone() ? std::string("nothing") : id.Hex(); };
  return Fail(ErrorKind::kConflict,
              fmt::format("the branch '{}' is at {}, no longer at {}", branch, name(now), name(base)));
}

}  // namespace

struct LocalRepository::Publication {
  RefMove move;
  std::vector<CheckedOut> update_instead;
  RepositoryConfig::FileSharing sharing;
  ReflogRule reflog = ReflogRule::kExistingOnly;
  ReceiveHooks hooks{"", ""};
  bool moved = false;
};

Result<std::vector<std::string>> LocalRepository::Publish(const std::string& base,
                                                          const std::vector<CommitDraft>& commits) {
  Publication publication;
  if (!base.empty()) {
    auto id = RequireObjectId("commit", base);
    if (!id) return std::unexpected(id.error());
    publication.move.old_id = *id;
  }
  auto target = ResolveBranch();
  if (!target) return std::unexpected(target.error());
  publication.move.ref = target->ref;
  if (target->id != publication.move.old_id) return Moved(branch_, publication.move.old_id, target->id);
  if (commits.empty()) return std::vector<std::string>();
  if (auto prepared = Prepare(publication); !prepared) return std::unexpected(prepared.error());

  auto writer = PackWriter::Create(reader_.store().objects_path(), publication.sharing);
  if (!writer) return std::unexpected(writer.error());
  auto ids = WriteCommits(reader_.store(), *writer, publication.move.old_id, commits);
  if (!ids) return std::unexpected(ids.error());
  publication.move.new_id = ids->back();
  auto pack = writer->Install();
  if (!pack) return std::unexpected(pack.error());

  const ReceiveHooks& hooks = publication.hooks;
  if (auto allowed = hooks.RunWithInput("pre-receive", publication.move); !allowed)
    return std::unexpected(allowed.error());
  if (auto allowed = hooks.RunUpdate(publication.move); !allowed) return std::unexpected(allowed.error());
  auto moved = Move(publication, commits.back());
  // Once the branch may name the commits the pack stays, whatever failed after that.
  auto now = ResolveBranch();
  if (publication.moved || !now || now->id == publication.move.new_id) pack->Release();
  if (!moved) return std::unexpected(moved.error());
  // As for a push, the branch has moved whatever these say.
  (void)hooks.RunWithInput("post-receive", publication.move);
  (void)hooks.RunPostUpdate(publication.move);

  std::vector<std::string> names;
  for (const ObjectId& id : *ids) names.push_back(id.Hex());
  return names;
}

Result<void> LocalRepository::Prepare(Publication& publication) const {
  if (publication.move.old_id.IsNone()) {
    if (auto free = CheckCreation(publication.move.ref); !free) return free;
  }
  auto places = FindCheckedOut(repository_.get(), publication.move.ref);
  if (!places) return std::unexpected(places.error());
  if (!places->empty()) {
    auto rule = ReadCurrentBranchRule(repository_.get());
    if (!rule) return std::unexpected(rule.error());
    if (*rule == CurrentBranchRule::kRefuse) return RefuseCheckedOut(publication.move.ref, places->front());
    if (*rule == CurrentBranchRule::kUpdateInstead) publication.update_instead = std::move(*places);
  }
  auto config = RepositoryConfig::Of(repository_.get());
  if (!config) return std::unexpected(config.error());
  auto taken_over = config->Text("receive.procreceiverefs");
  if (!taken_over) return std::unexpected(taken_over.error());
  if (*taken_over) {
    return Fail(ErrorKind::kDenied,
                fmt::format("{}: receive.procReceiveRefs is set, so a hook of its own moves refs here; "
                            "that is not supported",
                            location_));
  }
  auto hooks_dir = config->Path("core.hookspath");
  if (!hooks_dir) return std::unexpected(hooks_dir.error());
  publication.hooks = ReceiveHooks(git_dir_, hooks_dir->value_or(common_dir_ + "/hooks"));
  auto sharing = config->ReadFileSharing();
  if (!sharing) return std::unexpected(sharing.error());
  publication.sharing = *sharing;
  auto log = config->Text("core.logallrefupdates");
  if (!log) return std::unexpected(log.error());
  auto bare = config->Bool("core.bare", false);
  if (!bare) return std::unexpected(bare.error());
  bool branches = !*bare;
  if (*log && **log == "always") {
    branches = true;
  } else if (*log) {
    auto value = config->Bool("core.logallrefupdates", branches);
    if (!value) return std::unexpected(value.error());
    branches = *value;
  }
  publication.reflog = branches ? ReflogRule::kBranches : ReflogRule::kExistingOnly;
  return {};
}

// `a` and `a/b` cannot both be branches. The file system says so for loose refs, nobody for packed ones.
Result<void> LocalRepository::CheckCreation(const std::string& ref) const {
  GitReferenceIteratorHandle iterator;
  int code = git_reference_iterator_new(Out(iterator), repository_.get());
  const char* name = nullptr;
  while (code == 0 && (code = git_reference_next_name(&name, iterator.get())) == 0) {
    std::string_view other = name;
    if (other.starts_with(ref + "/") || ref.starts_with(fmt::format("{}/", other))) {
      return Invalid(
          fmt::format("{}: the branch '{}' cannot be created beside {}", location_, branch_, other));
    }
  }
  if (code != GIT_ITEROVER) return GitFailure(code, location_);
  return {};
}

Result<void> LocalRepository::Move(Publication& publication, const CommitDraft& last) {
  const RefMove& move = publication.move;
  auto update = RefUpdate::Begin(common_dir_, move.ref, move.new_id);
  if (!update) return std::unexpected(update.error());
  auto now = ResolveBranch();
  if (!now) return std::unexpected(now.error());
  if (now->ref != move.ref || now->id != move.old_id) return Moved(branch_, move.old_id, now->id);

  auto prepared = publication.hooks.RunReferenceTransaction("prepared", move);
  if (prepared) prepared = UpdateWorkTrees(publication);
  if (prepared) prepared = LogMove(publication, last);
  if (!prepared) {
    (void)publication.hooks.RunReferenceTransaction("aborted", move);
    return prepared;
  }
  auto committed = update->Commit();
  publication.moved = update->moved();
  (void)publication.hooks.RunReferenceTransaction(publication.moved ? "committed" : "aborted", move);
  return committed;
}

Result<void> LocalRepository::UpdateWorkTrees(const Publication& publication) {
  if (publication.update_instead.empty()) return {};
  auto differences = Diff(publication.move.old_id.IsNone() ? "" : publication.move.old_id.Hex(),
                          publication.move.new_id.Hex());
  if (!differences) return std::unexpected(differences.error());
  for (const CheckedOut& place : publication.update_instead) {
    auto updated = UpdateWorkTree(place, publication.move, publication.hooks, *differences);
    if (!updated) return updated;
  }
  return {};
}

Result<void> LocalRepository::LogMove(const Publication& publication, const CommitDraft& last) const {
  ReflogEntry entry{.old_id = publication.move.old_id,
                    .new_id = publication.move.new_id,
                    .name = last.author_name,
                    .email = last.author_email,
                    .time = last.time,
                    .message = "lockkeeper: publish"};
  auto logged = AppendReflog(common_dir_, publication.move.ref, publication.reflog, entry);
  if (!logged) return logged;
  GitReferenceHandle head;
  if (git_reference_lookup(Out(head), repository_.get(), "HEAD") != 0) return {};
  const char* target = git_reference_symbolic_target(head.get());
  if (target == nullptr || target != publication.move.ref) return {};
  return AppendReflog(git_dir_, "HEAD", publication.reflog, entry);
}

}  // namespace lockkeeper
