#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "gitops/repository/repository.h"
#include "reconciler/cycle/manifest_trust.h"
#include "schemas/inventory/inventory.h"
#include "schemas/kinds/fleet.h"

namespace lockkeeper {

/// Keeps Fleet::calendars: the iCalendar files that schedules name, wherever in the tree they are. Only those
/// that are new, changed or newly named are read.
class CalendarReader {
 public:
  /// Once for each commit, when the fleet's schedules are those of `commit`. `changes` is what differs from
  /// the commit of the call before; `schedules_changed` may be true too often. Of a file that can never be
  /// had (kInvalid, kNotFound) CalendarFile::problem says why, and likewise of one that
  /// `judge` does not let count; any other error ends the call.
  Result<void> Update(Repository& repository, const std::string& commit,
                      const std::vector<TreeChange>& changes, bool schedules_changed, Fleet& fleet,
                      const JudgeFile& judge = {});

 private:
  std::set<std::string, std::less<>> wanted_;
};

}  // namespace lockkeeper
