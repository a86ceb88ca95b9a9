#include "reconciler/core/audit/judge_records.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace lockkeeper {
namespace {

using ContenderName = std::pair<ObjectName, std::string>;

std::string WindowText(const Bumped& bump) {
  std::string text = "no window";
  if (bump.window) {
    const WindowRecord& window = *bump.window;
    text = fmt::format("the window {}/{} of {}",
                       window.start == Instant::min() ? ".." : FormatInstant(window.start),
                       window.end == Instant::max() ? ".." : FormatInstant(window.end), window.schedule);
  }
  if (bump.override_) text += fmt::format(", an override of {}", bump.override_->by);
  return text;
}

/// `State`, without the words: what has to be the same in the plan.
bool SameState(const StateChanged& a, const StateChanged& b) {
  return a.state == b.state && a.outcome == b.outcome && a.reason == b.reason;
}

std::string StateText(const StateChanged& change) {
  std::string text{Name(change.state)};
  if (change.outcome != Outcome::kNone) text += fmt::format(" {}", Name(change.outcome));
  if (!change.reason.empty()) text += fmt::format(" ({})", change.reason);
  return text;
}

class Judge {
 public:
  Judge(const FleetModel& model, const Plan& plan) : model_(model), plan_(plan) {
    for (const Transition& t : plan.transitions) {
      if (const auto* change = std::get_if<StateChanged>(&t))
        endings_.emplace(ContenderName{change->upgrade, change->cluster}, change);
      if (const auto* target = std::get_if<TargetSet>(&t)) targets_.emplace(target->upgrade, target);
    }
  }

  void Take(const AuditedRecord& audited) {
    for (const Transition& t : audited.record->transitions) {
      std::visit([&](const auto& one) { TakeOne(audited, one); }, t);
    }
    for (const TaskTransition& task : audited.record->tasks) TakeTask(audited, task);
  }

  std::vector<Violation> Finish() { return std::move(found_); }

 private:
  void Add(const AuditedRecord& audited, const ObjectName& upgrade, const std::string& cluster,
           AuditCode code, std::string message) {
    found_.push_back({audited.commit, upgrade.str(), cluster, code, std::move(message)});
  }

  void TakeOne(const AuditedRecord& audited, const PlanFrozen& frozen) {
    if (std::ranges::find(plan_.frozen, frozen) != plan_.frozen.end()) return;
    Add(audited, frozen.upgrade, "", AuditCode::kNotDecided,
        fmt::format("it records that the upgrade's plan is fixed as {}; that was not to be recorded",
                    frozen.hash));
  }

  void TakeOne(const AuditedRecord& audited, const NoticeSent& notice) {
    TakeSent(audited, notice, fmt::format("a notice for {}", FormatInstant(notice.planned)));
  }

  void TakeOne(const AuditedRecord& audited, const ReminderSent& reminder) {
    TakeSent(audited, reminder, fmt::format("a reminder {} before", FormatDuration(reminder.before)));
  }

  template <class Sent>
  void TakeSent(const AuditedRecord& audited, const Sent& sent, const std::string& what) {
    if (std::ranges::find(plan_.transitions, Transition{sent}) != plan_.transitions.end()) return;
    Add(audited, sent.upgrade, "", AuditCode::kNotDecided,
        fmt::format("it records {} at {}; none was due", what, FormatInstant(plan_.at)));
  }

  void TakeOne(const AuditedRecord& audited, const Bumped& bump) {
    auto refuse = [&](AuditCode code, const std::string& why) {
      Add(audited, bump.upgrade, bump.cluster, code,
          fmt::format("bumped from {} to {} at {}: {}", bump.from, bump.to, FormatInstant(plan_.at), why));
    };
    if (!bumped_.insert({bump.upgrade, bump.cluster}).second)
      return refuse(AuditCode::kNotAllowed, "it was bumped in this pass already");
    const Decision* decision = FindDecision(plan_, bump.upgrade, bump.cluster);
    if (decision == nullptr) return refuse(AuditCode::kNotAllowed, WhyNotSelected(bump));
    if (decision->action != Action::kBump) {
      std::string why = WhyNot(*decision);
      return why.empty() ? void() : refuse(AuditCode::kNotAllowed, why);
    }
    if (decision->from != bump.from || decision->hop != bump.to) {
      return refuse(AuditCode::kNotAllowed, fmt::format("gate version: the way to {} leads from {} to {}",
                                                        decision->target, decision->from, decision->hop));
    }
    for (const Transition& t : decision->transitions) {
      const auto* planned = std::get_if<Bumped>(&t);
      if (planned == nullptr || (planned->window == bump.window && planned->override_ == bump.override_))
        continue;
      refuse(AuditCode::kNotDecided,
             fmt::format("it records {}; in force was {}", WindowText(bump), WindowText(*planned)));
    }
  }

