#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reconciler/core/plan/gate.h"
#include "reconciler/core/status/transition.h"
#include "schemas/kinds/cluster.h"
#include "schemas/kinds/upgrade.h"

namespace lockkeeper {

enum class Action : uint8_t { kBump, kPropose, kMerge, kObserve, kWait, kBlocked, kSkip, kFinish };
std::string_view Name(Action action);

/// One scalar to change, by compare and swap: `expected` is what was seen there.
struct RefEdit {
  std::string file;
  int document = 0;
  std::string path;
  std::string expected;
  std::string value;
  auto operator<=>(const RefEdit&) const = default;
};

/// What is to be done about one cluster of one upgrade, and why.
struct Decision {
  ObjectName upgrade;
  std::string cluster;
  std::string stage;
  std::string from;    ///< what runs now, in the style of the target's name; empty where unknown
  std::string target;  ///< the release that the upgrade asks for
  std::string hop;     ///< the release that the next bump goes to; the target, where one bump is enough
  int hops_after = 0;  ///< bumps that follow this one
  Action action = Action::kWait;
  std::string reason;            ///< the first gate that does not pass; of what is finished its outcome
  std::optional<Instant> until;  ///< when all gates pass together, as far as is known now
  /// Sorted by gate; one that is not in here passes and has nothing to say.
  std::vector<std::pair<Gate, GateResult>> gates;
  std::vector<Transition> transitions;  ///< what this decision writes into the status
  std::vector<RefEdit> edits;           ///< of a bump
  int shared_group =
      -1;  ///< clusters of one upgrade and group stand in one place and are bumped in one commit

  const GateResult& gate(Gate gate) const;
};

/// What a policy asks for by a manifest that it makes (SPEC 2.7).
struct Proposal {
  ObjectName policy;
  std::string release;
};

/// A file that is written as a whole: a message for people, or the manifest of an upgrade.
struct Document {
  std::string path;  ///< in the repository
  std::string text;
  ObjectName upgrade;                     ///< that it is about, or that it holds
  std::optional<Proposal> proposal = {};  ///< of a manifest, which must be new; absent: a message
};

/// What a task sets for one due date of one cluster, or of the fleet: in one commit with its record.
struct TaskEdits {
  TaskTransition transition;   ///< kChanged
  std::vector<RefEdit> edits;  ///< empty: everything stands there already
};

struct Plan {
  std::string commit;
  Instant at;
  std::optional<Instant> next_wake;  ///< the next instant at which time alone changes anything in this plan
  std::vector<Decision> decisions;   ///< sorted by upgrade, then cluster
  /// Transitions that belong to no decision: manifests taken up or changed, upgrades that are gone, clusters
  /// that are.
  std::vector<Transition> transitions;
  std::vector<PlanFrozen>
      frozen;  ///< each belongs into the commit of its upgrade's first bump; sorted by upgrade
  /// Messages and manifests that go with what `transitions` record.
  std::vector<Document> documents;
  /// Due dates that begin now, those that are overdue, and those whose changes are refused.
  std::vector<TaskTransition> tasks;
  std::vector<TaskEdits> task_edits;  ///< after the bumps, in this order
  /// What people should know and holds no cluster: of policies, tasks that are held, due dates that are left
  /// out.
  std::vector<std::string> problems;
};

}  // namespace lockkeeper
