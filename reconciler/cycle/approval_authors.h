#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "gitops/repository/repository.h"
#include "schemas/error.h"
#include "schemas/kinds/fleet.h"

namespace lockkeeper {

/// Finds who committed the files of approvals as they are: the author of the commit that gave a file its
/// present bytes at its present place. Where people merged it is the commit on the side that brought the
/// bytes in, not the merge; whoever changed the file and changed it back is the author.
class ApprovalAuthors {
 public:
  /// Sets UpgradeApproval::author of all approvals in `fleet`, which is what `commit` says. Of those whose
  /// upgrade is not there it is empty, since nobody asks; likewise where the history does not reach as far (a
  /// shallow clone) or where there is none (files on a disk). A function of the commit alone: what was found
  /// at the commits of the last kKnownMax calls only ends the way back earlier. The first call costs a few
  /// objects for each commit since the oldest of the files was changed.
  /// With `name_of` a commit's author is whom that says, the same for a commit at every call.
  using NameOf = std::function<Result<std::string>(const CommitRecord& commit)>;
  Result<void> Fill(Repository& repository, const std::string& commit, Fleet& fleet,
                    const NameOf& name_of = {});

 private:
  /// Commits. Whoever reads a whole history goes from side to side of its merges.
  static constexpr size_t kKnownMax = 1'000;
  using Authors = std::map<std::string, std::string>;  ///< by path
  /// Files on the way back through the history, at commits that have them as they are now; by path.
  using Trails = std::map<std::string, TreeEntry>;

  Result<Trails> Begin(Repository& repository, const std::string& commit, const Fleet& fleet) const;
  Result<void> Follow(Repository& repository, const std::string& start, Trails trails);
  Result<void> Step(Repository& repository, const CommitRecord& last, const std::string& parent,
                    Trails& trails);
  Result<void> Leave(Repository& repository, const CommitRecord& last, TreeEntry entry);

  Result<void> Found(const CommitRecord& commit, const std::string& path);
  void Remember(const std::string& commit);

  std::map<std::string, std::shared_ptr<const Authors>> known_;  ///< by commit
  std::deque<std::string> known_commits_;                        ///< the oldest first
  NameOf name_of_;
  Authors found_;                          ///< at the commit of this call
  std::map<std::string, Trails> waiting_;  ///< by the commit to go on from
};

}  // namespace lockkeeper
