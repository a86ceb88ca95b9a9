#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "gitops/repository/repository.h"
#include "schemas/error.h"

namespace lockkeeper {

struct GraphCommit {
  std::string id;
  std::vector<uint32_t> parents;  ///< places in the graph, all of them before this one
  std::string subject;            ///< the first line, shortened
  std::string message;            ///< whole, of a commit that speaks of lockkeeper; else empty
  std::string author_name;
  std::string author_email;
  std::string committer_name;
  std::string committer_email;
  Instant time;
};

/// All commits that are reachable from one over any parent, parents before children: people merge, so
/// lockkeeper's commits need not be on the first parents. A run of commits with one parent and one child each
/// stands together, and the order is always the same for one head. Memory: some 400 bytes for each commit,
/// and the messages.
class CommitGraph {
 public:
  static Result<CommitGraph> Read(Repository& repository, const std::string& head);

  const std::vector<GraphCommit>& commits() const { return commits_; }
  const GraphCommit& operator[](uint32_t place) const { return commits_[place]; }
  std::optional<uint32_t> Find(std::string_view id) const;
  /// By place: whether `from` is it, or comes after it.
  std::vector<bool> ReachableFrom(uint32_t from) const;
  /// Commits that some of the parents of a merge reach and others do not, newest first; the bits say which of
  /// them (the first parent has bit 0) do. Costs what lies between the parents, not the whole history.
  /// Parents beyond the 64th are taken for the 64th.
  std::vector<std::pair<uint32_t, uint64_t>> ApartBehind(uint32_t merge) const;

 private:
  std::vector<GraphCommit> commits_;
  std::unordered_map<std::string, uint32_t> places_;  ///< looked up only, never gone through
};

}  // namespace lockkeeper
