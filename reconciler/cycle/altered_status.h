#pragma once

#include <map>
#include <set>
#include <string>

#include "gitops/repository/repository.h"
#include "reconciler/cycle/fleet_paths.h"
#include "schemas/error.h"

namespace lockkeeper {

/// Trailer of a commit that writes the status again from the history (`status rebuild`).
inline constexpr const char* kRebuiltTrailer = "Lockkeeper-Rebuilt-From";

/// Finds status files that somebody else than lockkeeper changed: by `git revert` of a bump above all, which
/// takes the record back along with the release, so that nobody would know any more that a person said no
/// (SPEC 1.5).
class AlteredStatus {
 public:
  /// Names below the status path that differ at `commit` from each of lockkeeper's newest commits before it,
  /// and that commit. What was known of an earlier commit is used again; the first call walks back to
  /// lockkeeper's newest commits, or to the roots. Empty for a repository that has no history (files on a
  /// disk).
  Result<std::map<std::string, std::string>> Find(Repository& repository, const std::string& commit,
                                                  const FleetPaths& paths);

 private:
  /// What one of lockkeeper's commits leaves open: files that were altered before it, and where to look for
  /// what they were.
  struct Own {
    std::vector<std::string> held;
    std::vector<std::string> parents;
  };
  using OwnCommits = std::map<std::string, Own>;

  Result<OwnCommits> NewestOwn(Repository& repository, std::vector<std::string> starts);
  Result<bool> IsAltered(Repository& repository, const std::string& commit, const std::string& path,
                         const std::string& name, const OwnCommits& newest, std::string& base);

  std::string known_commit_;
  OwnCommits known_own_;  ///< lockkeeper's newest commits at or before it
};

}  // namespace lockkeeper
