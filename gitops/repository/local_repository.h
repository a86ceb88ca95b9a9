#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gitops/repository/commit_reader.h"
#include "gitops/repository/git_library.h"
#include "gitops/repository/pack_writer.h"
#include "gitops/repository/receive_hooks.h"
#include "gitops/repository/ref_update.h"
#include "gitops/repository/repository.h"
#include "gitops/repository/work_tree.h"

namespace lockkeeper {

/// Works in the repository itself: reads its objects, adds a pack, moves the branch as `git receive-pack`
/// does.
class LocalRepository : public Repository {
 public:
  static Result<std::unique_ptr<Repository>> Open(const OpenOptions& options);

  Result<std::string> Fetch() override;
  const std::string& branch() const override { return branch_; }
  Result<std::string> Resolve(const std::string& revision) override;
  Result<std::vector<TreeDifference>> Diff(const std::string& from, const std::string& to) override;
  Result<std::string_view> ReadBlob(const std::string& id) override;
  Result<TreeEntry> FindFile(const std::string& commit, std::string_view path) override;
  Result<std::string_view> ReadCommit(const std::string& id) override;
  Result<void> WalkHistory(const std::string& from,
                           const std::function<bool(const CommitRecord&)>& visit) override;
  Result<std::vector<std::string>> Publish(const std::string& base,
                                           const std::vector<CommitDraft>& commits) override;

 private:
  LocalRepository(GitRepositoryHandle repository, ObjectStore store, OpenOptions options);

  Result<void> ChooseBranch();
  std::string BranchList() const;
  /// The ref that is moved: the branch, or what it points to if it is symbolic. The id is none if it does not
  /// exist.
  struct Target {
    std::string ref;
    ObjectId id;
  };
  Result<Target> ResolveBranch() const;

  struct Publication;
  Result<void> Prepare(Publication& publication) const;
  Result<void> CheckCreation(const std::string& ref) const;
  Result<void> Move(Publication& publication, const CommitDraft& last);
  Result<void> UpdateWorkTrees(const Publication& publication);
  Result<void> LogMove(const Publication& publication, const CommitDraft& last) const;

  GitRepositoryHandle repository_;
  std::string location_;
  std::string git_dir_;
  std::string common_dir_;
  std::string branch_;
  CommitReader reader_;
};

}  // namespace lockkeeper
