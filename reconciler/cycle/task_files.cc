#include "reconciler/cycle/task_files.h"

#include <fmt/format.h>

#include <tuple>
#include <utility>

#include "reconciler/core/status/task_file.h"
#include "reconciler/cycle/split_place.h"

namespace lockkeeper {

bool IsTaskFile(std::string_view name) { return name.starts_with("tasks/") && name.ends_with(".yaml"); }

Result<bool> TaskFiles::Update(const std::vector<TreeChange>& changes, const FleetPaths& paths,
                               const ReadBlob& read, TaskBook& book) {
  bool changed = false;
  for (const TreeChange& change : changes) {
    auto name = paths.StatusName(change.file.path);
    if (!name || !IsTaskFile(*name)) continue;
    changed = true;
    auto known = files_.find(change.file.path);
    if (known != files_.end()) {
      if (known->second.problem.empty()) book.erase(known->second.key);
      files_.erase(known);
    }
    if (change.removed) continue;
    File& entry = files_[change.file.path];
    entry.name = *name;
    if (auto taken = Take(change.file, entry, read, book); !taken) return std::unexpected(taken.error());
  }
  if (changed) Tell();
  return changed;
}

Result<void> TaskFiles::Take(const TreeFile& file, File& entry, const ReadBlob& read, TaskBook& book) {
  if (!file.regular) {
    entry.problem =
        "it is a symbolic link or a submodule, which is never followed; run 'lockkeeper status rebuild'";
    return {};
  }
  auto text = read(file);
  if (!text) {
    if (text.error().kind != ErrorKind::kInvalid && text.error().kind != ErrorKind::kNotFound)
      return std::unexpected(text.error());
    entry.problem = text.error().message;
    return {};
  }
  auto parsed = ParseTaskFile(file.path, *text);
  if (!parsed) {
    std::tie(entry.mark, entry.problem) = SplitPlace(file.path, parsed.error().message);
    return {};
  }
  auto& [key, record] = *parsed;
  if (const std::string place = TaskFilePath(key); place != entry.name) {
    entry.problem = fmt::format(
        "it says that it is what has its place in {}; move it back, or run 'lockkeeper status rebuild'",
        place);
    return {};
  }
  entry.key = key;
  book.insert_or_assign(std::move(key), std::move(record));
  return {};
}

void TaskFiles::Tell() {
  broken_.clear();
  findings_.clear();
  for (const auto& [path, file] : files_) {
    if (file.problem.empty()) continue;
    findings_.push_back({path, file.mark, Severity::kError, "broken-status",
                         fmt::format("status of a task: {}", file.problem)});
    const std::string place =
        file.mark.line == 0 ? path : fmt::format("{}:{}:{}", path, file.mark.line, file.mark.column);
    broken_.emplace(file.name, fmt::format("{}: {}", place, file.problem));
  }
}

}  // namespace lockkeeper