  std::string WhyNotSelected(const Bumped& bump) const {
    auto upgrade =
        std::ranges::find(model_.upgrades(), bump.upgrade,
                          [](const UpgradeModel& m) -> const ObjectName& { return m.upgrade->name; });
    if (upgrade == model_.upgrades().end()) return "there is no such upgrade";
    auto clusters = model_.fleet().clusters;
    auto cluster = std::ranges::lower_bound(clusters, bump.cluster, {}, &Cluster::name);
    if (cluster == clusters.end() || cluster->name != bump.cluster) return "there is no such cluster";
    return "the upgrade does not select this cluster";
  }

  /// Empty: nothing but a check, of which nobody knows any more what it said.
  static std::string WhyNot(const Decision& decision) {
    if (decision.action == Action::kObserve) return "an earlier bump of it was under way";
    const bool waits = decision.action == Action::kWait || decision.action == Action::kBlocked;
    bool only_check = waits;
    for (const auto& [gate, result] : decision.gates) {
      if (result.verdict == Verdict::kPass) continue;
      if (waits && gate == Gate::kCheck) continue;
      only_check = false;
      if (waits || Name(gate) == decision.reason)
        return fmt::format("gate {}: {}", Name(gate), result.message);
    }
    if (only_check) return {};
    return fmt::format("its part in the upgrade had ended: {}", decision.reason);
  }

  void TakeOne(const AuditedRecord& audited, const StateChanged& change) {
    if (change.reason == Name(Gate::kCheck)) return;
    std::vector<const StateChanged*> planned;
    if (auto ending = endings_.find({change.upgrade, change.cluster}); ending != endings_.end())
      planned.push_back(ending->second);
    const Decision* decision = FindDecision(plan_, change.upgrade, change.cluster);
    if (decision != nullptr) {
      for (const Transition& t : decision->transitions) {
        if (const auto* one = std::get_if<StateChanged>(&t)) planned.push_back(one);
      }
    }
    if (std::ranges::any_of(planned, [&](const StateChanged* one) { return SameState(*one, change); }))
      return;
    // What ends with a bump that was not to be made is told with the bump.
    if (bumped_.contains({change.upgrade, change.cluster}) &&
        (decision == nullptr || decision->action != Action::kBump))
      return;
    Add(audited, change.upgrade, change.cluster, AuditCode::kNotDecided,
        planned.empty() ? fmt::format("it records {} at {}; nothing was to be recorded of it",
                                      StateText(change), FormatInstant(plan_.at))
                        : fmt::format("it records {} at {}; it was {}", StateText(change),
                                      FormatInstant(plan_.at), StateText(*planned.front())));
  }

  void TakeOne(const AuditedRecord& audited, const TargetSet& target) {
    auto planned = targets_.find(target.upgrade);
    if (planned != targets_.end() && *planned->second == target) return;
    Add(audited, target.upgrade, "", AuditCode::kNotDecided,
        fmt::format("it records that the upgrade asks for {}; {}", target.target,
                    planned == targets_.end()
                        ? "nothing was to be recorded of that"
                        : fmt::format("it asked for {}, spec {}", planned->second->target,
                                      planned->second->spec_hash)));
  }

  /// That something is done is a person's word; when it falls due, and when it is overdue, follows.
  void TakeTask(const AuditedRecord& audited, const TaskTransition& task) {
    if (task.step == TaskStep::kDone) return;
    auto same = [&](TaskTransition planned) {
      // Words are not judged.
      if (task.step == TaskStep::kRefused && planned.step == task.step) planned.problem = task.problem;
      return planned == task;
    };
    if (std::ranges::any_of(plan_.tasks, same)) return;
    if (std::ranges::find(plan_.task_edits, task, &TaskEdits::transition) != plan_.task_edits.end()) return;
    found_.push_back(
        {audited.commit, "", task.clusters.size() == 1 ? task.clusters.front() : "", AuditCode::kNotDecided,
         fmt::format("it records that task {} of {} is {} at {}; nothing of the kind was to be "
                     "recorded",
                     task.task.str(), FormatDate(task.date), Name(task.step), FormatInstant(plan_.at))});
  }

