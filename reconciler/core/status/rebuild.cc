#include "reconciler/core/status/rebuild.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "reconciler/core/status/status_file.h"
#include "reconciler/core/status/task_file.h"

namespace lockkeeper {

void StatusRebuild::AddCommit(std::string_view commit, std::string_view message) {
  auto record = ParseTrailers(message);
  if (!record) {
    problems_.push_back(fmt::format("{}: {}; it is left out", commit, record.error().message));
  } else if (*record) {
    Add(**record);
  }
}

void StatusRebuild::Add(const Record& record) {
  if (!seen_.insert(RecordId(record)).second) return;
  std::vector<EndedRun> ended;
  Apply(record, book_, &ended);
  ApplyTasks(record, tasks_);
  for (const EndedRun& run : ended)
    entries_[run.line.name].push_back(FormatHistoryEntry(run.upgrade, run.line));
}

std::vector<StatusWrite> StatusRebuild::Files() const {
  std::vector<StatusWrite> files;
  files.reserve(book_.size() + entries_.size() + tasks_.size());
  for (const auto& [upgrade, record] : book_) {
    files.push_back({.path = StatusFilePath(upgrade), .content = FormatStatusFile(record), .problem = {}});
  }
  for (const auto& [cluster, entries] : entries_) {
    std::string content = FormatHistoryHeader(cluster);
    for (const std::string& entry : entries | std::views::reverse) content += entry;
    files.push_back({.path = HistoryFilePath(cluster), .content = std::move(content), .problem = {}});
  }
  for (const auto& [key, record] : tasks_)
    files.push_back({.path = TaskFilePath(key), .content = FormatTaskFile(key, record), .problem = {}});
  std::ranges::sort(files, {}, &StatusWrite::path);
  return files;
}

}  // namespace lockkeeper
