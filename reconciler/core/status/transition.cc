#include "reconciler/core/status/transition.h"

#include <algorithm>
#include <set>

#include "schemas/utf8.h"

namespace lockkeeper {
namespace {

constexpr Seconds kKept{3600};

/// The line of a new run, which knows when the runs before it made their bumps.
ClusterRecord BeginAnew(const ClusterRecord& line, Instant at) {
  ClusterRecord anew{.name = line.name, .stage = line.stage};
  anew.earlier_bumps = line.earlier_bumps;
  for (const HopRecord& hop : line.hops) anew.earlier_bumps.push_back(hop.triggered_at);
  std::ranges::sort(anew.earlier_bumps);
  if (anew.earlier_bumps.empty()) return anew;
  const Instant last = anew.earlier_bumps.back();
  std::erase_if(anew.earlier_bumps, [&](Instant bump) { return bump <= at - kKept && bump != last; });
  return anew;
}

void ApplyBump(const Bumped& bump, const Record& record, UpgradeRecord& upgrade) {
  ClusterRecord& line = upgrade.FindOrAdd(bump.cluster);
  // A run that waits for the window of its next hop is pending, and still the same run.
  const bool further_hop = line.state != ClusterState::kFinished && line.triggered_at.has_value();
  if (!further_hop) {
    line = BeginAnew(line, record.at);
    line.from = bump.from;
    line.triggered_at = record.at;
  }
  line.state = ClusterState::kRunning;
  line.outcome = Outcome::kNone;
  line.reason.clear();
  line.until.reset();
  line.message.clear();
  line.to = bump.to;
  line.hops.push_back({.to = bump.to, .triggered_at = record.at});
  line.decided_on = record.decided_on;
  line.window = bump.window;
  // One of several hops that was overridden makes the run an overridden one.
  if (bump.override_) line.override_ = bump.override_;
}

/// Returns the changed line.
const ClusterRecord& ApplyState(const StateChanged& change, const Record& record, UpgradeRecord& upgrade) {
  ClusterRecord& line = upgrade.FindOrAdd(change.cluster);
  // A finished cluster that waits again starts anew: what it came to is in its history.
  if (line.state == ClusterState::kFinished && change.state != ClusterState::kFinished) {
    line = BeginAnew(line, record.at);
  }
  line.state = change.state;
  line.outcome = change.outcome;
  line.reason = change.reason;
  line.until = change.until;
  line.message = change.message;
  line.overran = line.overran || change.overran;
  line.finished_at.reset();
  if (change.state == ClusterState::kFinished) line.finished_at = record.at;
  return line;
}

void ApplyTarget(const TargetSet& target, const Record& record, UpgradeRecord& upgrade) {
  const bool changed = !upgrade.spec_hash.empty() && upgrade.spec_hash != target.spec_hash;
  upgrade.target = target.target;
  upgrade.spec_hash = target.spec_hash;
  if (!changed) return;
  // A new request: it follows the plan as it is now, and begins with no failures.
  upgrade.spec_changed_at = record.at;
  upgrade.plan.reset();
  for (ClusterRecord& line : upgrade.clusters) line.stage.clear();
}

void ApplyPlan(const PlanFrozen& frozen, UpgradeRecord& upgrade) {
  upgrade.plan = FrozenPlan{.hash = frozen.hash, .copy = frozen.copy};
  for (const PlanFrozen::Stage& stage : frozen.stages) {
    for (const std::string& cluster : stage.clusters) upgrade.FindOrAdd(cluster).stage = stage.name;
  }
}

void ApplyReminder(const ReminderSent& reminder, UpgradeRecord& upgrade) {
  if (!upgrade.notice) return;
  std::vector<Seconds>& sent = upgrade.notice->reminders;
  sent.push_back(reminder.before);
  std::ranges::sort(sent, std::greater{});
  sent.erase(std::ranges::unique(sent).begin(), sent.end());
}

/// Adds the lines that the record's clusters will need, all at once: one by one, each would move those behind
/// it.
void AddLines(const Record& record, StatusBook& book) {
  std::map<ObjectName, std::vector<std::string>> missing;
  auto need = [&](const ObjectName& name, const std::string& cluster) {
    auto upgrade = book.find(name);
    if (upgrade != book.end() && upgrade->second.Find(cluster) != nullptr) return;
    missing[name].push_back(cluster);
  };
  auto note = [&](const auto& transition) {
    if constexpr (requires { transition.cluster; }) {
      need(transition.upgrade, transition.cluster);
    } else if constexpr (requires { transition.stages; }) {
      for (const PlanFrozen::Stage& stage : transition.stages) {
        for (const std::string& cluster : stage.clusters) need(transition.upgrade, cluster);
      }
    }
  };
  for (const Transition& transition : record.transitions) std::visit(note, transition);
  for (auto& [upgrade, names] : missing) {
    std::ranges::sort(names);
    names.erase(std::ranges::unique(names).begin(), names.end());
    std::vector<ClusterRecord>& lines = book[upgrade].clusters;
    const auto old_size = static_cast<std::ptrdiff_t>(lines.size());
    lines.reserve(lines.size() + names.size());
    for (std::string& name : names) lines.push_back({.name = std::move(name)});
    std::ranges::inplace_merge(lines, lines.begin() + old_size, {}, &ClusterRecord::name);
  }
}

/// Of a Transition or a const one.
template <class AnyTransition, class F>
void ForEachText(AnyTransition& transition, F&& use) {
  auto visit = [&](auto& t) {
    use(t.upgrade.ns);
    use(t.upgrade.name);
    if constexpr (requires { t.spec_hash; }) {
      use(t.target);
      use(t.spec_hash);
    }
    if constexpr (requires { t.cluster; }) use(t.cluster);
    if constexpr (requires { t.override_; }) {
      use(t.from);
      use(t.to);
      if (t.window) use(t.window->schedule);
      if (t.window) use(t.window->name);
      if (t.override_) use(t.override_->by);
      if (t.override_) use(t.override_->reason);
    }
    if constexpr (requires { t.message; }) {
      use(t.reason);
      use(t.message);
    }
    if constexpr (requires { t.stages; }) {
      use(t.hash);
      use(t.copy);
      for (auto& stage : t.stages) {
        use(stage.name);
        for (auto& cluster : stage.clusters) use(cluster);
      }
    }
    if constexpr (requires { t.to_release; }) {
      use(t.to_release);
      for (auto& cluster : t.clusters) use(cluster);
    }
  };
  std::visit(visit, transition);
}

/// Of a TaskTransition or a const one.
template <class AnyTask, class F>
void ForEachTaskText(AnyTask& task, F&& use) {
  use(task.task.ns);
  use(task.task.name);
  for (auto& cluster : task.clusters) use(cluster);
  for (auto& step : task.checklist) use(step);
  use(task.by);
  use(task.note);
  for (auto& change : task.changes) {
    use(change.file);
    use(change.path);
    use(change.from);
    use(change.to);
  }
  if (task.window) {
    use(task.window->schedule);
    use(task.window->name);
  }
  use(task.problem);
}

/// True where it changes anything.
bool ApplyChanges(const TaskTransition& task, const Record& record, TaskRecord& known) {
  if (known.changed_at) return false;
  if (task.step == TaskStep::kRefused) {
    const bool is_new = known.problem != task.problem;
    known.problem = task.problem;
    return is_new;
  }
  known.changed_at = record.at;
  known.changes = task.changes;
  known.problem.clear();
  return true;
}

/// True where it changes anything.
bool ApplyTask(const TaskTransition& task, const TaskKey& key, const Record& record, TaskBook& book) {
  if (task.step == TaskStep::kOpen) {
    return book
        .try_emplace(key, TaskRecord{.due = task.due,
                                     .opened_at = record.at,
                                     .overdue_at = {},
                                     .done_at = {},
                                     .done_by = {},
                                     .note = {},
                                     .checklist = task.checklist})
        .second;
  }
  auto found = book.find(key);
  if (found == book.end()) return false;
  TaskRecord& known = found->second;
  if (task.step == TaskStep::kChanged || task.step == TaskStep::kRefused)
    return ApplyChanges(task, record, known);
  const TaskState state = task.step == TaskStep::kOverdue ? TaskState::kOverdue : TaskState::kDone;
  // The states follow each other in the order of the enum.
  if (known.state >= state) return false;
  known.state = state;
  if (state == TaskState::kOverdue) {
    known.overdue_at = record.at;
  } else {
    known.done_at = record.at;
    known.done_by = task.by;
    known.note = task.note;
  }
  return true;
}

}  // namespace

std::optional<Record> MadeUtf8(const Record& record) {
  bool all = IsUtf8(record.decided_on);
  for (const Transition& transition : record.transitions) {
    ForEachText(transition, [&](const std::string& text) { all = all && IsUtf8(text); });
  }
  for (const TaskTransition& task : record.tasks)
    ForEachTaskText(task, [&](const std::string& text) { all = all && IsUtf8(text); });
  if (all) return std::nullopt;
  Record made = record;
  made.decided_on = ToUtf8(made.decided_on);
  for (Transition& transition : made.transitions) {
    ForEachText(transition, [](std::string& text) { text = ToUtf8(text); });
  }
  for (TaskTransition& task : made.tasks)
    ForEachTaskText(task, [](std::string& text) { text = ToUtf8(text); });
  return made;
}

std::vector<TaskKey> ApplyTasks(const Record& record, TaskBook& book) {
  if (record.tasks.empty()) return {};
  if (const auto made = MadeUtf8(record)) return ApplyTasks(*made, book);
  std::set<TaskKey> changed;
  for (const TaskTransition& task : record.tasks) {
    auto apply = [&](const std::string& cluster) {
      TaskKey key{.task = task.task, .date = task.date, .cluster = cluster};
      if (ApplyTask(task, key, record, book)) changed.insert(std::move(key));
    };
    if (task.clusters.empty()) apply({});
    for (const std::string& cluster : task.clusters) apply(cluster);
  }
  return {changed.begin(), changed.end()};
}

void Apply(const Record& record, StatusBook& book, std::vector<EndedRun>* ended) {
  if (const auto made = MadeUtf8(record)) return Apply(*made, book, ended);
  AddLines(record, book);
  for (const Transition& transition : record.transitions) {
    const ObjectName& name =
        std::visit([](const auto& t) -> const ObjectName& { return t.upgrade; }, transition);
    UpgradeRecord& upgrade = book[name];
    upgrade.upgrade = name;
    if (const auto* target = std::get_if<TargetSet>(&transition)) {
      ApplyTarget(*target, record, upgrade);
    } else if (const auto* bump = std::get_if<Bumped>(&transition)) {
      ApplyBump(*bump, record, upgrade);
    } else if (const auto* change = std::get_if<StateChanged>(&transition)) {
      const ClusterRecord& line = ApplyState(*change, record, upgrade);
      bool counts = line.state == ClusterState::kFinished && line.outcome != Outcome::kSkipped;
      if (counts && ended != nullptr) ended->push_back({.upgrade = name, .line = line});
    } else if (const auto* frozen = std::get_if<PlanFrozen>(&transition)) {
      ApplyPlan(*frozen, upgrade);
    } else if (const auto* notice = std::get_if<NoticeSent>(&transition)) {
      upgrade.notice = NoticeRecord{.sent_at = record.at,
                                    .planned = notice->planned,
                                    .to_release = notice->to_release,
                                    .clusters = notice->clusters,
                                    .reminders = {}};
    } else {
      ApplyReminder(std::get<ReminderSent>(transition), upgrade);
    }
  }
}

}  // namespace lockkeeper
