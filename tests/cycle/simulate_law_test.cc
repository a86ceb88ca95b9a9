// A simulation tells what the real passes will do: the same fleet, the same assumptions, once in memory and
// once on a repository on the disk, and the events are the same.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "reconciler/core/simulate/moving_fleet.h"
#include "reconciler/core/simulate/simulate.h"
#include "reconciler/cycle/edit_files.h"
#include "reconciler/cycle/reconcile.h"
#include "reconciler/cycle/task_trials.h"
#include "tests/cycle/random_repository.h"

namespace lockkeeper {
namespace {

using std::chrono::days;

/// What an event comes to, as text to compare. A hold by its gate, since only the plan knows its verdict.
std::string Line(Instant at, const ObjectName& upgrade, const std::string& cluster, std::string_view what) {
  return fmt::format("{} {} {} {}", FormatInstant(at), upgrade.str(), cluster, what);
}

std::string Line(const Event& event) {
  std::string what{Name(event)};
  if (event.kind == EventKind::kHold) what = "held by " + event.gate;
  if (event.kind == EventKind::kBump) what = fmt::format("bump {} -> {}", event.from, event.to);
  return Line(event.at, event.upgrade, event.cluster, what);
}

std::string Line(const Record& record, const Bumped& bump) {
  return Line(record.at, bump.upgrade, bump.cluster, fmt::format("bump {} -> {}", bump.from, bump.to));
}

std::string Line(const Record& record, const StateChanged& change) {
  const bool ends = change.state == ClusterState::kFinished;
  return Line(record.at, change.upgrade, change.cluster,
              ends ? std::string{Name(change.outcome)} : "held by " + change.reason);
}

std::string Line(const Record& record, const TaskTransition& task, const std::string& cluster) {
  return Line(record.at, task.task, cluster,
              task.step == TaskStep::kOpen ? std::string_view{"due"} : Name(task.step));
}

/// What decides where a fleet's clusters go, without the places of the values.
std::string Describe(std::span<const Cluster> clusters) {
  std::string text;
  for (const Cluster& cluster : clusters) {
    text += fmt::format("{} {}", cluster.name, cluster.release);
    for (const Ref& ref : cluster.refs) {
      text += fmt::format(" [{} {} {} {} {} {}]", ref.file, ref.path, ref.value, ref.version, ref.format,
                          ref.problem_code);
    }
    for (const auto& [key, value] : cluster.labels) text += fmt::format(" {}={}", key, value);
    text += "\n";
  }
  return text;
}

/// A daemon on a real repository whose clock is stepped, and the world that it sees.
class RealRun {
 public:
  RealRun(unsigned seed, const Assumptions& assumptions) : files_(seed), assumptions_(assumptions) {
    temp_.Commit(files_.Files());
    repository_ = *OpenLocalRepository({.location = temp_.path(), .branch = "main"});
    reader_.emplace(*repository_);
    for (const std::string& upgrade : files_.upgrades()) {
      for (const std::string& cluster : files_.clusters()) seen_[{{.name = upgrade}, cluster}].ready = true;
    }
  }

  FleetReader& reader() { return *reader_; }
  const RandomRepository& files() const { return files_; }
  const FleetState& State() { return **reader_->Read(*repository_->Fetch()); }

  /// What the commits' trailers say, sorted.
  std::vector<std::string> Live(Interval horizon) {
    events_.clear();
    for (Instant now = horizon.start; now < horizon.end && !testing::Test::HasFatalFailure();) {
      See(now);
      auto wake = PassUntilSettled(now);
      if (!due_.empty() && (!wake || due_.begin()->first < *wake)) wake = due_.begin()->first;
      if (!wake) break;
      now = *wake;
    }
    std::ranges::sort(events_);
    return events_;
  }

 private:
  void See(Instant now) {
    for (; !due_.empty() && due_.begin()->first <= now; due_.erase(due_.begin())) {
      const auto& who = due_.begin()->second;
      seen_[who].outcome = assumptions_.OutcomeOf(who.second);
    }
  }

  std::optional<Instant> PassUntilSettled(Instant now) {
    while (true) {
      MovingFleet moving(State().fleet);
      auto result = Reconcile(*repository_, *reader_, {.now = now, .observations = seen_, .back_off = {}});
      if (!result) {
        ADD_FAILURE() << result.error().message;
        return std::nullopt;
      }
      if (result->commits.empty()) return result->plan.next_wake;
      for (const MadeCommit& made : result->commits) {
        Take(made.message);
        moving.Make(made.change.edits);
      }
      EXPECT_EQ(Describe(moving.model().fleet().clusters), Describe(State().fleet.clusters))
          << "after the pass at " << FormatInstant(now);
    }
  }

