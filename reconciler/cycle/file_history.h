#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gitops/repository/repository.h"
#include "schemas/error.h"

namespace lockkeeper {

/// One commit's change of one file.
struct FileChange {
  uint32_t commit = 0;  ///< place in the history
  std::string entry;    ///< mode and id that the file has since; empty: it is gone
  std::string blob;     ///< the id
};

/// All commits behind one, over every parent, and which of them changed the files that are of interest. A
/// merge changes a file where it differs from any of its parents. It goes from commit to commit: each commit
/// is compared with its parents once. Memory: some 200 bytes for each commit, and the changes.
class FileHistory {
 public:
  using Wants = std::function<bool(const TreeEntry& entry)>;

  struct Commit {
    std::string id;
    std::vector<uint32_t> parents;
    uint32_t generation = 1;  ///< one more than the largest of its parents'
  };

  /// Moves to a commit. kInvalid: its history is not there (files on a disk, a shallow clone).
  Result<void> Follow(Repository& repository, const std::string& head, const Wants& wants);
  /// Other files are of interest from now on: everything is compared anew.
  void Forget();

  /// The last Follow came to a commit that does not have the one before behind it, or to the first one.
  bool has_jumped() const { return jumped_; }
  /// Files that the last Follow brought changes of; of use where it has not jumped.
  const std::set<std::string>& touched() const { return touched_; }

  /// Those behind the head, the newest first: a change stands before all that are behind it.
  std::vector<const FileChange*> ChangesOf(const std::string& path) const;
  /// Files that were there once, and are not at the head.
  std::vector<std::string> GonePaths() const;
  const Commit& commit(uint32_t place) const { return commits_[place]; }
  /// Of some commits those that are not behind `from`, nor it; all of them are behind the head.
  std::vector<uint32_t> NotBehind(uint32_t from, const std::vector<uint32_t>& places) const;

 private:
  Result<std::vector<uint32_t>> Collect(Repository& repository, const std::string& head);
  std::vector<uint32_t> Sorted(const std::vector<uint32_t>& fresh, uint32_t first);
  Result<void> Compare(Repository& repository, uint32_t place, const Wants& wants);
  bool ReachOn(uint32_t head, uint32_t before);
  void ReachAnew(uint32_t head);
  bool Before(const FileChange& a, const FileChange& b) const;

  std::vector<Commit> commits_;
  std::unordered_map<std::string, uint32_t> places_;        ///< looked up only, never gone through
  std::map<std::string, std::vector<FileChange>> changes_;  ///< by path, the oldest first
  std::vector<bool> behind_;                                ///< by place: the head, or behind it
  std::vector<uint32_t> of_generation_;                     ///< how many commits behind the head have it
  std::string head_;
  std::set<std::string> touched_;
  bool jumped_ = true;
};

}  // namespace lockkeeper
