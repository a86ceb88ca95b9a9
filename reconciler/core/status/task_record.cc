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

std::string_view Name(TaskStep step) {
  switch (step) {
    case TaskStep::kOpen:
      return Name(TaskState::kOpen);
    case TaskStep::kOverdue:
      return Name(TaskState::kOverdue);
    case TaskStep::kDone:
      return Name(TaskState::kDone);
    case TaskStep::kChanged:
      return "changed";
    case TaskStep::kRefused:
      break;
  }
  return "refused";
}

std::optional<TaskStep> ParseTaskStep(std::string_view word) {
  for (TaskStep step :
       {TaskStep::kOpen, TaskStep::kOverdue, TaskStep::kDone, TaskStep::kChanged, TaskStep::kRefused}) {
    if (Name(step) == word) return step;
  }
  return std::nullopt;
}

std::string FormatDate(std::chrono::local_days date) {
  constexpr size_t kDateBytes = std::string_view{"2026-01-05"}.size();
  return FormatCivil(CivilTime{date}).substr(0, kDateBytes);
}

}  // namespace lockkeeper