  const FleetModel& model_;
  const Plan& plan_;
  std::map<ContenderName, const StateChanged*> endings_;
  std::map<ObjectName, const TargetSet*> targets_;
  std::set<ContenderName> bumped_;
  std::vector<Violation> found_;
};

/// `lockkeeper task done` commits in the name of who ran it.
bool IsWordOfAPerson(const Record& record) {
  return record.transitions.empty() && std::ranges::all_of(record.tasks, [](const TaskTransition& task) {
           return task.step == TaskStep::kDone;
         });
}

std::string_view WithoutBlanks(std::string_view text) {
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

Observations BelievedObservations(std::span<const AuditedRecord> pass) {
  Observations seen;
  for (const AuditedRecord& audited : pass) {
    for (const Transition& t : audited.record->transitions) {
      if (const auto* bump = std::get_if<Bumped>(&t)) {
        Observation& one = seen[{bump->upgrade, bump->cluster}];
        one.ready = true;
        // A further hop is only made once the one before has done well.
        one.outcome = Outcome::kSuccess;
      }
      const auto* change = std::get_if<StateChanged>(&t);
      if (change == nullptr) continue;
      if (change->state == ClusterState::kPending) {
        Observation& one = seen[{change->upgrade, change->cluster}];
        // What was under way waits again only once its hop was seen to be done.
        one.outcome = Outcome::kSuccess;
        // What a gate behind `check` holds had its answer.
        if (change->reason == Name(Gate::kWindow) || change->reason == Name(Gate::kConcurrency))
          one.ready = true;
      }
      if (change->state != ClusterState::kFinished) continue;
      if (change->outcome == Outcome::kSuccess || change->outcome == Outcome::kFailure)
        seen[{change->upgrade, change->cluster}].outcome = change->outcome;
    }
  }
  return seen;
}

const Decision* FindDecision(const Plan& plan, const ObjectName& upgrade, std::string_view cluster) {
  auto key = [](const Decision& d) {
    return std::pair<const ObjectName&, std::string_view>{d.upgrade, d.cluster};
  };
  const std::pair<const ObjectName&, std::string_view> wanted{upgrade, cluster};
  auto found = std::ranges::lower_bound(plan.decisions, wanted, std::ranges::less{}, key);
  return found == plan.decisions.end() || key(*found) != wanted ? nullptr : &*found;
}

std::vector<Violation> JudgeRecords(const FleetModel& model, const Plan& plan,
                                    std::span<const AuditedRecord> pass) {
  Judge judge(model, plan);
  for (const AuditedRecord& audited : pass) judge.Take(audited);
  return judge.Finish();
}

Violation About(const AuditedRecord& audited, AuditCode code, std::string message) {
  std::set<std::string> upgrades;
  std::set<std::string> clusters;
  for (const Transition& t : audited.record->transitions) {
    std::visit(
        [&](const auto& one) {
          upgrades.insert(one.upgrade.str());
          if constexpr (requires { one.cluster; }) clusters.insert(one.cluster);
        },
        t);
  }
  return {.commit = audited.commit,
          .upgrade = upgrades.size() == 1 ? *upgrades.begin() : "",
          .cluster = clusters.size() == 1 ? *clusters.begin() : "",
          .code = code,
          .message = std::move(message)};
}

std::vector<Violation> JudgeIdentity(const AuditedRecord& audited, const CommitIdentity& identity,
                                     const CommitSettings& expected) {
  std::vector<Violation> found;
  if (identity.time != audited.record->at) {
    found.push_back(About(audited, AuditCode::kWrongDate,
                          fmt::format("it was decided at {} and committed at {}",
                                      FormatInstant(audited.record->at), FormatInstant(identity.time))));
  }
  if (IsWordOfAPerson(*audited.record)) return found;
  auto check = [&](std::string_view role, const std::string& name, const std::string& email) {
    // Git keeps no blanks there.
    if (name == WithoutBlanks(expected.author_name) && email == expected.author_email) return;
    found.push_back(About(audited, AuditCode::kWrongAuthor,
                          fmt::format("its {} is {} <{}>, not {} <{}>", role, name, email,
                                      expected.author_name, expected.author_email)));
  };
  check("author", identity.author_name, identity.author_email);
  check("committer", identity.committer_name, identity.committer_email);
  return found;
}

}  // namespace lockkeeper
