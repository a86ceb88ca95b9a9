#include "reconciler/core/status/task_file.h"

#include <fmt/format.h>

#include "reconciler/core/status/yaml_text.h"
#include "schemas/yaml/node.h"

namespace lockkeeper {
namespace {

/// A checklist is at most as long as a manifest, which escaping may make longer.
constexpr YamlLimits kLimits{
    .bytes_max = size_t{8} << 20, .documents_max = 1, .nodes_max = 200'000, .depth_max = 10};

void AppendText(std::string_view key, std::string_view value, std::string& out) {
  if (value.empty()) return;
  out += fmt::format("  {}: ", key);
  AppendYamlScalar(value, out);
  out += '\n';
}

void AppendTime(std::string_view key, const std::optional<Instant>& instant, std::string& out) {
  if (instant) out += fmt::format("  {}: {}\n", key, FormatInstant(*instant));
}

void AppendChanges(const std::vector<ScalarChange>& changes, std::string& out) {
  if (!changes.empty()) out += "  changes:\n";
  for (const ScalarChange& change : changes) {
    out += fmt::format("  - file: {}\n    path: {}\n    from: {}\n    to: {}\n", YamlScalar(change.file),
                       YamlScalar(change.path), YamlScalar(change.from), YamlScalar(change.to));
  }
}

class TaskReader {
 public:
  explicit TaskReader(std::string_view file) : file_(file) {}

  Result<std::pair<TaskKey, TaskRecord>> Read(const YamlNode& root) {
    const YamlNode* metadata = root.Find("metadata");
    const YamlNode* status = root.Find("status");
    if (Text(root, "kind") != "MaintenanceTask" || metadata == nullptr || status == nullptr ||
        !status->is_mapping()) {
      Fail(root, "this is no status file of a MaintenanceTask");
    } else {
      ReadName(*metadata);
      ReadStatus(*status);
    }
    if (!error_.empty()) return Invalid(error_);
    return std::pair{std::move(key_), std::move(record_)};
  }

 private:
  void Fail(const YamlNode& at, std::string_view what) {
    if (!error_.empty()) return;
    error_ = fmt::format("{}:{}:{}: {}; run 'lockkeeper status rebuild'", file_, at.mark.line, at.mark.column,
                         what);
  }

  std::string Text(const YamlNode& parent, std::string_view key) {
    const YamlNode* node = parent.Find(key);
    if (node == nullptr) return "";
    if (!node->is_scalar()) Fail(*node, fmt::format("{} must be text", key));
    return node->value;
  }

  std::optional<Instant> Time(const YamlNode& parent, std::string_view key) {
    const std::string text = Text(parent, key);
    if (text.empty()) return std::nullopt;
    auto instant = ParseInstant(text);
    if (instant) return *instant;
    Fail(*parent.Find(key), instant.error().message);
    return std::nullopt;
  }

  Instant NeededTime(const YamlNode& parent, std::string_view key) {
    auto instant = Time(parent, key);
    if (!instant) Fail(parent, fmt::format("{} is missing", key));
    return instant.value_or(Instant{});
  }

  void ReadName(const YamlNode& metadata) {
    key_.task = {.ns = Text(metadata, "namespace"), .name = Text(metadata, "name")};
    if (key_.task.ns.empty() || key_.task.name.empty())
      Fail(metadata, "name and namespace must not be empty");
  }

  void ReadStatus(const YamlNode& status) {
    auto date = ParseDate(Text(status, "date"));
    if (!date) Fail(status, fmt::format("date: {}", date.error().message));
    key_.date = date.value_or(std::chrono::local_days{});
    key_.cluster = Text(status, "cluster");
    auto state = ParseTaskState(Text(status, "state"));
    if (!state) Fail(status, "state must be open, overdue or done");
    record_.state = state.value_or(TaskState::kOpen);
    record_.due = NeededTime(status, "due");
    record_.opened_at = NeededTime(status, "openedAt");
    record_.overdue_at = Time(status, "overdueAt");
    record_.done_at = Time(status, "doneAt");
    if (record_.state == TaskState::kOverdue && !record_.overdue_at) Fail(status, "overdueAt is missing");
    if ((record_.state == TaskState::kDone) != record_.done_at.has_value())
      Fail(status, "doneAt belongs to what is done, and to nothing else");
    record_.done_by = Text(status, "doneBy");
    record_.note = Text(status, "note");
    record_.changed_at = Time(status, "changedAt");
    record_.problem = Text(status, "problem");
    ReadChecklist(status);
    ReadChanges(status);
  }

  void ReadChecklist(const YamlNode& status) {
    const YamlNode* checklist = status.Find("checklist");
    if (checklist == nullptr) return;
    if (!checklist->is_sequence()) return Fail(*checklist, "checklist must be a list");
    for (const YamlNode& step : checklist->children) {
      if (!step.is_scalar()) Fail(step, "a step of the checklist must be text");
      record_.checklist.push_back(step.value);
    }
  }

  void ReadChanges(const YamlNode& status) {
    const YamlNode* changes = status.Find("changes");
    if (changes == nullptr) return;
    if (!changes->is_sequence() || !record_.changed_at)
      return Fail(*changes, "changes must be a list, and belong to changedAt");
    for (const YamlNode& change : changes->children) {
      if (!change.is_mapping()) return Fail(change, "a change must be a mapping");
      record_.changes.push_back({.file = Text(change, "file"),
                                 .path = Text(change, "path"),
                                 .from = Text(change, "from"),
                                 .to = Text(change, "to")});
    }
  }

  std::string_view file_;
  TaskKey key_;
  TaskRecord record_;
  std::string error_;
};

}  // namespace

std::string FormatTaskFile(const TaskKey& key, const TaskRecord& record) {
  std::string out = fmt::format(
      "apiVersion: lockkeeper.dev/v1alpha1\nkind: MaintenanceTask\nmetadata: {{name: {}, "
      "namespace: {}}}\nstatus:\n  date: {}\n",
      YamlScalar(key.task.name), YamlScalar(key.task.ns), FormatDate(key.date));
  AppendText("cluster", key.cluster, out);
  out += fmt::format("  state: {}\n", Name(record.state));
  AppendTime("due", record.due, out);
  AppendTime("openedAt", record.opened_at, out);
  AppendTime("overdueAt", record.overdue_at, out);
  AppendTime("doneAt", record.done_at, out);
  AppendText("doneBy", record.done_by, out);
  AppendText("note", record.note, out);
  if (!record.checklist.empty()) out += "  checklist:\n";
  for (const std::string& step : record.checklist) {
    out += "  - ";
    AppendYamlScalar(step, out);
    out += '\n';
  }
  AppendTime("changedAt", record.changed_at, out);
  AppendChanges(record.changes, out);
  AppendText("problem", record.problem, out);
  return out;
}

Result<std::pair<TaskKey, TaskRecord>> ParseTaskFile(std::string_view file, std::string_view text) {
  auto stream = ParseUserYaml(text, kLimits);
  if (!stream) {
    return Invalid(fmt::format("{}:{}:{}: {}; run 'lockkeeper status rebuild'", file,
                               stream.error().mark.line, stream.error().mark.column, stream.error().message));
  }
  if (stream->documents.size() != 1)
    return Invalid(
        fmt::format("{}:1:1: a task's file is one document; run 'lockkeeper status rebuild'", file));
  return TaskReader{file}.Read(stream->documents.front());
}

}  // namespace lockkeeper
