#pragma once

#include <functional>
#include <string>
#include <vector>

#include "reconciler/core/status/record.h"
#include "reconciler/core/status/transition.h"

namespace lockkeeper {

/// A file of the status as a commit must hold it.
struct StatusWrite {
  std::string path;  ///< below the Fleet's status path
  std::string content;
  /// Why the file that was there could not be carried on, to be told to people; empty: nothing is wrong.
  std::string problem;
  bool operator==(const StatusWrite&) const = default;
};

/// Applies the record to the book and gives every file that changes by it: the status file of each upgrade
/// that it names, and the history of each cluster whose run ends. Sorted by path, each once.
///
/// `read_history` gives the text of a history file (the path is below the status path) as of the commit
/// before this record, empty where there is none; where a pass makes several commits, with the writes of the
/// earlier ones. A history that cannot be carried on never holds an upgrade: what stands there is replaced
/// (Git keeps it, and 'lockkeeper status rebuild' makes the whole of it again) and the write says so in
/// `problem`.
///
/// The files that come of applying record after record are, byte for byte, those that StatusRebuild makes of
/// them.
std::vector<StatusWrite> WriteStatus(const Record& record, StatusBook& book,
                                     const std::function<std::string(const std::string& path)>& read_history);

/// The same for the record's tasks: the file of each due date that changes.
std::vector<StatusWrite> WriteTasks(const Record& record, TaskBook& book);

}  // namespace lockkeeper
