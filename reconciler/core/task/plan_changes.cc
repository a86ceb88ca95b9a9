#include "reconciler/core/task/plan_changes.h"

#include <fmt/format.h>

#include <utility>

#include "reconciler/core/status/task_file.h"

namespace lockkeeper {
namespace {

TaskTransition TransitionOf(const TaskKey& key, TaskStep step) {
  TaskTransition transition{.task = key.task, .date = key.date, .step = step};
  if (!key.cluster.empty()) transition.clusters.push_back(key.cluster);
  return transition;
}

}  // namespace

std::string RefusalKey(const TaskKey& key) { return "task " + TaskFilePath(key); }

TaskKey KeyOf(const TaskTransition& transition) {
  return {.task = transition.task,
          .date = transition.date,
          .cluster = transition.clusters.empty() ? "" : transition.clusters.front()};
}

ChangePlanner::ChangePlanner(const FleetModel& model, const TaskStatus& status, Instant now,
                             const TaskTrials* trials, const EditRefusals* refusals, TaskPlan& plan)
    : model_(model),
      status_(status),
      now_(now),
      trials_(trials),
      refusals_(refusals),
      plan_(plan),
      guarded_(model.settings()),
      windows_(model, now) {}

/// Nobody knows which date a file is of that cannot be read, and so which one is the newest.
std::string ChangePlanner::BrokenFileOf(const ObjectName& task) const {
  std::string folder = TaskFilePath({.task = task, .date = {}, .cluster = {}});
  folder.resize(folder.rfind('/') + 1);
  auto broken = status_.broken.lower_bound(folder);
  if (broken == status_.broken.end() || !broken->first.starts_with(folder)) return {};
  return fmt::format("{}: {}", broken->first, broken->second);
}

void ChangePlanner::Take(const TaskModel& task, const NewestDues& newest) {
  if (task.task->changes.empty()) return;
  const std::string broken = BrokenFileOf(task.task->name);
  for (size_t i = 0; i < task.names.size(); ++i) {
    auto due = newest.find(task.names[i]);
    if (due == newest.end()) continue;
    const TaskRecord* record = due->second.record;
    if (record != nullptr && (record->changed_at || record->state == TaskState::kDone)) continue;
    const TaskKey key{.task = task.task->name, .date = due->second.date, .cluster = task.names[i]};
    if (!broken.empty()) {
      Wait(key, std::nullopt, "manifest", broken);
    } else {
      TakeOne(task, key, task.is_for_each_cluster ? std::optional{task.clusters[i]} : std::nullopt, record);
    }
  }
}

void ChangePlanner::TakeOne(const TaskModel& task, const TaskKey& key, std::optional<uint32_t> cluster,
                            const TaskRecord* record) {
  const ChangeOpening& opening = windows_.For(cluster);
  const std::string known = record == nullptr ? "" : record->problem;
  const bool is_open = opening.at == now_;
  // What was refused and still is says nothing new when its window opens.
  if (!is_open && known.empty()) return Wait(key, opening.at, opening.gate, opening.why);
  auto scalars = FillIn(*task.task, key, cluster ? model_.cluster(*cluster).ns : "", guarded_);
  const TaskTrial* trial = nullptr;
  TaskTrial never{.edits = {}, .refusal = scalars ? "" : scalars.error().message};
  if (scalars) {
    plan_.to_try.push_back({.key = key, .is_open = is_open, .scalars = *std::move(scalars)});
    trial = TrialOf(key);
    if (trial == nullptr) return;
  } else {
    trial = &never;
  }
  if (is_open) return Conclude(key, cluster, *trial, known);
  if (!trial->refusal.empty() && trial->refusal == known)
    return Wait(key, std::nullopt, "ref", trial->refusal);
  Wait(key, opening.at, opening.gate, opening.why);
}

/// Null: nobody has tried.
const TaskTrial* ChangePlanner::TrialOf(const TaskKey& key) {
  if (trials_ == nullptr) return nullptr;
  if (refusals_ != nullptr && !refusals_->empty()) {
    if (auto refused = refusals_->find(RefusalKey(key)); refused != refusals_->end()) {
      refused_ = {.edits = {}, .refusal = refused->second};
      return &refused_;
    }
  }
  auto trial = trials_->find(key);
  return trial == trials_->end() ? nullptr : &trial->second;
}

void ChangePlanner::Conclude(const TaskKey& key, std::optional<uint32_t> cluster, const TaskTrial& trial,
                             const std::string& known_problem) {
  if (!trial.refusal.empty()) {
    plan_.waiting.push_back({key, std::nullopt, "ref", trial.refusal});
    if (trial.refusal == known_problem) return;
    plan_.transitions.push_back(TransitionOf(key, TaskStep::kRefused));
    plan_.transitions.back().problem = trial.refusal;
    return;
  }
  TaskEdits made{.transition = TransitionOf(key, TaskStep::kChanged), .edits = {}};
  made.transition.window = windows_.Current(cluster);
  for (const RefEdit& edit : trial.edits) {
    made.transition.changes.push_back({edit.file, edit.path, edit.expected, edit.value});
    if (edit.expected != edit.value) made.edits.push_back(edit);
  }
  plan_.edits.push_back(std::move(made));
}

void ChangePlanner::Wait(const TaskKey& key, std::optional<Instant> until, std::string gate,
                         std::string why) {
  if (until && (!plan_.next_wake || *until < *plan_.next_wake)) plan_.next_wake = until;
  plan_.waiting.push_back({key, until, std::move(gate), std::move(why)});
}

}  // namespace lockkeeper
