#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "reconciler/core/status/task_record.h"
#include "reconciler/cycle/commit_files.h"

namespace lockkeeper {

struct TaskDoneRequest {
  std::string task;                             ///< NAME or NAMESPACE/NAME
  std::optional<std::chrono::local_days> date;  ///< absent: the only one that is open
  std::optional<std::string> cluster;           ///< absent: the only one that is open
  bool all = false;                             ///< every open one that the others let through
  std::string by;
  std::string note;  ///< may be empty
  Instant now;
};

struct TaskDoneChange {
  FileChanges changes;
  std::vector<TaskKey> done;
};

/// `lockkeeper task done`: closes what is open or overdue, with the trailers that `status rebuild` reads.
/// kNotFound: nothing open is meant, with what is there. kInvalid: it is not plain which one is meant, or its
/// file cannot be trusted.
Result<TaskDoneChange> DecideTaskDone(const FleetState& state, const TaskDoneRequest& request);

}  // namespace lockkeeper
