#include "reconciler/core/simulate/simulate.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <tuple>
#include <utility>

#include "reconciler/core/simulate/moving_fleet.h"
#include "reconciler/core/status/transition.h"
#include "reconciler/core/task/plan_tasks.h"
#include "schemas/assert.h"

namespace lockkeeper {
namespace {

using Contestant = std::pair<ObjectName, std::string>;  ///< upgrade and cluster, as in Observations

/// The last bump of a cluster that is under way; null: it is not.
const HopRecord* LastBump(const StatusBook& book, const Contestant& who) {
  auto record = book.find(who.first);
  const ClusterRecord* line = record == book.end() ? nullptr : record->second.Find(who.second);
  if (line == nullptr || line->state != ClusterState::kRunning || line->hops.empty()) return nullptr;
  return &line->hops.back();
}

class Simulation {
 public:
  explicit Simulation(const SimulationInput& input) : input_(input), fleet_(input.fleet), book_(input.book) {
    if (input.tasks != nullptr) tasks_ = *input.tasks;
    future_.commit = input.fleet.commit;
    future_.horizon = input.horizon;
    // What policies make may have checks as well.
    asks_before_ = !settings().checks_before.empty() || !input.fleet.policies.empty() ||
                   std::ranges::any_of(input.fleet.upgrades, [](const ClusterUpgrade& upgrade) {
                     return !upgrade.checks_before.empty();
                   });
    all_are_ready_ = !asks_before_;
  }

  Result<Future> Run() {
    AwaitWhatRuns();
    std::optional<Instant> now = input_.horizon.start;
    while (now && *now < input_.horizon.end && future_.incomplete.empty()) {
      SeeOutcomes(*now);
      auto next = PassUntilSettled(*now);
      if (!next) return std::unexpected(next.error());
      now = *next;
    }
    LookAtTheEnd();
    return std::move(future_);
  }

 private:
  const FleetSettings& settings() const { return *input_.fleet.settings; }

  void Await(const Contestant& who, Instant bumped) {
    if (input_.assumptions.OutcomeOf(who.second) == Outcome::kTimedOut) return;
    const Seconds duration = input_.assumptions.DurationOf(fleet_.FindUpgrade(who.first));
    awaited_.emplace(std::max(bumped + duration, input_.horizon.start), std::pair{who, bumped});
  }

  void AwaitWhatRuns() {
    for (const auto& [name, record] : book_) {
      for (const ClusterRecord& line : record.clusters) {
        const Contestant who{name, line.name};
        if (const HopRecord* bump = LastBump(book_, who)) Await(who, bump->triggered_at);
      }
    }
  }

  void SeeOutcomes(Instant now) {
    while (!awaited_.empty() && awaited_.begin()->first <= now) {
      const auto [who, bumped] = awaited_.begin()->second;
      awaited_.erase(awaited_.begin());
      // It may have ended otherwise since.
      const HopRecord* bump = LastBump(book_, who);
      if (bump == nullptr || bump->triggered_at != bumped) continue;
      seen_[who].outcome = input_.assumptions.OutcomeOf(who.second);
      seen_[who].message = "assumed";
    }
  }

  /// Those whom the plan asks about have passed their checks before the start. True where one was not known.
  bool AssumeReady() {
    bool is_new = false;
    for (const Decision& d : future_.last.decisions) {
      std::optional<bool>& ready = seen_[{d.upgrade, d.cluster}].ready;
      is_new = is_new || !ready;
      ready = true;
    }
    all_are_ready_ = true;
    return is_new;
  }

  Plan MakePlanAt(Instant now, const EditRefusals& refusals) {
    return MakePlan(fleet_.model(), {.book = book_,
                                     .broken_status = input_.broken_status,
                                     .refusals = refusals,
                                     .now = now,
                                     .observations = &seen_,
                                     .tasks = input_.tasks == nullptr ? nullptr : &tasks_,
                                     .task_trials = input_.try_tasks ? &trials_ : nullptr});
  }

  Result<void> TryTasksAt(Instant now) {
    if (!input_.try_tasks || input_.tasks == nullptr) return {};
    auto trials = input_.try_tasks(PlanTasks(fleet_.model(), tasks_, now).to_try);
    if (!trials) return std::unexpected(trials.error());
    trials_ = *std::move(trials);
    return {};
  }

