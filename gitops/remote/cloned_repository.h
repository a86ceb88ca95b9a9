#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gitops/remote/clone_contents.h"
#include "gitops/remote/clone_folder.h"
#include "gitops/remote/clone_reader.h"
#include "gitops/remote/clone_upkeep.h"
#include "gitops/remote/clone_view.h"
#include "gitops/remote/remote_repository.h"
#include "gitops/repository/pack_writer.h"

namespace lockkeeper {

/// RemoteRepository over a CloneFolder and a RemoteTransport.
class ClonedRepository : public RemoteRepository {
 public:
  static Result<std::unique_ptr<RemoteRepository>> Open(const RemoteOptions& options,
                                                        std::unique_ptr<RemoteTransport> transport,
                                                        const CloneLimits& limits);

  Result<std::string> Fetch() override;
  const std::string& branch() const override { return branch_; }
  Result<std::string> Resolve(const std::string& revision) override { return reader_.Resolve(revision); }
  Result<std::vector<TreeDifference>> Diff(const std::string& from, const std::string& to) override {
    return reader_.Diff(from, to);
  }
  Result<std::string_view> ReadBlob(const std::string& id) override { return reader_.ReadBlob(id); }
  Result<TreeEntry> FindFile(const std::string& commit, std::string_view path) override {
    return reader_.FindFile(commit, path);
  }
  Result<std::string_view> ReadCommit(const std::string& id) override { return reader_.ReadCommit(id); }
  Result<void> WalkHistory(const std::string& from,
                           const std::function<bool(const CommitRecord&)>& visit) override {
    return reader_.WalkHistory(from, visit);
  }
  Result<std::vector<std::string>> Publish(const std::string& base,
                                           const std::vector<CommitDraft>& commits) override;

  Result<std::unique_ptr<Repository>> OpenReader() override;
  std::optional<std::chrono::seconds> retry_after() const override { return transport_->retry_after(); }
  std::vector<std::string> TakeProblems() override;

 private:
  ClonedRepository(const RemoteOptions& options, std::unique_ptr<RemoteTransport> transport,
                   const CloneLimits& limits, CloneFolder folder);

  // The clone's state.
  void UseWhatIsThere();
  Result<void> ReadWhatIsThere();
  Result<void> EnsureFolder();
  Result<void> FindDamage();
  Result<void> FindDamageAfterFailure();
  void Remember(const CloneContents& contents);
  void SetHead(const std::string& branch, const ObjectId& commit);
  void Report(std::string problem);

  // Fetching.
  struct Wanted {
    std::string git_dir;
    std::string branch;  ///< empty: the remote's HEAD
    ObjectId known;
  };
  Result<CloneRef> Receive(const Wanted& wanted);
  Result<std::string> FetchInto();
  enum class Why { kMissing, kDamaged, kGrown };
  Result<std::string> MendIfDamaged(const Error& found);
  Result<std::string> Mend(Why why, const std::string& words);
  Result<std::string> MakeAnew(Why why, const std::string& words);
  Result<std::string> TryToMakeAnew(Why why);
  Result<void> AllowRemaking();
  void Tidy();

  // Publishing.
  Result<void> EnsureClone();
  Result<std::vector<std::string>> Send(const ObjectId& base, const std::vector<ObjectId>& ids,
                                        InstalledPack& pack);
  Result<void> FindOutcome(const ObjectId& base, const ObjectId& ours, const Error& error);
  void NotePublished(const ObjectId& commit);

  RemoteOptions options_;
  std::unique_ptr<RemoteTransport> transport_;
  CloneLimits limits_;
  CloneFolder folder_;
  std::shared_ptr<CloneView> view_ = std::make_shared<CloneView>();
  CloneReader reader_;

  std::string branch_;
  CloneRef known_;                ///< our ref in the clone; no commit: there is none
  ObjectId head_;                 ///< the remote's branch at the last look; none: it does not exist
  std::vector<ClonePack> packs_;  ///< that must be in the clone
  std::optional<std::string> damage_;
  std::vector<std::string> problems_;
  bool is_untidy_ = true;    ///< packs have come since Tidy
  unsigned failures_ = 0;    ///< fetches in a row
  unsigned tidy_pause_ = 0;  ///< fetches until it is tried again
  std::vector<std::chrono::steady_clock::time_point> remakings_;
};

/// Whether `ancestor` can be reached from `commit`, not looking behind `boundary` (none: to the roots). False
/// where that would take too long.
Result<bool> IsAncestor(ObjectStore& store, const ObjectId& ancestor, const ObjectId& commit,
                        const ObjectId& boundary);

}  // namespace lockkeeper
