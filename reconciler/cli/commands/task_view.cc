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

enum class ChangeState : uint8_t { kNone, kWaiting, kDue, kMade, kRefused, kLeft };

ChangeState ChangesOf(const ShownTask& task) {
  if (task.record.changed_at) return ChangeState::kMade;
  if (task.changes_now) return ChangeState::kDue;
  if (task.waiting != nullptr)
    return task.waiting->gate == "ref" ? ChangeState::kRefused : ChangeState::kWaiting;
  const bool asks = task.manifest != nullptr && !task.manifest->task->changes.empty();
  // It is done, a later date has taken its place, or the cluster is not selected any more.
  return asks ? ChangeState::kLeft : ChangeState::kNone;
}

std::string_view Name(ChangeState state) {
  constexpr std::array<std::string_view, 6> kNames{"none", "waiting", "due", "made", "refused", "left"};
  return kNames[static_cast<size_t>(state)];
}

std::string ChangesText(const ShownTask& task, Instant now) {
  switch (ChangesOf(task)) {
    case ChangeState::kMade:
      return fmt::format("changes made {}", RelativeText(*task.record.changed_at, now));
    case ChangeState::kDue:
      return "changes are due now";
    case ChangeState::kWaiting:
      return fmt::format("changes wait{}: {}: {}",
                         task.waiting->until ? " until " + WhenText(*task.waiting->until, now) : "",
                         task.waiting->gate, task.waiting->why);
    case ChangeState::kRefused:
      return fmt::format("changes are refused: {}", task.waiting->why);
    case ChangeState::kLeft:
      return task.record.state == TaskState::kDone ? "" : "changes are not made any more";
    case ChangeState::kNone:
      break;
  }
  return {};
}

ordered_json ScalarsJson(const std::vector<ScalarChange>& changes) {
  auto list = ordered_json::array();
  for (const ScalarChange& change : changes) {
    list.push_back(
        ordered_json{{"file", change.file}, {"path", change.path}, {"from", change.from}, {"to", change.to}});
  }
  return list;
}

ordered_json ChangesJson(const ShownTask& task) {
  const WaitingChanges* waiting = task.waiting;
  return {{"state", Name(ChangesOf(task))},
          {"at", InstantJson(task.record.changed_at)},
          {"until", InstantJson(waiting == nullptr ? std::nullopt : waiting->until)},
          {"gate", waiting == nullptr ? "" : waiting->gate},
          {"message", waiting == nullptr ? task.record.problem : waiting->why},
          {"made", ScalarsJson(task.record.changes)}};
}

std::string StateRemark(const ShownTask& task, Instant now);

std::string Remark(const ShownTask& task, Instant now) {
  std::string remark = StateRemark(task, now);
  const std::string changes = ChangesText(task, now);
  if (!remark.empty() && !changes.empty()) remark += "; ";
  return remark + changes;
}

std::string StateRemark(const ShownTask& task, Instant now) {
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
          {"changes", ChangesJson(task)},
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

namespace {

template <class F>
void ForEachTask(const Plan& plan, F&& use) {
  for (const TaskTransition& task : plan.tasks) use(task);
  for (const TaskEdits& made : plan.task_edits) use(made.transition);
}

std::string_view ActionWord(const TaskTransition& task) {
  if (task.step == TaskStep::kOpen) return "due";
  return task.step == TaskStep::kChanged ? "change" : Name(task.step);
}

Paint PaintOf(TaskStep step) {
  if (step == TaskStep::kOverdue || step == TaskStep::kRefused) return Paint::kRed;
  return step == TaskStep::kChanged ? Paint::kGreen : Paint::kYellow;
}

std::string DecisionText(const TaskTransition& task) {
  std::string text{ActionWord(task)};
  if (!task.problem.empty()) text += ": " + task.problem;
  for (const ScalarChange& change : task.changes)
    text += fmt::format("{} {}: {}", text.ends_with("change") ? "" : ",", change.path, change.to);
  return text;
}

}  // namespace

std::string PlannedTasksText(const Plan& plan, const Style& style) {
  if (plan.tasks.empty() && plan.task_edits.empty()) return {};
  TextTable table({"TASK", "DATE", "CLUSTERS", "DECISION"});
  ForEachTask(plan, [&](const TaskTransition& task) {
    table.Add({{task.task.str(), Paint::kBold},
               {FormatDate(task.date)},
               {task.clusters.size() == 1 ? task.clusters.front()
                : task.clusters.empty()   ? ""
                                          : std::to_string(task.clusters.size()),
                Paint::kCyan},
               {DecisionText(task), PaintOf(task.step)}});
  });
  return table.Render(style);
}

ordered_json PlannedTasksJson(const Plan& plan) {
  auto list = ordered_json::array();
  ForEachTask(plan, [&](const TaskTransition& task) {
    ordered_json json{{"task", task.task.str()},
                      {"date", FormatDate(task.date)},
                      {"action", ActionWord(task)},
                      {"clusters", task.clusters}};
    if (task.step == TaskStep::kChanged) json["changes"] = ScalarsJson(task.changes);
    if (!task.problem.empty()) json["message"] = task.problem;
    list.push_back(std::move(json));
  });
  return list;
}

}  // namespace lockkeeper
