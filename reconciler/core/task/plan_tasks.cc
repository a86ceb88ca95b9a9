#include "reconciler/core/task/plan_tasks.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "reconciler/core/status/task_file.h"
#include "reconciler/core/task/plan_changes.h"

namespace lockkeeper {
namespace {

using std::chrono::local_days;

class TaskPlanner {
 public:
  TaskPlanner(const FleetModel& model, const TaskStatus& status, Instant now, const TaskTrials* trials,
              const EditRefusals* refusals)
      : model_(model), status_(status), now_(now), changes_(model, status, now, trials, refusals, plan_) {}

  TaskPlan Run() {
    for (const TaskModel& task : model_.tasks()) {
      if (task.calendar) {
        PlanTask(task);
      } else {
        plan_.problems.push_back(fmt::format("task {} is held: {}", task.task->name.str(), task.problem));
      }
    }
    return std::move(plan_);
  }

 private:
  using Book = TaskBook::const_iterator;
  /// What is open and not overdue yet: whose it is, by date and due instant.
  using OpenDates = std::map<std::pair<local_days, Instant>, std::vector<std::string>>;

  void WakeAt(Instant at) {
    if (!plan_.next_wake || at < *plan_.next_wake) plan_.next_wake = at;
  }

  std::pair<Book, Book> RecordsOf(const ObjectName& task) const {
    auto first = status_.book.lower_bound({.task = task, .date = local_days::min(), .cluster = {}});
    auto end =
        std::find_if(first, status_.book.end(), [&](const auto& entry) { return entry.first.task != task; });
    return {first, end};
  }

  bool IsBroken(const TaskKey& key) const {
    return !status_.broken.empty() && status_.broken.contains(TaskFilePath(key));
  }

  void PlanTask(const TaskModel& task) {
    auto [first, end] = RecordsOf(task.task->name);
    std::optional<local_days> latest;
    if (first != end) latest = std::prev(end)->first.date;
    OpenDates open;
    NewestDues newest;
    for (Book it = first; it != end; ++it) {
      newest[it->first.cluster] = {it->first.date, &it->second};
      if (it->second.state != TaskState::kOpen || IsBroken(it->first)) continue;
      open[{it->first.date, it->second.due}].push_back(it->first.cluster);
    }
    if (task.is_for_each_cluster && model_.fleet().inventory_incomplete) {
      plan_.problems.push_back(fmt::format(
          "task {}: nothing new falls due while a file of the inventory cannot be read, since its "
          "clusters would be left out; 'lockkeeper validate' names the file",
          task.task->name.str()));
    } else if (!task.names.empty()) {
      Open(task, latest, open, newest);
    }
    if (task.task->due_within) FindOverdue(task, open);
    changes_.Take(task, newest);
  }

  void Open(const TaskModel& task, std::optional<local_days> latest, OpenDates& open, NewestDues& newest) {
    for (const DueDate& due : DueNow(task, latest)) {
      latest = due.date;
      std::vector<std::string> clusters;
      for (const std::string& cluster : task.names) {
        const TaskKey key{.task = task.task->name, .date = due.date, .cluster = cluster};
        if (IsBroken(key)) continue;
        clusters.push_back(cluster);
        newest[cluster] = {due.date, nullptr};
      }
      if (clusters.empty()) continue;
      open.emplace(std::pair{due.date, due.due}, clusters);
      Add(task, due.date, TaskStep::kOpen, std::move(clusters));
      plan_.transitions.back().due = due.due;
      plan_.transitions.back().checklist = task.task->checklist;
    }
    auto next = task.calendar->FirstAfter(now_);
    if (next && latest && next->date <= *latest) next = task.calendar->After(*latest);
    if (next) WakeAt(next->due);
  }

  /// Oldest first.
  std::vector<DueDate> DueNow(const TaskModel& task, std::optional<local_days> latest) {
    std::vector<DueDate> due;
    auto last = task.calendar->LastAtOrBefore(now_);
    if (!latest) {
      if (last && IsYoung(*task.calendar, *last)) due.push_back(*last);
      return due;
    }
    while (last && last->date > *latest) {
      if (due.size() == kMissedDueDatesMax ||
          (!due.empty() && (due.size() + 1) * task.names.size() > kTaskFilesMax)) {
        plan_.problems.push_back(fmt::format(
            "task {}: too many due dates were missed; those from {} to {} are left out",
            task.task->name.str(), FormatDate(*latest + std::chrono::days{1}), FormatDate(last->date)));
        break;
      }
      due.push_back(*last);
      last = task.calendar->Before(last->date);
    }
    std::ranges::reverse(due);
    return due;
  }

  /// Of a rule that goes on, the next one is still to come. What happens once is never too old.
  bool IsYoung(const TaskCalendar& calendar, const DueDate& last) const {
    auto before = calendar.Before(last.date);
    if (!before || calendar.After(last.date)) return true;
    return now_ - last.due < last.due - before->due;
  }

  void FindOverdue(const TaskModel& task, const OpenDates& open) {
    for (const auto& [when, clusters] : open) {
      const auto& [date, due] = when;
      const Instant overdue = due + *task.task->due_within;
      if (overdue > now_) {
        WakeAt(overdue);
      } else {
        Add(task, date, TaskStep::kOverdue, clusters);
      }
    }
  }

  /// The empty name among the clusters is the fleet.
  void Add(const TaskModel& task, local_days date, TaskStep step, std::vector<std::string> clusters) {
    // A task that was one for the fleet may be one for each cluster by now.
    if (!clusters.empty() && clusters.front().empty()) {
      plan_.transitions.push_back({.task = task.task->name, .date = date, .step = step});
      clusters.erase(clusters.begin());
      if (clusters.empty()) return;
    }
    plan_.transitions.push_back(
        {.task = task.task->name, .date = date, .step = step, .clusters = std::move(clusters)});
  }

  const FleetModel& model_;
  const TaskStatus& status_;
  Instant now_;
  TaskPlan plan_;
  ChangePlanner changes_;  ///< writes into plan_
};

}  // namespace

TaskPlan PlanTasks(const FleetModel& model, const TaskStatus& status, Instant now, const TaskTrials* trials,
                   const EditRefusals* refusals) {
  return TaskPlanner{model, status, now, trials, refusals}.Run();
}

}  // namespace lockkeeper
