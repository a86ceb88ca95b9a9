#include "tests/support/local_transport.h"

#include <fmt/format.h>
#include <git2.h>

#include <fstream>
#include <sstream>
#include <utility>

#include "gitops/repository/git_library.h"
#include "gitops/repository/ref_update.h"

namespace lockkeeper {
namespace {

using OdbHandle = GitHandle<git_odb, git_odb_free>;
using WalkHandle = GitHandle<git_revwalk, git_revwalk_free>;
using BuilderHandle = GitHandle<git_packbuilder, git_packbuilder_free>;

Result<GitRepositoryHandle> OpenBare(const std::string& path) {
  UseLibgit2();
  GitRepositoryHandle repository;
  if (int code = git_repository_open_bare(Out(repository), path.c_str()); code != 0) {
    auto failure = GitFailure(code, path);
    failure.error().kind = ErrorKind::kTransient;
    return failure;
  }
  return repository;
}

/// Adds a pack as `git index-pack --stdin` does.
class PackSink {
 public:
  explicit PackSink(git_repository* repository) {
    if (git_repository_odb(Out(odb_), repository) != 0) return;
    if (git_odb_write_pack(&pack_, odb_.get(), nullptr, nullptr) != 0) pack_ = nullptr;
  }
  PackSink(const PackSink&) = delete;
  PackSink& operator=(const PackSink&) = delete;
  ~PackSink() {
    if (pack_ != nullptr) pack_->free(pack_);
  }
  int Append(const void* bytes, size_t size) {
    return pack_ == nullptr ? -1 : pack_->append(pack_, bytes, size, &progress_);
  }
  int Commit() { return pack_->commit(pack_, &progress_); }

 private:
  OdbHandle odb_;
  git_odb_writepack* pack_ = nullptr;
  git_indexer_progress progress_{};
};

Result<void> CopyObjects(git_repository* from, git_repository* to, const git_oid& wanted) {
  WalkHandle walk;
  BuilderHandle builder;
  int code = git_revwalk_new(Out(walk), from);
  if (code == 0) code = git_revwalk_push(walk.get(), &wanted);
  GitReferenceIteratorHandle refs;
  if (code == 0) code = git_reference_iterator_new(Out(refs), to);
  const char* name = nullptr;
  while (code == 0 && git_reference_next_name(&name, refs.get()) == 0) {
    git_oid have;
    // What only we have is none of the remote's.
    if (git_reference_name_to_id(&have, to, name) == 0) (void)git_revwalk_hide(walk.get(), &have);
  }
  if (code == 0) code = git_packbuilder_new(Out(builder), from);
  if (code == 0) code = git_packbuilder_insert_walk(builder.get(), walk.get());
  if (code != 0) return GitFailure(code, "the remote's objects");
  if (git_packbuilder_object_count(builder.get()) == 0) return {};
  PackSink sink(to);
  code = git_packbuilder_foreach(
      builder.get(),
      [](void* bytes, size_t size, void* payload) {
        return static_cast<PackSink*>(payload)->Append(bytes, size);
      },
      &sink);
  if (code == 0) code = sink.Commit();
  if (code != 0) return GitFailure(code, "the clone");
  return {};
}

}  // namespace

LocalTransport::LocalTransport(std::string repository, std::shared_ptr<TransportFaults> faults)
    : repository_(std::move(repository)),
      faults_(faults == nullptr ? std::make_shared<TransportFaults>() : std::move(faults)) {}

template <class T>
Result<T> LocalTransport::Counted(const char* name, const std::function<Result<T>()>& call) {
  const int number = ++faults_->calls;
  if (auto action = faults_->before.find(number); action != faults_->before.end()) action->second();
  auto fault = faults_->at.find(number);
  if (faults_->is_down) return Fail(ErrorKind::kTransient, fmt::format("{}: made to be down", name));
  if (fault != faults_->at.end() && fault->second.mode == TransportFaults::Mode::kBefore)
    return Fail(fault->second.kind, fmt::format("{}: made to fail at call {}", name, number));
  auto result = call();
  if (auto action = faults_->after.find(number); action != faults_->after.end()) action->second();
  if (fault != faults_->at.end())
    return Fail(fault->second.kind, fmt::format("{}: the answer to call {} was lost", name, number));
  return result;
}

Result<FetchOutcome> LocalTransport::Fetch(const FetchRequest& request) {
  return Counted<FetchOutcome>("Fetch", [&] { return ReallyFetch(request); });
}

Result<void> LocalTransport::Push(const PushRequest& request) {
  return Counted<void>("Push", [&] { return ReallyPush(request); });
}

Result<FetchOutcome> LocalTransport::ReallyFetch(const FetchRequest& request) {
  auto remote = OpenBare(repository_);
  if (!remote) return std::unexpected(remote.error());
  FetchOutcome outcome{.branch = request.branch, .commit = {}};
  constexpr std::string_view kHeads = "refs/heads/";
  if (outcome.branch.empty()) {
    GitReferenceHandle head;
    if (int code = git_reference_lookup(Out(head), remote->get(), "HEAD"); code != 0)
      return GitFailure(code, repository_);
    outcome.branch = std::string(git_reference_symbolic_target(head.get())).substr(kHeads.size());
  }
  git_oid wanted;
  const std::string ref = std::string(kHeads) + outcome.branch;
  if (int code = git_reference_name_to_id(&wanted, remote->get(), ref.c_str()); code != 0)
    return GitFailure(code, ref);
  outcome.commit = FromGitOid(wanted).Hex();
  if (outcome.commit == request.known) return outcome;
  auto clone = OpenBare(request.git_dir);
  if (!clone) return std::unexpected(clone.error());
  OdbHandle odb;
  if (int code = git_repository_odb(Out(odb), clone->get()); code != 0)
    return GitFailure(code, request.git_dir);
  if (git_odb_exists(odb.get(), &wanted) == 1) return outcome;
  ++faults_->transfers;
  if (auto copied = CopyObjects(remote->get(), clone->get(), wanted); !copied)
    return Fail(ErrorKind::kTransient, copied.error().message);
  return outcome;
}

Result<void> LocalTransport::ReallyPush(const PushRequest& request) {
  auto remote = OpenBare(repository_);
  if (!remote) return std::unexpected(remote.error());
  const ObjectId old_id = ParseObjectId(request.old_id).value_or(ObjectId{});
  const auto new_id = ParseObjectId(request.new_id);
  if (!new_id) return Fail(ErrorKind::kInvalid, "this transport deletes nothing");
  auto now = [&] {
    git_oid id;
    const int code = git_reference_name_to_id(&id, remote->get(), request.ref.c_str());
    git_error_clear();
    return code == 0 ? FromGitOid(id) : ObjectId{};
  };
  const auto moved = Fail(ErrorKind::kConflict, request.ref + " has moved");
  if (now() != old_id) return moved;
  std::ifstream file(request.pack_path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  PackSink sink(remote->get());
  int code = sink.Append(bytes.view().data(), bytes.view().size());
  if (code == 0) code = sink.Commit();
  if (code != 0) return GitFailure(code, "the remote's pack");
  // Not libgit2's, which reads the clock and the zone for a log that nobody keeps.
  auto update = RefUpdate::Begin(repository_, request.ref, *new_id);
  if (!update) return std::unexpected(update.error());
  if (now() != old_id) return moved;
  return update->Commit();
}

}  // namespace lockkeeper
