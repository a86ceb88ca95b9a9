// The words of a commit: what a person reads in `git log`.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "reconciler/core/render/changes.h"

namespace lockkeeper {
namespace {

constexpr size_t kLinesMax = 20;  ///< of a list in the body; the trailers have them all

template <class T>
std::vector<const T*> All(const Change& change) {
  std::vector<const T*> found;
  for (const Transition& t : change.record.transitions) {
    if (const auto* one = std::get_if<T>(&t)) found.push_back(one);
  }
  return found;
}

std::string BumpSubject(const std::vector<const Bumped*>& bumps) {
  const Bumped& first = *bumps.front();
  if (bumps.size() == 1) return fmt::format("Upgrade {} from {} to {}", first.cluster, first.from, first.to);
  std::set<std::string_view> targets;
  for (const Bumped* bump : bumps) targets.insert(bump->to);
  return fmt::format("Upgrade {} clusters to {}", bumps.size(),
                     targets.size() == 1 ? first.to : fmt::format("{} releases", targets.size()));
}

std::string WindowSentence(const std::optional<WindowRecord>& in_force) {
  if (!in_force) return "No maintenance window governs this.";
  const WindowRecord& window = *in_force;
  std::string which =
      window.name.empty() ? std::string{"Schedule"} : fmt::format("Window '{}' of schedule", window.name);
  if (window.end == Instant::max()) return fmt::format("{} {} is open.", which, window.schedule);
  return fmt::format("{} {} is open until {}.", which, window.schedule, FormatInstant(window.end));
}

/// One line for people, whatever is in a reason.
std::string OneLine(std::string text) {
  std::ranges::replace_if(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return text;
}

std::string BumpBody(const std::vector<const Bumped*>& bumps) {
  std::map<ObjectName, size_t> upgrades;
  std::vector<std::string> sentences;
  for (const Bumped* bump : bumps) {
    ++upgrades[bump->upgrade];
    std::string sentence = WindowSentence(bump->window);
    if (bump->override_) {
      // A window that is recorded beside an override may be one that the runway did not fit into.
      sentence = fmt::format("By override of {}: {}", OneLine(bump->override_->by),
                             OneLine(bump->override_->reason));
    }
    if (std::ranges::find(sentences, sentence) == sentences.end()) sentences.push_back(std::move(sentence));
  }
  std::string body;
  for (const auto& [name, count] : upgrades)
    body += fmt::format("ClusterUpgrade {} asks for it.\n", name.str());
  for (size_t i = 0; i < sentences.size() && i < kLinesMax; ++i) body += sentences[i] + "\n";
  if (bumps.size() > 1) {
    body += "\n";
    for (size_t i = 0; i < bumps.size() && i < kLinesMax; ++i) {
      body += fmt::format("- {} from {} to {}\n", bumps[i]->cluster, bumps[i]->from, bumps[i]->to);
    }
    if (bumps.size() > kLinesMax) body += fmt::format("- and {} more\n", bumps.size() - kLinesMax);
  }
  return body;
}

std::string StateText(const StateChanged& change) {
  if (change.state == ClusterState::kFinished) {
    return fmt::format("{}{}", Name(change.outcome),
                       change.reason.empty() ? "" : fmt::format(" ({})", change.reason));
  }
  std::string text = fmt::format("{}, held by gate {}", Name(change.state), change.reason);
  if (change.until) text += fmt::format(" until {}", FormatInstant(*change.until));
  return text;
}

/// What is sent to people is more than a record.
std::string NoticeSubject(const Change& change) {
  auto notices = All<NoticeSent>(change);
  auto reminders = All<ReminderSent>(change);
  if (notices.size() == 1 && reminders.empty()) {
    const NoticeSent& notice = *notices.front();
    return fmt::format("Announce {} for {}", notice.upgrade.name, FormatInstant(notice.planned));
  }
  if (notices.empty() && !reminders.empty()) {
    std::set<std::string_view> upgrades;
    for (const ReminderSent* reminder : reminders) upgrades.insert(reminder->upgrade.name);
    if (upgrades.size() == 1) return fmt::format("Remind of {}", *upgrades.begin());
  }
  if (notices.empty() && reminders.empty()) return {};
  return fmt::format("Send {} notice{}", notices.size() + reminders.size(),
                     notices.size() + reminders.size() == 1 ? "" : "s");
}

/// ` for 3 clusters`; empty for the fleet.
std::string ClustersText(const TaskTransition& task) {
  if (task.clusters.empty()) return {};
  if (task.clusters.size() == 1) return fmt::format(" for {}", task.clusters.front());
  return fmt::format(" for {} clusters", task.clusters.size());
}

bool IsThereAlready(const ScalarChange& change) { return change.from == change.to; }

/// `changes 2 values`
std::string ChangesText(const TaskTransition& task) {
  const size_t there = static_cast<size_t>(std::ranges::count_if(task.changes, IsThereAlready));
  const size_t changed = task.changes.size() - there;
  if (changed == 0) return "finds its changes made already";
  return fmt::format("changes {} value{}", changed, changed == 1 ? "" : "s");
}

std::string TaskText(const TaskTransition& task) {
  const std::string what =
      fmt::format("{} of {}{}", task.task.name, FormatDate(task.date), ClustersText(task));
  switch (task.step) {
    case TaskStep::kOpen:
      return fmt::format("{} has fallen due", what);
    case TaskStep::kOverdue:
      return fmt::format("{} is overdue", what);
    case TaskStep::kChanged:
      return fmt::format("{} {}", what, ChangesText(task));
    case TaskStep::kRefused:
      return fmt::format("{} cannot make its changes", what);
    case TaskStep::kDone:
      break;
  }
  return fmt::format("{} is done", what);
}

std::string TaskSubject(const Change& change) {
  const std::vector<TaskTransition>& tasks = change.record.tasks;
  if (tasks.size() == 1) return OneLine(fmt::format("Task {}", TaskText(tasks.front())));
  return fmt::format("Record {} changes of tasks", tasks.size());
}

std::string ScalarLines(const TaskTransition& task) {
  std::string lines;
  for (size_t i = 0; i < task.changes.size() && i < kLinesMax; ++i) {
    const ScalarChange& change = task.changes[i];
    lines += OneLine(fmt::format(
        "  {} {}: {}", change.file, change.path,
        IsThereAlready(change) ? change.to + " already" : fmt::format("{} -> {}", change.from, change.to)));
    lines += "\n";
  }
  if (task.changes.size() > kLinesMax)
    lines += fmt::format("  and {} more\n", task.changes.size() - kLinesMax);
  if (task.step == TaskStep::kChanged) lines += "  " + WindowSentence(task.window) + "\n";
  return lines;
}

std::string TaskBody(const Change& change) {
  const std::vector<TaskTransition>& tasks = change.record.tasks;
  std::string body;
  for (size_t i = 0; i < tasks.size() && i < kLinesMax; ++i) {
    body += OneLine(fmt::format("- Task {}", TaskText(tasks[i])));
    if (!tasks[i].by.empty()) body += OneLine(fmt::format(", by {}", tasks[i].by));
    if (!tasks[i].note.empty()) body += OneLine(fmt::format(": {}", tasks[i].note));
    if (!tasks[i].problem.empty()) body += OneLine(fmt::format(": {}", tasks[i].problem));
    body += "\n" + ScalarLines(tasks[i]);
  }
  if (tasks.size() > kLinesMax) body += fmt::format("- and {} more\n", tasks.size() - kLinesMax);
  return body;
}

std::vector<const Document*> Proposals(const Change& change) {
  std::vector<const Document*> found;
  for (const Document& document : change.documents) {
    if (document.proposal) found.push_back(&document);
  }
  return found;
}

std::string ProposalSubject(const Change& change) {
  auto proposals = Proposals(change);
  if (proposals.empty()) return {};
  if (proposals.size() > 1) return fmt::format("Propose {} upgrades", proposals.size());
  const Proposal& one = *proposals.front()->proposal;
  return fmt::format("Propose {} for {}", one.release, one.policy.name);
}

std::string RecordSubject(const Change& change) {
  if (change.record.transitions.empty() && !change.record.tasks.empty()) return TaskSubject(change);
  if (std::string subject = ProposalSubject(change); !subject.empty()) return subject;
  if (std::string subject = NoticeSubject(change); !subject.empty()) return subject;
  auto states = All<StateChanged>(change);
  if (states.size() == 1)
    return fmt::format("Record {}: {}", states.front()->cluster, StateText(*states.front()));
  std::set<std::string_view> clusters;
  for (const StateChanged* state : states) clusters.insert(state->cluster);
  if (clusters.empty()) {
    auto targets = All<TargetSet>(change);
    return targets.size() == 1 ? fmt::format("Record upgrade {} to {}", targets.front()->upgrade.name,
                                             targets.front()->target)
                               : fmt::format("Record {} upgrades", targets.size());
  }
  return fmt::format("Record the state of {} cluster{}", clusters.size(), clusters.size() == 1 ? "" : "s");
}

std::string RecordBody(const Change& change) {
  std::string body;
  for (const Document* document : Proposals(change)) {
    body += fmt::format("UpgradePolicy {} asks for {}: {}.\n", document->proposal->policy.str(),
                        document->proposal->release, document->path);
  }
  for (const TargetSet* target : All<TargetSet>(change)) {
    body += fmt::format("ClusterUpgrade {} asks for {}.\n", target->upgrade.str(), target->target);
  }
  for (const NoticeSent* notice : All<NoticeSent>(change)) {
    body += fmt::format("{} is announced for {}: {} cluster{} to {}.\n", notice->upgrade.str(),
                        FormatInstant(notice->planned), notice->clusters.size(),
                        notice->clusters.size() == 1 ? "" : "s", notice->to_release);
  }
  for (const ReminderSent* reminder : All<ReminderSent>(change)) {
    body += fmt::format("{} begins in {}.\n", reminder->upgrade.str(), FormatDuration(reminder->before));
  }
  auto states = All<StateChanged>(change);
  if (!body.empty() && !states.empty()) body += "\n";
  for (size_t i = 0; i < states.size() && i < kLinesMax; ++i) {
    body +=
        fmt::format("- {} in {}: {}\n", states[i]->cluster, states[i]->upgrade.str(), StateText(*states[i]));
  }
  if (states.size() > kLinesMax) body += fmt::format("- and {} more\n", states.size() - kLinesMax);
  if (!body.empty() && !change.record.tasks.empty()) body += "\n";
  return body + TaskBody(change);
}

}  // namespace

std::string CommitMessage(const Change& change) {
  auto bumps = All<Bumped>(change);
  std::string subject = bumps.empty() ? RecordSubject(change) : BumpSubject(bumps);
  std::string body = bumps.empty() ? RecordBody(change) : BumpBody(bumps);
  return fmt::format("{}\n\n{}\n{}", subject, body, FormatTrailers(change.record));
}

}  // namespace lockkeeper
