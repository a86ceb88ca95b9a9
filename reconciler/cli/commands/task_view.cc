#include "reconciler/cli/commands/task_view.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "reconciler/cli/output/display_width.h"
#include "reconciler/cli/output/text_table.h"
#include "reconciler/cli/output/time_text.h"
#include "reconciler/core/status/task_file.h"

namespace lockkeeper {
namespace {

using nlohmann::ordered_json;

Paint PaintOf(TaskState state) {
  switch (state) {
    case TaskState::kOpen:
      return Paint::kYellow;
    case TaskState::kOverdue:
      return Paint::kRed;
    case TaskState::kDone:
      break;
  }
  return Paint::kGreen;
}

ordered_json InstantJson(const std::optional<Instant>& at) {
  return at ? ordered_json(FormatInstant(*at)) : ordered_json(nullptr);
}

/// When an open one becomes, or has become, overdue.
std::optional<Instant> OverdueAt(const ShownTask& task) {
  if (task.record.state != TaskState::kOpen) return task.record.overdue_at;
  if (task.manifest == nullptr || !task.manifest->task->due_within) return std::nullopt;
  return task.record.due + *task.manifest->task->due_within;
}

std::string Remark(const ShownTask& task, Instant now) {
  if (task.record.state == TaskState::kDone) {
    std::string text = fmt::format("{}{}", RelativeText(*task.record.done_at, now),
                                   task.record.done_by.empty() ? "" : ", by " + task.record.done_by);
    return task.record.note.empty() ? text : fmt::format("{}: {}", text, task.record.note);
  }
  if (task.manifest == nullptr) return "manifest removed";
  if (task.record.state == TaskState::kOverdue) return {};
  auto overdue = OverdueAt(task);
  return overdue ? fmt::format("overdue {}", RelativeText(*overdue, now)) : "";
}

std::array<size_t, 2> OpenAndOverdue(const TaskBook& book) {
  std::array<size_t, 2> counts{};
  for (const auto& [key, record] : book) {
    if (record.state == TaskState::kOpen) ++counts[0];
    if (record.state == TaskState::kOverdue) ++counts[1];
  }
  return counts;
}

}  // namespace

ordered_json TaskJson(const ShownTask& task) {
  return {{"task", task.key.task.str()},
          {"date", FormatDate(task.key.date)},
          {"cluster", task.key.cluster},
          {"state", Name(task.record.state)},
          {"due", FormatInstant(task.record.due)},
          {"openedAt", FormatInstant(task.record.opened_at)},
          {"overdueAt", InstantJson(OverdueAt(task))},
          {"doneAt", InstantJson(task.record.done_at)},
          {"doneBy", task.record.done_by},
          {"note", task.record.note},
          {"checklist", task.record.checklist},
          {"manifest", task.manifest != nullptr},
          {"file", TaskFilePath(task.key)}};
}

ordered_json ComingJson(const TaskModel& task, Instant now) {
  auto next = task.calendar ? task.calendar->FirstAfter(now) : std::nullopt;
  return {{"task", task.task->name.str()},
          {"nextDue", next ? ordered_json(FormatInstant(next->due)) : ordered_json(nullptr)},
          {"nextDate", next ? ordered_json(FormatDate(next->date)) : ordered_json(nullptr)},
          {"clusters", task.is_for_each_cluster ? ordered_json(task.names) : ordered_json(nullptr)},
          {"problem", task.problem}};
}

std::string TaskTable(const std::vector<ShownTask>& tasks, Instant now, const Style& style) {
  TextTable table({"TASK", "DATE", "CLUSTER", "STATE", "DUE", ""});
  for (const ShownTask& task : tasks) {
    table.Add({{task.key.task.str(), Paint::kBold},
               {FormatDate(task.key.date)},
               {task.key.cluster, Paint::kCyan},
               {std::string{Name(task.record.state)}, PaintOf(task.record.state)},
               {WhenText(task.record.due, now)},
               {Remark(task, now), Paint::kDim}});
  }
  return table.Render(style);
}

std::string ComingTable(const std::vector<TaskModel>& tasks, Instant now, const Style& style) {
  TextTable table({"TASK", "NEXT DUE", "CLUSTERS", "HELD"});
  for (const TaskModel& task : tasks) {
    auto next = task.calendar ? task.calendar->FirstAfter(now) : std::nullopt;
    const std::string never = task.problem.empty() ? "never again" : "";
    table.Add({{task.task->name.str(), Paint::kBold},
               {next ? WhenText(next->due, now, task.task->time_zone.value) : never},
               {task.is_for_each_cluster ? std::to_string(task.names.size()) : "", Paint::kCyan},
               {task.problem, Paint::kRed}});
  }
  return table.Render(style);
}

std::string TaskCounts(const TaskBook& book, const Style& style) {
  const auto [open, overdue] = OpenAndOverdue(book);
  std::string text;
  if (overdue > 0) text = style(Paint::kRed, fmt::format("{} overdue", overdue));
  if (open > 0) {
    if (!text.empty()) text += ", ";
    text += style(Paint::kYellow, fmt::format("{} open", open));
  }
  return text;
}

ordered_json TaskCountsJson(const TaskBook& book) {
  const auto [open, overdue] = OpenAndOverdue(book);
  return {{"open", open}, {"overdue", overdue}};
}

std::string PlannedTasksText(const Plan& plan, const Style& style) {
  if (plan.tasks.empty()) return {};
  TextTable table({"TASK", "DATE", "CLUSTERS", "DECISION"});
  for (const TaskTransition& task : plan.tasks) {
    table.Add({{task.task.str(), Paint::kBold},
               {FormatDate(task.date)},
               {task.clusters.size() == 1 ? task.clusters.front()
                : task.clusters.empty()   ? ""
                                          : std::to_string(task.clusters.size()),
                Paint::kCyan},
               {task.state == TaskState::kOpen ? "due" : "overdue", PaintOf(task.state)}});
  }
  return table.Render(style);
}

ordered_json PlannedTasksJson(const Plan& plan) {
  auto list = ordered_json::array();
  for (const TaskTransition& task : plan.tasks) {
    list.push_back({{"task", task.task.str()},
                    {"date", FormatDate(task.date)},
                    {"action", task.state == TaskState::kOpen ? "due" : "overdue"},
                    {"clusters", task.clusters}});
  }
  return list;
}

}  // namespace lockkeeper
