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

TaskTrials TaskWorld::Try(const std::vector<DueChanges>& due) const {
  TaskTrials trials;
  std::map<std::string, std::string> known = values;
  for (const DueChanges& one : due) {
    TaskTrial& trial = trials[one.key];
    std::map<std::string, std::string> after = known;
    for (const ScalarToSet& scalar : one.scalars) {
      auto value = after.find(scalar.file + " " + scalar.path);
      if (value == after.end() || sealed.contains(scalar.file)) {
        trial = {.edits = {}, .refusal = scalar.file + (value == after.end() ? ": missing" : ": sealed")};
        break;
      }
      trial.edits.push_back({scalar.file, 0, scalar.path, value->second, scalar.value});
      value->second = scalar.value;
    }
    if (trial.refusal.empty() && one.is_open) known = after;
  }
  return trials;
}

TaskPlan TaskWorld::PlanAt(Instant now) const {
  const FleetModel model = FleetModel::Build(fleet);
  const TaskTrials trials = Try(PlanTasks(model, status, now).to_try);
  return PlanTasks(model, status, now, &trials);
}

void TaskWorld::CarryOut(const TaskPlan& plan, Instant now) {
  Keep(RecordOf(plan, now));
  for (const TaskEdits& made : plan.edits) {
    Keep({.at = now, .decided_on = fleet.commit, .transitions = {}, .tasks = {made.transition}});
    for (const RefEdit& edit : made.edits) values[edit.file + " " + edit.path] = edit.value;
  }
}

void TaskWorld::Keep(const Record& record) {
  if (record.empty()) return;
  for (const StatusWrite& write : WriteTasks(record, status.book)) tree[write.path] = write.content;
  rebuild.AddCommit("c0ffee", "Record it\n\nFor a reason.\n\n" + FormatTrailers(record));
}

std::vector<std::string> TaskWorld::Pass(const std::string& now) {
  const Instant at = testing::At(now);
  const TaskPlan plan = PlanAt(at);
  CarryOut(plan, at);
  std::vector<std::string> lines;
  for (const TaskTransition& t : plan.transitions) {
    lines.push_back(fmt::format("{} {} {}", t.task.name, FormatDate(t.date), Name(t.step)));
    for (const std::string& cluster : t.clusters) lines.back() += " " + cluster;
    if (!t.problem.empty()) lines.back() += ": " + t.problem;
  }
  for (const TaskEdits& made : plan.edits) {
    const TaskTransition& t = made.transition;
    lines.push_back(fmt::format("{} {} {}", t.task.name, FormatDate(t.date), Name(t.step)));
    for (const std::string& cluster : t.clusters) lines.back() += " " + cluster;
    for (const ScalarChange& change : t.changes)
      lines.back() += fmt::format(" {}:{} {}->{}", change.file, change.path, change.from, change.to);
  }
  return lines;
}

void TaskWorld::Done(const TaskKey& key, Instant now) {
  TaskTransition done{.task = key.task, .date = key.date, .step = TaskStep::kDone, .by = "Ada"};
  if (!key.cluster.empty()) done.clusters.push_back(key.cluster);
  Keep({.at = now, .decided_on = fleet.commit, .transitions = {}, .tasks = {done}});
}

}  // namespace lockkeeper
