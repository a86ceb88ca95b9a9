#include "reconciler/core/simulate/event.h"

#include <fmt/format.h>

#include <algorithm>

namespace lockkeeper {
namespace {

const GateResult* FindGate(const Decision& d, std::string_view name) {
  auto found = std::ranges::find_if(d.gates, [&](const auto& entry) { return Name(entry.first) == name; });
  return found == d.gates.end() ? nullptr : &found->second;
}

std::string BumpMessage(const Bumped& bump) {
  if (bump.override_) return fmt::format("by override of {}: {}", bump.override_->by, bump.override_->reason);
  if (!bump.window) return {};
  if (bump.window->name.empty()) return fmt::format("schedule {}", bump.window->schedule);
  return fmt::format("window '{}' of {}", bump.window->name, bump.window->schedule);
}

std::string HoldMessage(const StateChanged& change, const Decision* d) {
  const GateResult* gate = d == nullptr ? nullptr : FindGate(*d, change.reason);
  const std::string& why = gate == nullptr ? change.message : gate->message;
  return why.empty() ? change.reason : fmt::format("{}: {}", change.reason, why);
}

std::string EndMessage(const StateChanged& change, const Decision* d) {
  const GateResult* gate = d == nullptr ? nullptr : FindGate(*d, d->reason);
  const std::string& why = gate == nullptr || gate->ends != change.outcome ? change.message : gate->message;
  if (why.empty() || change.reason.empty()) return change.reason + why;
  return fmt::format("{}: {}", change.reason, why);
}

class Teller {
 public:
  Teller(const Plan& plan, const StatusBook& book) : plan_(plan), book_(book) {}

  std::vector<Event> Run() {
    for (const Transition& t : plan_.transitions) Tell(t, nullptr);
    for (const Decision& d : plan_.decisions) {
      for (const Transition& t : d.transitions) Tell(t, &d);
    }
    for (const TaskTransition& task : plan_.tasks) TellTask(task);
    for (const TaskEdits& made : plan_.task_edits) TellTask(made.transition);
    return std::move(events_);
  }

 private:
  void Tell(const Transition& transition, const Decision* d) {
    if (const auto* bump = std::get_if<Bumped>(&transition)) {
      Event event = Begin(*bump, EventKind::kBump);
      event.from = bump->from;
      event.to = bump->to;
      event.message = BumpMessage(*bump);
      events_.push_back(std::move(event));
    } else if (const auto* change = std::get_if<StateChanged>(&transition)) {
      TellState(*change, d);
    }
  }

  void TellTask(const TaskTransition& task) {
    if (task.clusters.empty()) TellTask(task, {});
    for (const std::string& cluster : task.clusters) TellTask(task, cluster);
  }

  void TellTask(const TaskTransition& task, const std::string& cluster) {
    Event event;
    event.at = plan_.at;
    event.upgrade = task.task;
    event.cluster = cluster;
    event.kind = EventKind::kTask;
    event.task = task.step;
    event.message = fmt::format("task of {}", FormatDate(task.date));
    if (!task.problem.empty()) event.message += ": " + task.problem;
    for (const ScalarChange& change : task.changes)
      event.message += fmt::format("; {} {}: {}", change.file, change.path, change.to);
    events_.push_back(std::move(event));
  }

  void TellState(const StateChanged& change, const Decision* d) {
    const bool ends = change.state == ClusterState::kFinished;
    Event event = Begin(change, ends ? EventKind::kEnd : EventKind::kHold);
    auto record = book_.find(change.upgrade);
    const ClusterRecord* line = record == book_.end() ? nullptr : record->second.Find(change.cluster);
    if (line != nullptr && line->triggered_at) {
      event.from = line->from;
      event.to = line->to;
    } else if (d != nullptr) {
      event.from = d->from;
      event.to = d->target;
    } else if (record != book_.end()) {
      event.to = record->second.target;
    }
    if (ends) {
      event.outcome = change.outcome;
      event.message = EndMessage(change, d);
    } else {
      event.verdict = d != nullptr && d->action == Action::kBlocked ? Verdict::kBlocked : Verdict::kWait;
      event.gate = change.reason;
      event.message = HoldMessage(change, d);
    }
    events_.push_back(std::move(event));
  }

  template <class T>
  Event Begin(const T& transition, EventKind kind) const {
    Event event;
    event.at = plan_.at;
    event.upgrade = transition.upgrade;
    event.cluster = transition.cluster;
    event.kind = kind;
    return event;
  }

  const Plan& plan_;
  const StatusBook& book_;
  std::vector<Event> events_;
};

}  // namespace

std::string_view Name(const Event& event) {
  switch (event.kind) {
    case EventKind::kBump:
      return "bump";
    case EventKind::kEnd:
      return Name(event.outcome);
    case EventKind::kTask:
      return event.task == TaskStep::kOpen ? "due" : Name(event.task);
    case EventKind::kHold:
      break;
  }
  return Name(event.verdict);
}

std::vector<Event> EventsOf(const Plan& plan, const StatusBook& book) { return Teller{plan, book}.Run(); }

}  // namespace lockkeeper
