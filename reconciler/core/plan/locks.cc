#include "reconciler/core/plan/locks.h"

#include <fmt/format.h>

namespace lockkeeper {

LockTable LockTable::Build(const Fleet& fleet, Diagnostics& findings) {
  LockTable table;
  for (const BrokenObject& object : fleet.broken) {
    if (object.kind != "ClusterLock") continue;
    table.problem_ = fmt::format("{}: ClusterLock {} cannot be read, so it holds every cluster: {}",
                                 object.origin.file, object.name.str(), object.message);
    break;
  }
  if (table.problem_.empty() && !fleet.unreadable_guards.empty()) {
    table.problem_ =
        fmt::format("{} cannot be read, and a schedule or a lock may stand in it: mend the file or remove it",
                    fleet.unreadable_guards.front());
  }
  if (fleet.locks.empty()) return table;
  table.of_.resize(fleet.clusters.size());
  for (const ClusterLock& lock : fleet.locks) {
    auto match =
        CompiledMatch::Compile(lock.match, EmptyMatch::kEverythingIfWritten, lock.origin.file, findings);
    if (!match && table.problem_.empty()) {
      table.problem_ =
          fmt::format("{}: the matchers of ClusterLock {} cannot be read, so it holds every cluster",
                      lock.origin.file, lock.name.str());
    }
    bool covers_all = match && (!fleet.clusters.empty() || match->Selects({}));
    for (uint32_t c = 0; match && c < fleet.clusters.size(); ++c) {
      if (match->Selects(fleet.clusters[c].labels)) {
        table.of_[c].push_back(&lock);
      } else {
        covers_all = false;
      }
    }
    if (covers_all) table.of_all_.push_back(&lock);
  }
  return table;
}

}  // namespace lockkeeper