  /// As Reconcile decides: again without those whose bytes refuse.
  Result<std::vector<Change>> Decide(Instant now) {
    refusals_.clear();
    if (auto tried = TryTasksAt(now); !tried) return std::unexpected(tried.error());
    while (true) {
      future_.last = MakePlanAt(now, refusals_);
      // What a policy makes in this very plan nobody was asked about.
      if (!future_.last.documents.empty()) all_are_ready_ = !asks_before_;
      if (!all_are_ready_ && AssumeReady()) continue;
      std::vector<Change> changes = RenderChanges(future_.last, settings().delivery.group_by);
      if (!input_.try_edits) return changes;
      auto refused = input_.try_edits(changes);
      if (!refused) return std::unexpected(refused.error());
      if (refused->empty()) return changes;
      const size_t before = refusals_.size();
      refusals_.merge(*refused);
      if (refusals_.size() == before)
        return Invalid("an edit was refused that nobody asked for: " + refusals_.begin()->second);
    }
  }

  void Make(const std::vector<Change>& changes) {
    for (const Change& change : changes) {
      Apply(change.record, book_);
      ApplyTasks(change.record, tasks_.book);
      fleet_.Make(change.edits);
      fleet_.Take(change.documents);
      // A label that a bump has changed may select others, and so does a new manifest.
      if (!change.edits.empty() || !change.documents.empty()) all_are_ready_ = !asks_before_;
    }
    std::ranges::move(EventsOf(future_.last, book_), std::back_inserter(future_.events));
    for (const Change& change : changes) {
      for (const Transition& transition : change.record.transitions) {
        const auto* bump = std::get_if<Bumped>(&transition);
        if (bump == nullptr) continue;
        const Contestant who{bump->upgrade, bump->cluster};
        seen_[who].outcome = Outcome::kNone;
        if (LastBump(book_, who) != nullptr) Await(who, change.record.at);
      }
    }
  }

  /// Until the next pass nothing changes but the words: a window that closes says so.
  void LookAtTheEnd() {
    const Instant last = input_.horizon.end - Seconds{1};
    if (future_.incomplete.empty() && future_.last.at < last) future_.last = MakePlanAt(last, refusals_);
  }

  /// When something happens next; nullopt: nothing ever does.
  Result<std::optional<Instant>> PassUntilSettled(Instant now) {
    for (int passes = 0; passes < kPassesAtOnceMax; ++passes) {
      if (++passes_ > kSimulatedPassesMax) {
        future_.incomplete = fmt::format("it stops at {} after {} passes; ask for less at a time",
                                         FormatInstant(now), kSimulatedPassesMax);
        return std::nullopt;
      }
      auto changes = Decide(now);
      if (!changes) return std::unexpected(changes.error());
      if (changes->empty()) return NextInstant();
      Make(*changes);
    }
    future_.incomplete =
        fmt::format("it stops at {}, where {} passes one after the other still find something new",
                    FormatInstant(now), kPassesAtOnceMax);
    return std::nullopt;
  }

  std::optional<Instant> NextInstant() const {
    std::optional<Instant> next = future_.last.next_wake;
    if (!awaited_.empty() && (!next || awaited_.begin()->first < *next)) next = awaited_.begin()->first;
    return next;
  }

  const SimulationInput& input_;
  MovingFleet fleet_;
  StatusBook book_;
  TaskStatus tasks_;
  TaskTrials trials_;  ///< of the last pass
  Observations seen_;
  std::multimap<Instant, std::pair<Contestant, Instant>> awaited_;  ///< with the instant of the bump
  EditRefusals refusals_;                                           ///< of the last pass
  Future future_;
  bool asks_before_ = false;    ///< somebody wants checks before a start
  bool all_are_ready_ = false;  ///< `seen_` says so of everybody whom a plan may ask about
  int passes_ = 0;
};

}  // namespace

Result<Future> Simulate(const SimulationInput& input) {
  LK_ASSERT(input.fleet.settings.has_value());
  return Simulation{input}.Run();
}

}  // namespace lockkeeper
