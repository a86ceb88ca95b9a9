#include "reconciler/core/status/write_status.h"

#include <algorithm>
#include <map>
#include <set>

#include "reconciler/core/status/status_file.h"
#include "reconciler/core/status/task_file.h"

namespace lockkeeper {
namespace {

std::set<ObjectName> UpgradesOf(const Record& record) {
  std::set<ObjectName> upgrades;
  for (const Transition& transition : record.transitions) {
    upgrades.insert(std::visit([](const auto& t) { return t.upgrade; }, transition));
  }
  return upgrades;
}

}  // namespace

std::vector<StatusWrite> WriteStatus(
    const Record& record, StatusBook& book,
    const std::function<std::string(const std::string& path)>& read_history) {
  if (const auto made = MadeUtf8(record)) return WriteStatus(*made, book, read_history);
  std::vector<EndedRun> ended;
  Apply(record, book, &ended);

  std::map<std::string, StatusWrite> writes;
  for (const ObjectName& upgrade : UpgradesOf(record)) {
    std::string path = StatusFilePath(upgrade);
    writes[path] = {.path = path, .content = FormatStatusFile(book[upgrade]), .problem = {}};
  }
  for (const EndedRun& run : ended) {
    std::string path = HistoryFilePath(run.line.name);
    auto [it, is_new] = writes.try_emplace(path);
    StatusWrite& write = it->second;
    if (is_new) write = {.path = path, .content = read_history(path), .problem = {}};
    std::string entry = FormatHistoryEntry(run.upgrade, run.line);
    auto content = PrependHistory(run.line.name, write.content, entry);
    if (!content) {
      write.problem = content.error().message;
      content = PrependHistory(run.line.name, "", entry);
    }
    write.content = std::move(*content);
  }

  std::vector<StatusWrite> sorted;
  sorted.reserve(writes.size());
  for (auto& [path, write] : writes) sorted.push_back(std::move(write));
  return sorted;
}

std::vector<StatusWrite> WriteTasks(const Record& record, TaskBook& book) {
  std::vector<StatusWrite> writes;
  for (const TaskKey& key : ApplyTasks(record, book)) {
    writes.push_back(
        {.path = TaskFilePath(key), .content = FormatTaskFile(key, book.at(key)), .problem = {}});
  }
  std::ranges::sort(writes, {}, &StatusWrite::path);
  return writes;
}

}  // namespace lockkeeper