  void Take(const std::string& message) {
    auto record = ParseTrailers(message);
    ASSERT_TRUE(record && *record) << message;
    for (const TaskTransition& task : (*record)->tasks) {
      if (task.clusters.empty()) events_.push_back(Line(**record, task, {}));
      for (const std::string& cluster : task.clusters) events_.push_back(Line(**record, task, cluster));
    }
    for (const Transition& transition : (*record)->transitions) {
      if (const auto* change = std::get_if<StateChanged>(&transition))
        events_.push_back(Line(**record, *change));
      const auto* bump = std::get_if<Bumped>(&transition);
      if (bump == nullptr) continue;
      events_.push_back(Line(**record, *bump));
      seen_[{bump->upgrade, bump->cluster}].outcome = Outcome::kNone;
      if (assumptions_.OutcomeOf(bump->cluster) == Outcome::kTimedOut) continue;
      due_.emplace((*record)->at + *assumptions_.duration, std::pair{bump->upgrade, bump->cluster});
    }
  }

  RandomRepository files_;
  const Assumptions& assumptions_;
  TempRepository temp_;
  std::unique_ptr<Repository> repository_;
  std::optional<FleetReader> reader_;
  Observations seen_;
  std::multimap<Instant, std::pair<ObjectName, std::string>> due_;
  std::vector<std::string> events_;
};

std::vector<std::string> SimulateLines(RealRun& run, const Assumptions& assumptions, Interval horizon) {
  const FleetState& state = run.State();
  TrialEdits trial(run.reader());
  auto future = Simulate({.fleet = state.fleet,
                          .book = state.book,
                          .broken_status = state.broken_status,
                          .horizon = horizon,
                          .assumptions = assumptions,
                          .tasks = &state.tasks,
                          .try_edits = [&](const std::vector<Change>& changes) { return trial.Try(changes); },
                          .try_tasks =
                              [&](const std::vector<DueChanges>& due) {
                                return TryTaskChanges(due, state.fleet, [&](const std::string& path) {
                                  return trial.Read(path);
                                });
                              }});
  if (!future || !future->incomplete.empty()) {
    ADD_FAILURE() << (future ? future->incomplete : future.error().message);
    return {};
  }
  std::vector<std::string> lines;
  for (const Event& event : future->events) lines.push_back(Line(event));
  std::ranges::sort(lines);
  return lines;
}

/// Returns the events, told in advance and then lived through.
std::vector<std::string> CompareOnce(unsigned seed) {
  std::mt19937 random{seed * 7919};
  Assumptions assumptions{.outcomes = {}, .duration = std::chrono::minutes{20 + 40 * (random() % 6)}};
  RealRun run(seed, assumptions);
  for (const std::string& cluster : run.files().clusters()) {
    if (random() % 5 == 0) assumptions.outcomes[cluster] = Outcome::kFailure;
    if (random() % 7 == 0) assumptions.outcomes[cluster] = Outcome::kTimedOut;
  }
  Instant start = *ParseInstant("2026-03-01T00:00:00Z");
  const Instant end = start + days{90};
  // Often it begins in the middle of things.
  if (random() % 2 == 0) {
    const Instant middle = start + std::chrono::hours{24 * (2 + random() % 20)};
    run.Live({start, middle});
    start = middle;
  }
  std::vector<std::string> simulated = SimulateLines(run, assumptions, {start, end});
  EXPECT_EQ(simulated, run.Live({start, end}));
  return simulated;
}

/// More of them for a long run: LK_WORLDS=1000.
unsigned Worlds() {
  const char* wanted = std::getenv("LK_WORLDS");
  return wanted != nullptr ? static_cast<unsigned>(std::strtoul(wanted, nullptr, 10)) : 40;
}

TEST(SimulateLaw, TheRealRunMakesTheSameEvents) {
  std::map<std::string, int> seen;
  for (unsigned seed = 1; seed <= Worlds() && !HasFailure(); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    for (const std::string& line : CompareOnce(seed)) {
      // The word after instant, upgrade and cluster; of a hold the gate.
      std::string what = line.substr(line.find(' ', line.find(' ', line.find(' ') + 1) + 1) + 1);
      if (what.starts_with("bump")) what = "bump";
      ++seen[what];
    }
  }
  // What is compared must be worth it.
  if (HasFailure()) return;
  for (const auto& [what, count] : seen) RecordProperty(what, count);
  for (const char* what : {"bump",
                           "success",
                           "unverified",
                           "failure",
                           "timedOut",
                           "skipped",
                           "superseded",
                           "expired",
                           "held by window",
                           "held by concurrency",
                           "held by conflict",
                           "held by ref",
                           "held by suspend",
                           "held by stage",
                           "held by failure-budget",
                           "held by approval",
                           "held by notice",
                           "held by min-interval",
                           "held by lock",
                           "due",
                           "overdue",
                           "changed",
                           "refused"}) {
    EXPECT_GT(seen[what], 0) << what;
  }
  EXPECT_GT(seen["bump"], static_cast<int>(Worlds()));
}

}  // namespace
}  // namespace lockkeeper
