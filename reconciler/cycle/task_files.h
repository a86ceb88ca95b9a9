#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "reconciler/core/status/task_record.h"
#include "reconciler/cycle/fleet_paths.h"
#include "schemas/diagnostic.h"
#include "schemas/inventory/inventory.h"

namespace lockkeeper {

/// The files of tasks, kept between commits: only those that changed are read.
class TaskFiles {
 public:
  /// As StatusFiles::Update, for the book of tasks.
  Result<bool> Update(const std::vector<TreeChange>& changes, const FleetPaths& paths, const ReadBlob& read,
                      TaskBook& book);

  /// Files that cannot be read, or that say that they are another due date's, by their names below the status
  /// path.
  const std::map<std::string, std::string>& broken() const { return broken_; }
  const Diagnostics& findings() const { return findings_; }

 private:
  struct File {
    TaskKey key;  ///< of one without a problem
    std::string name;
    Mark mark;
    std::string problem;  ///< empty: it is in the book
  };

  Result<void> Take(const TreeFile& file, File& entry, const ReadBlob& read, TaskBook& book);
  void Tell();

  std::map<std::string, File> files_;  ///< by path
  std::map<std::string, std::string> broken_;
  Diagnostics findings_;
};

/// Whether a name below the status path is that of a task's file.
bool IsTaskFile(std::string_view name);

}  // namespace lockkeeper
