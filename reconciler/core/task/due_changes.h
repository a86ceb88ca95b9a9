#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "reconciler/core/plan/decision.h"
#include "reconciler/core/status/task_record.h"
#include "schemas/error.h"
#include "schemas/inventory/glob.h"
#include "schemas/kinds/fleet_settings.h"
#include "schemas/kinds/task.h"

namespace lockkeeper {

/// One scalar that a due date sets, with every name filled in.
struct ScalarToSet {
  std::string file;
  std::string path;
  std::string value;
};

/// What one due date sets, in the order of the manifest: all of it in one commit, or nothing.
struct DueChanges {
  TaskKey key;
  bool is_open = false;  ///< made in this pass, if the bytes allow it, so that what follows finds it made
  std::vector<ScalarToSet> scalars;
};

/// What the shell saw when it tried one due date's changes on the files of the commit that is planned from.
struct TaskTrial {
  /// As many as there are scalars, in their order, with what stands there now; one whose value stands there
  /// already has nothing to change.
  std::vector<RefEdit> edits;
  std::string refusal;  ///< why the bytes cannot be changed, one line; empty: they can
};
using TaskTrials = std::map<TaskKey, TaskTrial>;

/// What no task may touch, told by the path alone: the Fleet, what its folders for manifests and releases
/// hold, and the status.
class GuardedFiles {
 public:
  explicit GuardedFiles(const FleetSettings& settings);
  /// Why the file may not be changed; empty: it may, as far as its path says.
  std::string WhyNot(std::string_view file) const;

 private:
  std::vector<Glob> manifests_;
  std::vector<Glob> releases_;
  std::string status_path_;
};

/// Fills in {cluster}, {namespace}, {task} and {date}.
ScalarToSet FillIn(const TaskChange& change, const TaskKey& key, std::string_view ns);

/// The same for all of a task's. kInvalid, as one line: a name leads out of the
/// repository, or to a file that no task may touch.
Result<std::vector<ScalarToSet>> FillIn(const MaintenanceTask& task, const TaskKey& key, std::string_view ns,
                                        const GuardedFiles& guarded);

}  // namespace lockkeeper
