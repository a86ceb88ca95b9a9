#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "reconciler/core/status/record.h"
#include "reconciler/core/status/transition.h"
#include "reconciler/core/status/write_status.h"

namespace lockkeeper {

/// Makes the status files again from the history alone. Feed it every commit that is reachable from the
/// branch, parents before children: lockkeeper's own commits are made one upon the other, so their order is
/// then always the same, whatever people merged around them. Memory follows the result (the final status and
/// every history entry) and, at 100 bytes a record, the history.
class StatusRebuild {
 public:
  /// Messages that record nothing are passed over. So are trailers of ours that make no sense: no writer ever
  /// acted on them, and a commit cannot be mended later; problems() tells of them.
  void AddCommit(std::string_view commit, std::string_view message);

  /// A record that was there already is a copy of that decision (a cherry-pick, the message of a merge, a
  /// rebase) and changes nothing: no two decisions share instant, commit and transitions.
  void Add(const Record& record);

  /// Every file that must lie below the Fleet's status path, sorted by path; any other status or history
  /// there must go. The same bytes that WriteStatus made, record after record.
  std::vector<StatusWrite> Files() const;

  const StatusBook& book() const { return book_; }
  const TaskBook& tasks() const { return tasks_; }
  /// `<commit>: <what is wrong>`, in the order of the commits.
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  StatusBook book_;
  TaskBook tasks_;
  std::map<std::string, std::vector<std::string>> entries_;  ///< by cluster, oldest first
  std::set<std::string> seen_;                               ///< hashes of records
  std::vector<std::string> problems_;
};

}  // namespace lockkeeper
