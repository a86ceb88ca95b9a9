#pragma once

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "reconciler/core/status/rebuild.h"
#include "reconciler/core/task/plan_tasks.h"
#include "schemas/kinds/fleet.h"

namespace lockkeeper {

/// A fleet with tasks, the record that passes keep of them, and what a rebuild makes of their messages.
class TaskWorld {
 public:
  TaskWorld();
  TaskWorld(const TaskWorld&) = delete;
  TaskWorld& operator=(const TaskWorld&) = delete;

  MaintenanceTask& AddTask(const std::string& name, const std::string& start, const std::string& rule);
  struct NameAndStage {
    std::string name;
    std::string stage;
  };
  void SetClusters(const std::vector<NameAndStage>& clusters);

  TaskPlan PlanAt(Instant now) const;
  /// What the shell sees in `values`: one that is not there is refused, and so is one of a `sealed` file.
  TaskTrials Try(const std::vector<DueChanges>& due) const;
  Record RecordOf(const TaskPlan& plan, Instant now) const;
  void Keep(const Record& record);
  /// Records and makes all that the plan wants.
  void CarryOut(const TaskPlan& plan, Instant now);
  /// What one pass records, a line for each.
  std::vector<std::string> Pass(const std::string& now);
  void Done(const TaskKey& key, Instant now);

  Fleet fleet;
  TaskStatus status;
  std::map<std::string, std::string> tree;    ///< the files below the status path
  std::map<std::string, std::string> values;  ///< what tasks change: file and path, with a blank between
  std::set<std::string> sealed;
  StatusRebuild rebuild;

 private:
  std::vector<Cluster> clusters_;
};

}  // namespace lockkeeper
