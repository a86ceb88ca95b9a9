#include "tests/core/task/task_world.h"

#include <fmt/format.h>

#include "schemas/inventory/naming.h"
#include "tests/core/time_testing.h"

namespace lockkeeper {

TaskWorld::TaskWorld() {
  fleet.commit = "0123456789abcdef0123456789abcdef01234567";
  fleet.settings.emplace();
}

MaintenanceTask& TaskWorld::AddTask(const std::string& name, const std::string& start,
                                    const std::string& rule) {
  MaintenanceTask task;
  task.name.name = name;
  task.origin.file = "upgrades/tasks.yaml";
  task.start.value = *ParseWrittenTime(start);
  task.recurrence.value = rule;
  fleet.tasks.push_back(std::move(task));
  return fleet.tasks.back();
}

void TaskWorld::SetClusters(const std::vector<NameAndStage>& clusters) {
  clusters_.clear();
  for (const auto& [name, stage] : clusters) {
    Cluster cluster;
    cluster.name = name;
    SetLabel(cluster.labels, "cluster", SharedText{name});
    SetLabel(cluster.labels, "stage", SharedText{stage});
    clusters_.push_back(std::move(cluster));
  }
  fleet.clusters = clusters_;
}

Record TaskWorld::RecordOf(const TaskPlan& plan, Instant now) const {
  return {.at = now, .decided_on = fleet.commit, .transitions = {}, .tasks = plan.transitions};
}

void TaskWorld::Keep(const Record& record) {
  if (record.empty()) return;
  for (const StatusWrite& write : WriteTasks(record, status.book)) tree[write.path] = write.content;
  rebuild.AddCommit("c0ffee", "Record it\n\nFor a reason.\n\n" + FormatTrailers(record));
}

std::vector<std::string> TaskWorld::Pass(const std::string& now) {
  const Instant at = testing::At(now);
  const TaskPlan plan = PlanAt(at);
  Keep(RecordOf(plan, at));
  std::vector<std::string> lines;
  for (const TaskTransition& t : plan.transitions) {
    lines.push_back(fmt::format("{} {} {}", t.task.name, FormatDate(t.date), Name(t.step)));
    for (const std::string& cluster : t.clusters) lines.back() += " " + cluster;
  }
  return lines;
}

void TaskWorld::Done(const TaskKey& key, Instant now) {
  TaskTransition done{.task = key.task, .date = key.date, .step = TaskStep::kDone, .by = "Ada"};
  if (!key.cluster.empty()) done.clusters.push_back(key.cluster);
  Keep({.at = now, .decided_on = fleet.commit, .transitions = {}, .tasks = {done}});
}

}  // namespace lockkeeper
