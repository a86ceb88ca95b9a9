#include "reconciler/core/status/task_record.h"

namespace lockkeeper {

std::string_view Name(TaskState state) {
  switch (state) {
    case TaskState::kOpen:
      return "open";
    case TaskState::kOverdue:
      return "overdue";
    case TaskState::kDone:
      break;
  }
  return "done";
}

std::optional<TaskState> ParseTaskState(std::string_view word) {
  for (TaskState state : {TaskState::kOpen, TaskState::kOverdue, TaskState::kDone}) {
    if (Name(state) == word) return state;
  }
  return std::nullopt;
}

std::string FormatDate(std::chrono::local_days date) {
  constexpr size_t kDateBytes = std::string_view{"2026-01-05"}.size();
  return FormatCivil(CivilTime{date}).substr(0, kDateBytes);
}

}  // namespace lockkeeper
