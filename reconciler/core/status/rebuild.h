#pragma once

#include <map>
#include <string>
#include <vector>

#include "reconciler/core/status/record.h"
#include "reconciler/core/status/transition.h"
#include "reconciler/core/status/write_status.h"

namespace lockkeeper {

/// Makes the status files again from the history alone. Feed it the record of each commit that is reachable
/// from the branch, parents before children: lockkeeper's own commits are made one upon the other, so their
/// order is then always the same, whatever people merged around them. Memory follows the result (the final
/// status and every history entry), not the number of commits.
class StatusRebuild {
 public:
  void Add(const Record& record);

  /// Every file that must lie below the Fleet's status path, sorted by path; any other `.yaml` of a status or
  /// a history there must go. The same bytes that WriteStatus made, record after record.
  std::vector<StatusWrite> Files() const;

  const StatusBook& book() const { return book_; }

 private:
  StatusBook book_;
  std::map<std::string, std::vector<std::string>> entries_;  ///< by cluster, oldest first
};

}  // namespace lockkeeper
