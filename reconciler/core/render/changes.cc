#include "reconciler/core/render/changes.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "reconciler/core/task/plan_changes.h"

namespace lockkeeper {
namespace {

using GroupKey = std::tuple<ObjectName, std::string, std::string>;

GroupKey KeyOf(const Decision& decision, GroupBy group_by) {
  switch (group_by) {
    case GroupBy::kUpgrade:
      return {decision.upgrade, "", ""};
    case GroupBy::kStage:
      return {decision.upgrade, decision.stage, ""};
    case GroupBy::kCluster:
      break;
  }
  std::string party =
      decision.shared_group < 0 ? decision.cluster : "#" + std::to_string(decision.shared_group);
  return {decision.upgrade, decision.stage, std::move(party)};
}

/// An upgrade of which nothing but its bumps is new needs no commit of its own for being taken up.
std::set<ObjectName> OnlyBumped(const Plan& plan) {
  std::set<ObjectName> bumped;
  for (const Decision& d : plan.decisions) {
    if (d.action == Action::kBump) bumped.insert(d.upgrade);
  }
  for (const Decision& d : plan.decisions) {
    if (d.action != Action::kBump && !d.transitions.empty()) bumped.erase(d.upgrade);
  }
  for (const Transition& t : plan.transitions) {
    if (const auto* change = std::get_if<StateChanged>(&t)) bumped.erase(change->upgrade);
  }
  // A manifest that is made comes with its record, before anything is done about it.
  for (const Document& document : plan.documents) {
    if (document.proposal) bumped.erase(document.upgrade);
  }
  return bumped;
}

void Sort(Change& change) {
  auto tidy = [](auto& list) {
    std::ranges::sort(list);
    auto repeated = std::ranges::unique(list);
    list.erase(repeated.begin(), repeated.end());
  };
  tidy(change.edits);
  tidy(change.clusters);
}

bool TouchesSame(const Change& change, const std::vector<RefEdit>& edits) {
  return std::ranges::any_of(edits, [&](const RefEdit& edit) {
    return std::ranges::any_of(change.edits, [&](const RefEdit& other) {
      return edit.file == other.file && edit.document == other.document && edit.path == other.path;
    });
  });
}

/// One commit for each due date of a cluster, or one for a task's due date where bumps are grouped too. What
/// is set twice is set in two commits.
void AddTaskEdits(const Plan& plan, GroupBy group_by, const Record& empty, std::vector<Change>& changes) {
  const TaskTransition* last = nullptr;
  for (const TaskEdits& made : plan.task_edits) {
    const TaskTransition& t = made.transition;
    const bool joins = group_by != GroupBy::kCluster && last != nullptr && last->task == t.task &&
                       last->date == t.date && !TouchesSame(changes.back(), made.edits);
    if (!joins) changes.push_back({.edits = {}, .record = empty, .documents = {}, .clusters = {}});
    last = &t;
    Change& change = changes.back();
    change.record.tasks.push_back(t);
    change.edits.insert(change.edits.end(), made.edits.begin(), made.edits.end());
    for (const RefEdit& edit : made.edits) change.clusters.emplace_back(edit.file, RefusalKey(KeyOf(t)));
  }
}

}  // namespace

std::vector<Change> RenderChanges(const Plan& plan, GroupBy group_by) {
  const Record empty{.at = plan.at, .decided_on = plan.commit, .transitions = {}};
  std::set<ObjectName> only_bumped = OnlyBumped(plan);
  Change recorded{.edits = {}, .record = empty, .documents = plan.documents, .clusters = {}};
  std::ranges::sort(recorded.documents, {}, &Document::path);
  std::map<ObjectName, Transition> taken_up;
  for (const Transition& t : plan.transitions) {
    const auto* target = std::get_if<TargetSet>(&t);
    if (target != nullptr && only_bumped.contains(target->upgrade)) {
      taken_up.emplace(target->upgrade, t);
    } else {
      recorded.record.transitions.push_back(t);
    }
  }
  std::map<ObjectName, const PlanFrozen*> frozen_plans;
  for (const PlanFrozen& frozen : plan.frozen) frozen_plans.emplace(frozen.upgrade, &frozen);
  std::map<GroupKey, size_t> group_of;
  std::vector<Change> bumps;
  for (const Decision& d : plan.decisions) {
    if (d.action != Action::kBump) {
      recorded.record.transitions.insert(recorded.record.transitions.end(), d.transitions.begin(),
                                         d.transitions.end());
      continue;
    }
    auto [group, is_new] = group_of.try_emplace(KeyOf(d, group_by), bumps.size());
    if (is_new) bumps.push_back({.edits = {}, .record = empty, .documents = {}, .clusters = {}});
    Change& change = bumps[group->second];
    if (auto target = taken_up.extract(d.upgrade))
      change.record.transitions.push_back(std::move(target.mapped()));
    auto frozen = frozen_plans.find(d.upgrade);
    if (frozen != frozen_plans.end()) {
      change.record.transitions.emplace_back(*frozen->second);
      frozen_plans.erase(frozen);
    }
    change.record.transitions.insert(change.record.transitions.end(), d.transitions.begin(),
                                     d.transitions.end());
    change.edits.insert(change.edits.end(), d.edits.begin(), d.edits.end());
    for (const RefEdit& edit : d.edits) change.clusters.emplace_back(edit.file, d.cluster);
  }
  AddTaskEdits(plan, group_by, empty, bumps);
  std::vector<Change> changes;
  recorded.record.tasks = plan.tasks;
  if (!recorded.record.empty()) changes.push_back(std::move(recorded));
  for (Change& change : bumps) {
    Sort(change);
    changes.push_back(std::move(change));
  }
  return changes;
}

}  // namespace lockkeeper
