#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/instant.h"
#include "schemas/kinds/object.h"

namespace lockkeeper {

enum class TaskState : uint8_t { kOpen, kOverdue, kDone };
std::string_view Name(TaskState state);
std::optional<TaskState> ParseTaskState(std::string_view word);

/// What a commit may say of a due date. The first three are the states that it goes through.
enum class TaskStep : uint8_t {
  kOpen,
  kOverdue,
  kDone,
  kChanged,  ///< its changes are made in this very commit
  kRefused,  ///< its changes were tried, and cannot be made
};
std::string_view Name(TaskStep step);
std::optional<TaskStep> ParseTaskStep(std::string_view word);

/// One scalar that a task has set; where `from` is `to` it stood there already.
struct ScalarChange {
  std::string file;
  std::string path;
  std::string from;
  std::string to;
  bool operator==(const ScalarChange&) const = default;
};

/// One due date of a MaintenanceTask, of the fleet or of one cluster: what has a file of its own (SPEC 2.10).
struct TaskKey {
  ObjectName task;
  std::chrono::local_days date;  ///< in the task's zone, of which the manifest may have another one by now
  std::string cluster;           ///< empty: the task is one for the fleet
  auto operator<=>(const TaskKey&) const = default;
};

struct TaskRecord {
  TaskState state = TaskState::kOpen;
  Instant due;
  Instant opened_at;  ///< when a pass wrote it down, which may be long after `due`
  std::optional<Instant> overdue_at;
  std::optional<Instant> done_at;
  std::string done_by;
  std::string note;
  std::vector<std::string> checklist{};  ///< as the manifest had it when it fell due
  std::optional<Instant> changed_at{};   ///< when its changes were made, all in one commit
  std::vector<ScalarChange> changes{};
  std::string
      problem{};  ///< why its changes were refused when they were tried last; empty once they are made
  bool operator==(const TaskRecord&) const = default;
};

/// What the files of tasks say, or the history. Sorted by task, date and cluster.
using TaskBook = std::map<TaskKey, TaskRecord>;

/// What is known of tasks at one commit.
struct TaskStatus {
  TaskBook book;
  /// Files that cannot be read, or are not as lockkeeper left them, by their names below the status path, and
  /// why: nothing is decided about what has its place there.
  std::map<std::string, std::string> broken;
};

/// `2026-01-05`.
std::string FormatDate(std::chrono::local_days date);

}  // namespace lockkeeper
