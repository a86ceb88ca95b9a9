#include "reconciler/cycle/task_done.h"

#include <fmt/format.h>

#include <vector>

#include "reconciler/core/render/changes.h"
#include "reconciler/core/status/task_file.h"
#include "reconciler/core/status/write_status.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {
namespace {

using Entry = TaskBook::value_type;

constexpr size_t kNamedMax = 10;

bool IsNamed(const ObjectName& name, const std::string& wanted) {
  return wanted == name.str() || (name.ns == "default" && wanted == name.name);
}

/// `2026-01-05 of a, 2026-01-05 of b and 3 more`.
std::string ListOf(const std::vector<const Entry*>& entries) {
  std::vector<std::string> words;
  for (size_t i = 0; i < entries.size() && i < kNamedMax; ++i) {
    const TaskKey& key = entries[i]->first;
    words.push_back(FormatDate(key.date) + (key.cluster.empty() ? "" : " of " + key.cluster));
  }
  std::string text = Listed(words);
  if (entries.size() > kNamedMax) text += fmt::format(" and {} more", entries.size() - kNamedMax);
  return text;
}

/// Nothing of what is meant is open.
Error NothingOpen(const FleetState& state, const TaskDoneRequest& request,
                  const std::vector<const Entry*>& done) {
  if (!done.empty()) {
    const auto& [key, record] = *done.back();
    return {ErrorKind::kNotFound, fmt::format("task {}: {} is done already, since {}{}", key.task.str(),
                                              ListOf({done.back()}), FormatInstant(*record.done_at),
                                              record.done_by.empty() ? "" : " by " + record.done_by)};
  }
  std::vector<std::string> names;
  std::vector<const Entry*> open;
  for (const Entry& entry : state.tasks.book) {
    names.push_back(entry.first.task.str());
    if (IsNamed(entry.first.task, request.task) && entry.second.state != TaskState::kDone)
      open.push_back(&entry);
  }
  if (!open.empty()) {
    return {ErrorKind::kNotFound, fmt::format("task {}: nothing of that date and cluster is open; open is {}",
                                              request.task, ListOf(open))};
  }
  for (const MaintenanceTask& task : state.fleet.tasks) {
    names.push_back(task.name.str());
    if (IsNamed(task.name, request.task)) {
      return {ErrorKind::kNotFound,
              fmt::format("task {}: nothing is open; 'lockkeeper task list' tells when it "
                          "falls due",
                          request.task)};
    }
  }
  return {ErrorKind::kNotFound,
          fmt::format("TASK: there is no task {}{}", Quoted(request.task), DidYouMean(request.task, names))};
}

Record RecordOf(const std::vector<const Entry*>& meant, const FleetState& state,
                const TaskDoneRequest& request) {
  Record record{.at = request.now, .decided_on = state.fleet.commit, .transitions = {}};
  for (const Entry* entry : meant) {
    const TaskKey& key = entry->first;
    auto add = [&]() -> TaskTransition& {
      return record.tasks.emplace_back(TaskTransition{.task = key.task,
                                                      .date = key.date,
                                                      .step = TaskStep::kDone,
                                                      .by = request.by,
                                                      .note = request.note});
    };
    if (key.cluster.empty()) {
      add();
      continue;
    }
    const bool same = !record.tasks.empty() && record.tasks.back().date == key.date &&
                      !record.tasks.back().clusters.empty();
    (same ? record.tasks.back() : add()).clusters.push_back(key.cluster);
  }
  return record;
}

}  // namespace

Result<TaskDoneChange> DecideTaskDone(const FleetState& state, const TaskDoneRequest& request) {
  std::vector<const Entry*> open;
  std::vector<const Entry*> done;
  for (const Entry& entry : state.tasks.book) {
    const TaskKey& key = entry.first;
    if (!IsNamed(key.task, request.task) || (request.date && key.date != *request.date) ||
        (request.cluster && key.cluster != *request.cluster)) {
      continue;
    }
    (entry.second.state == TaskState::kDone ? done : open).push_back(&entry);
  }
  if (open.empty()) return std::unexpected(NothingOpen(state, request, done));
  if (open.size() > 1 && !request.all) {
    return Invalid(fmt::format("task {}: {} are open: {}; say which with --date and --cluster, or --all",
                               request.task, open.size(), ListOf(open)));
  }
  for (const Entry* entry : open) {
    auto broken = state.tasks.broken.find(TaskFilePath(entry->first));
    if (broken == state.tasks.broken.end()) continue;
    return Invalid(
        fmt::format("{}: {}; 'lockkeeper status rebuild' writes it anew", broken->first, broken->second));
  }
  Change change{.edits = {}, .record = RecordOf(open, state, request), .documents = {}, .clusters = {}};
  change.record.held = state.altered_files;
  TaskDoneChange out;
  for (const Entry* entry : open) out.done.push_back(entry->first);
  TaskBook book = state.tasks.book;
  for (StatusWrite& write : WriteTasks(change.record, book)) {
    out.changes.writes.push_back({.path = state.fleet.settings->status.path + write.path,
                                  .content = std::move(write.content),
                                  .remove = false});
  }
  out.changes.message = CommitMessage(change);
  return out;
}

}  // namespace lockkeeper
