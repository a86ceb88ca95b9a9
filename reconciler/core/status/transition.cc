#include "reconciler/core/status/transition.h"

namespace lockkeeper {
namespace {

void ApplyBump(const Bumped& bump, const Record& record, StatusBook& book) {
  UpgradeRecord& upgrade = book[bump.upgrade];
  upgrade.upgrade = bump.upgrade;
  ClusterRecord& line = upgrade.FindOrAdd(bump.cluster);
  bool further_hop = line.state == ClusterState::kRunning && line.triggered_at.has_value();
  if (!further_hop) {
    line = ClusterRecord{.name = bump.cluster};
    line.from = bump.from;
    line.triggered_at = record.at;
  }
  line.state = ClusterState::kRunning;
  line.reason.clear();
  line.until.reset();
  line.message.clear();
  line.to = bump.to;
  line.hops.push_back({.to = bump.to, .triggered_at = record.at});
  line.decided_on = record.decided_on;
  line.window = bump.window;
  line.override_ = bump.override_;
}

/// Returns the changed line.
const ClusterRecord& ApplyState(const StateChanged& change, const Record& record, StatusBook& book) {
  UpgradeRecord& upgrade = book[change.upgrade];
  upgrade.upgrade = change.upgrade;
  ClusterRecord& line = upgrade.FindOrAdd(change.cluster);
  // A finished cluster that waits again starts anew: what it came to is in its history.
  if (line.state == ClusterState::kFinished && change.state != ClusterState::kFinished) {
    line = ClusterRecord{.name = change.cluster};
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

}  // namespace

void Apply(const Record& record, StatusBook& book, std::vector<EndedRun>* ended) {
  for (const Transition& transition : record.transitions) {
    if (const auto* target = std::get_if<TargetSet>(&transition)) {
      UpgradeRecord& upgrade = book[target->upgrade];
      upgrade.upgrade = target->upgrade;
      upgrade.target = target->target;
      upgrade.spec_hash = target->spec_hash;
    } else if (const auto* bump = std::get_if<Bumped>(&transition)) {
      ApplyBump(*bump, record, book);
    } else {
      const auto& change = std::get<StateChanged>(transition);
      const ClusterRecord& line = ApplyState(change, record, book);
      bool counts = line.state == ClusterState::kFinished && line.outcome != Outcome::kSkipped;
      if (counts && ended != nullptr) ended->push_back({.upgrade = change.upgrade, .line = line});
    }
  }
}

}  // namespace lockkeeper
