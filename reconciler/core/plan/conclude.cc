#include "reconciler/core/plan/conclude.h"

#include <fmt/format.h>

#include <algorithm>

#include "reconciler/core/plan/endings.h"
#include "reconciler/core/plan/gates.h"
#include "reconciler/core/plan/ways.h"

namespace lockkeeper {
namespace {

StateChanged ChangeTo(const PlanContext& context, const Contender& c, ClusterState state) {
  return {.upgrade = context.manifest(c).name, .cluster = context.cluster(c).name, .state = state};
}

StateChanged Finish(const PlanContext& context, const Contender& c, Outcome outcome, std::string reason) {
  StateChanged change = ChangeTo(context, c, ClusterState::kFinished);
  change.outcome = outcome;
  change.reason = std::move(reason);
  change.overran = c.line != nullptr && c.line->state == ClusterState::kRunning && c.line->window &&
                   context.now() > c.line->window->end;
  return change;
}

/// What a cluster has come to; with the words of who looked at it, if that is how it is known.
StateChanged EndAsSeen(const PlanContext& context, const Contender& c) {
  StateChanged end = Finish(context, c, c.ending, c.ending_reason);
  const Observation* seen = context.Seen(c);
  if (seen != nullptr && seen->outcome == c.ending) end.message = seen->message;
  return end;
}

/// SPEC 4: the first instant at which all gates pass together, as far as is known now.
std::optional<Instant> JointUntil(PlanContext& context, const Contender& c) {
  Instant at = context.now();
  const GateResult* window = nullptr;
  for (const auto& [gate, result] : c.results) {
    if (result.verdict == Verdict::kPass) continue;
    if (result.verdict == Verdict::kBlocked || !result.until) return std::nullopt;
    if (gate == Gate::kWindow) {
      window = &result;
    } else {
      at = std::max(at, *result.until);
    }
  }
  std::optional<Instant> until =
      at == context.now() && window != nullptr ? window->until : WindowPassesFrom(context, c, at);
  // A lock that begins later may cover that start; each round leaves one behind.
  while (until) {
    std::optional<Instant> free = LockPassesFrom(context, c, *until);
    if (!free || *free == *until) {
      until = free;
      break;
    }
    until = WindowPassesFrom(context, c, *free);
  }
  const auto& deadline = context.manifest(c).start_deadline;
  if (until && deadline && c.phase == Phase::kWaiting && *until >= *deadline) return std::nullopt;
  return until;
}

std::optional<RefEdit> EditOf(const PlanContext& context, const Contender& c, const Ref& ref) {
  auto format = ParseVersionFormat(ref.format.str());
  auto now = ParseVersion(ref.version);
  if (!format) return std::nullopt;  // The inventory has read the value by it.
  std::string version = c.way->to->str();
  if (!format->component.empty()) {
    const std::string* component = FindComponent(*c.way->release, format->component);
    version = WithoutV(*component);
  } else if (now && *now > *c.way->to && !context.manifest(c).allow_downgrade) {
    return std::nullopt;  // This one is further already.
  }
  std::string value = ApplyFormat(*format, version);
  if (value == ref.value) return std::nullopt;
  return RefEdit{ref.file.str(), ref.document, ref.path.str(), ref.value, std::move(value)};
}

void Bump(PlanContext& context, const Contender& c, Decision& decision) {
  decision.action = Action::kBump;
  for (const Ref& ref : context.cluster(c).refs) {
    if (!InScope(ref.role, context.manifest(c).scope)) continue;
    if (auto edit = EditOf(context, c, ref)) decision.edits.push_back(*std::move(edit));
  }
  const auto& group = context.model.SharedWith(c.cluster);
  if (!group.empty()) decision.shared_group = static_cast<int>(group.front());
  Bumped bumped{
      .upgrade = decision.upgrade, .cluster = decision.cluster, .from = decision.from, .to = decision.hop};
  bumped.window = CurrentWindow(context, c);
  if (const Override* o = OverrideUsed(context, c)) bumped.override_ = OverrideRecord{o->by, o->reason};
  decision.transitions.emplace_back(std::move(bumped));
  // Nobody will look at it: the bump itself is the end.
  if (decision.hops_after == 0 && !HasAfterChecks(context, c)) {
    StateChanged end = Finish(context, c, Outcome::kUnverified, "");
    end.overran = false;  // The hop before may have had another window; this one is inside its own.
    decision.transitions.emplace_back(std::move(end));
  }
}

void Hold(PlanContext& context, const Contender& c, const std::pair<Gate, GateResult>& failing,
          Decision& decision) {
  const auto& [gate, result] = failing;
  decision.reason = Name(gate);
  // While another upgrade moves the cluster what holds this one changes with it; only the end of that is
  // worth a record.
  bool told = c.line != nullptr && !c.reopened && c.line->state == ClusterState::kPending;
  bool moved = told && IsMovedByRival(context, c);
  if (result.ends != Outcome::kNone) {
    decision.action = Action::kSkip;
    if (moved) return;
    decision.transitions.emplace_back(Finish(context, c, result.ends, result.ends_reason));
    return;
  }
  decision.action = result.verdict == Verdict::kWait ? Action::kWait : Action::kBlocked;
  decision.until = JointUntil(context, c);
  // A cluster between two hops stays `running`: what it waits for is in the plan, not in the record. But that
  // a hop was seen to be done is worth recording: nobody may be there to see it again.
  bool hop_seen = c.phase == Phase::kHopDone && HasAfterChecks(context, c);
  if ((c.phase != Phase::kWaiting && !hop_seen) || moved || (told && c.line->reason == Name(gate))) return;
  StateChanged change = ChangeTo(context, c, ClusterState::kPending);
  change.reason = Name(gate);
  change.until = decision.until;
  if (result.verdict == Verdict::kBlocked) change.message = result.message;
  decision.transitions.emplace_back(std::move(change));
}

void Observe(const PlanContext& context, const Contender& c, Decision& decision) {
  decision.action = Action::kObserve;
  decision.reason = "running";
  decision.until = HasAfterChecks(context, c) ? TimeoutOf(context, c) : c.slot_free;
}

/// Of what has ended the gate that ended it is the reason, else the outcome.
void TellEnd(Outcome outcome, Decision& decision) {
  decision.action = Action::kSkip;
  switch (outcome) {
    case Outcome::kSkipped:
      decision.reason = Name(Gate::kVersion);
      break;
    case Outcome::kExpired:
      decision.reason = Name(Gate::kStartTime);
      break;
    case Outcome::kSuperseded:
      decision.reason = Name(Gate::kConflict);
      break;
    case Outcome::kRejected:
      decision.reason = Name(Gate::kRejected);
      break;
    default:
      decision.action = Action::kFinish;
      decision.reason = Name(outcome);
  }
}

}  // namespace

Decision Conclude(PlanContext& context, const Contender& c) {
  const UpgradeModel& upgrade = context.upgrade(c);
  Decision decision{.upgrade = upgrade.upgrade->name,
                    .cluster = context.cluster(c).name,
                    .from = c.way->from,
                    .target = upgrade.target ? upgrade.target->str() : upgrade.upgrade->release.name.value,
                    .hop = c.way->hop,
                    .hops_after = c.way->hops_after};
  if (const PlanStage* stage = context.StageOf(c)) decision.stage = stage->name;
  switch (c.phase) {
    case Phase::kFinished:
      TellEnd(c.line->outcome, decision);
      break;
    case Phase::kEnding:
      TellEnd(c.ending, decision);
      decision.transitions.emplace_back(EndAsSeen(context, c));
      break;
    case Phase::kUnderWay:
      Observe(context, c, decision);
      break;
    case Phase::kWaiting:
    case Phase::kHopDone:
      if (const auto* failing = c.FirstFailing()) {
        Hold(context, c, *failing, decision);
      } else {
        Bump(context, c, decision);
      }
  }
  if (!MayRecord(context, upgrade)) decision.transitions.clear();
  decision.gates = c.results;
  return decision;
}

std::optional<Instant> WakeOf(const PlanContext& context, const Contender& c) {
  std::optional<Instant> wake;
  auto consider = [&](const std::optional<Instant>& at) {
    if (at && *at > context.now() && (!wake || *at < *wake)) wake = at;
  };
  switch (c.phase) {
    case Phase::kFinished:
    case Phase::kEnding:
      return std::nullopt;
    case Phase::kUnderWay:
      if (!HasAfterChecks(context, c)) consider(c.slot_free);
      consider(TimeoutOf(context, c));
      return wake;
    case Phase::kWaiting:
    case Phase::kHopDone:
      break;
  }
  std::optional<Instant> rival_free;
  IsMovedByRival(context, c, &rival_free);
  consider(rival_free);
  // What comes after the first gate that does not pass changes nothing yet.
  for (const auto& [gate, result] : c.results) {
    consider(result.changes_at);
    if (result.verdict != Verdict::kPass) break;
  }
  return wake;
}

}  // namespace lockkeeper
