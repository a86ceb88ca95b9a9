#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "reconciler/core/status/record.h"
#include "reconciler/core/status/task_record.h"
#include "schemas/error.h"
#include "schemas/instant.h"

namespace lockkeeper {

/// An upgrade's manifest is taken up for the first time, or has changed since.
struct TargetSet {
  ObjectName upgrade;
  std::string target;
  std::string spec_hash;
  bool operator==(const TargetSet&) const = default;
};

/// A cluster's refs go to a release in this very commit.
struct Bumped {
  ObjectName upgrade;
  std::string cluster;
  std::string from;
  std::string to;
  std::optional<WindowRecord> window;
  std::optional<OverrideRecord> override_;
  bool operator==(const Bumped&) const = default;
};

/// A cluster's line of the status changes.
struct StateChanged {
  ObjectName upgrade;
  std::string cluster;
  ClusterState state = ClusterState::kPending;
  Outcome outcome = Outcome::kNone;
  std::string reason;  ///< one word
  std::optional<Instant> until;
  std::string message;  ///< one line; only where it says more than reason and until
  bool overran = false;
  bool operator==(const StateChanged&) const = default;
};

/// An upgrade's plan and its clusters are fixed; its first bump is in the same commit (SPEC 2.6).
struct PlanFrozen {
  struct Stage {
    std::string name;
    std::vector<std::string> clusters;  ///< sorted
    bool operator==(const Stage&) const = default;
  };
  ObjectName upgrade;
  std::string hash;
  std::string copy;
  std::vector<Stage> stages;  ///< those that have clusters, in the plan's order
  bool operator==(const PlanFrozen&) const = default;
};

/// An upgrade was announced, for the first time or anew; its message is in the same commit (SPEC 2.9).
struct NoticeSent {
  ObjectName upgrade;
  Instant planned;
  std::string to_release;
  std::vector<std::string> clusters;  ///< sorted
  bool operator==(const NoticeSent&) const = default;
};

/// People were reminded of a notice, so long before the announced start.
struct ReminderSent {
  ObjectName upgrade;
  Seconds before{0};
  bool operator==(const ReminderSent&) const = default;
};

using Transition = std::variant<TargetSet, Bumped, StateChanged, PlanFrozen, NoticeSent, ReminderSent>;

/// Something becomes of a due date of a task, for the fleet or for several clusters at once (SPEC 2.10).
struct TaskTransition {
  ObjectName task;
  std::chrono::local_days date;
  TaskStep step = TaskStep::kOpen;
  std::vector<std::string> clusters{};   ///< sorted; empty: it is one for the fleet
  Instant due{};                         ///< of kOpen
  std::vector<std::string> checklist{};  ///< of kOpen
  std::string by{};                      ///< of kDone: who did it
  std::string note{};                    ///< of kDone
  std::vector<ScalarChange> changes{};   ///< of kChanged, in the order of the manifest
  std::optional<WindowRecord> window{};  ///< of kChanged
  std::string problem{};                 ///< of kRefused: one line
  bool operator==(const TaskTransition&) const = default;
};

/// What one commit records. Its trailers say exactly this, no more and no less, so that the status files can
/// be made again from the history alone.
struct Record {
  Instant at;              ///< the deciding instant
  std::string decided_on;  ///< the commit that the plan was made from
  std::vector<Transition> transitions;
  std::vector<TaskTransition> tasks{};
  /// Status files that somebody else had altered when this was written, below the status path, sorted: this
  /// commit says nothing of them, and does not become what they are compared with.
  std::vector<std::string> held{};
  bool empty() const { return transitions.empty() && tasks.empty(); }
  bool operator==(const Record&) const = default;
};

/// A cluster's run that came to its end (not skipped), as it stood at that moment.
struct EndedRun {
  ObjectName upgrade;
  ClusterRecord line;
};

/// The trailer block of SPEC 5, each line ended; empty where there are no transitions. To stand as the last
/// paragraph of a message that has a subject. Loses nothing: texts of any bytes come back as they were. A
/// finished StateChanged has an outcome, others have none, and instants must be writable.
std::string FormatTrailers(const Record& record);

/// Reads a commit message; nullopt where it records nothing. Anybody's messages come in here, so only
/// trailers in the last paragraph count, if it holds nothing else and is not the first (FindTrailers has the
/// details), and a revert carries none, whatever it quotes. Trailers that are not known here are left out: a
/// later version's. kInvalid: trailers of ours that make no sense, edited by hand say, with the one that is
/// wrong.
Result<std::optional<Record>> ParseTrailers(std::string_view message);

/// Names a record: two that say the same have the same one.
std::string RecordId(const Record& record);

/// The record as status files can hold it: what is no UTF-8 in its texts is replaced. Apply sees to it
/// itself, so that a status means the same before it is written and after it is read. nullopt: it is so
/// already, as nearly every one is.
std::optional<Record> MadeUtf8(const Record& record);

/// The one place where the status changes. A Bumped starts a new run of the cluster (or a further hop of the
/// one under way), a StateChanged sets its line. Runs that end (not skipped) are appended to `ended` where it
/// is given, in the order in which they end: each is an entry of its cluster's history.
void Apply(const Record& record, StatusBook& book, std::vector<EndedRun>* ended = nullptr);

/// The same for the tasks of a record. What is open, overdue or done already is not opened again, what is
/// done does not become overdue, and only what was opened can be done or changed, the latter once. Gives what
/// has changed, sorted.
std::vector<TaskKey> ApplyTasks(const Record& record, TaskBook& book);

}  // namespace lockkeeper
