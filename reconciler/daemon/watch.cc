#include "reconciler/daemon/watch.h"

#include <fmt/format.h>

#include <algorithm>

#include "gitops/remote/remote_repository.h"
#include "reconciler/cli/logging.h"
#include "reconciler/core/plan/fleet_model.h"

namespace lockkeeper {

using std::chrono::steady_clock;

namespace {

/// A turn has deadlines on everything it does; one that takes longer hangs.
constexpr std::chrono::minutes kTurnTimeMax{30};

uint64_t BumpsOf(const ReconcileResult& result) {
  if (result.pushed.empty()) return 0;
  uint64_t bumps = 0;
  for (const MadeCommit& made : result.commits) {
    bumps += static_cast<uint64_t>(std::ranges::count_if(
        made.change.record.transitions, [](const auto& t) { return std::holds_alternative<Bumped>(t); }));
  }
  return bumps;
}

std::string StatusLine(const Turn& turn) {
  if (!turn.result) return "the last pass failed: " + turn.result.error().message;
  return fmt::format("at {}; next wake {}", turn.result->read.substr(0, 12),
                     turn.rest.wake_at ? FormatInstant(*turn.rest.wake_at) : "only with a new commit");
}

}  // namespace

Watch::Watch(Metrics& metrics, ReaderSlot& readers, std::chrono::milliseconds pass_age_max)
    : metrics_(metrics), readers_(readers), pass_age_max_(pass_age_max) {}

void Watch::TurnBegins(Instant) { turn_began_.store(steady_clock::now().time_since_epoch().count()); }

void Watch::TurnEnds(const Turn& turn) {
  log_.Tell(turn);
  Measure(turn);
  readers_.Refill(turn.repository);
  if (turn.repository != nullptr) {
    if (auto* remote = dynamic_cast<RemoteRepository*>(turn.repository)) {
      for (const std::string& problem : remote->TakeProblems()) {
        LogEvent(LogLevel::kWarn, "the clone was not as it should be", {{"problem", problem}});
      }
    }
  }
  if (supervisor_ != nullptr) supervisor_->Status(StatusLine(turn));
  const std::scoped_lock lock{mutex_};
  if (turn.repository != nullptr) branch_ = turn.repository->branch();
  error_ = turn.result ? "" : turn.result.error().message;
  if (turn.result) {
    passed_ = steady_clock::now();
    passed_at_ = turn.at;
    ++passes_;
  }
  // Only now: a log that nobody reads any more holds up the loop as well.
  turn_began_.store(kNoTurn);
}

void Watch::Measure(const Turn& turn) {
  Metrics::Pass pass{.duration = turn.took, .at = turn.at};
  if (turn.result) {
    pass.bumps = BumpsOf(*turn.result);
    pass.commits = turn.result->pushed.empty() ? 0 : turn.result->commits.size();
    pass.retries = static_cast<uint64_t>(turn.result->retries);
  } else {
    pass.error = turn.result.error().kind;
  }
  if (turn.fetched) metrics_.SetFetched(turn.at);
  if (!turn.result) {
    const ErrorKind kind = turn.result.error().kind;
    // What was fetched and says something wrong is no failure of the remote's.
    const bool is_content = kind == ErrorKind::kInvalid || kind == ErrorKind::kNotFound;
    if (!turn.fetched) metrics_.CountRemoteError(Metrics::RemoteCall::kFetch, kind);
    if (turn.fetched && !is_content) metrics_.CountRemoteError(Metrics::RemoteCall::kPublish, kind);
  }
  metrics_.CountPass(pass);
  if (turn.state == nullptr || !turn.state->fleet.settings) return;
  const FleetModel model = FleetModel::Build(turn.state->fleet);
  log_.TellFindings(turn.result->read, model);
  metrics_.SetFleet(MeasureFleet(model, turn.state->book, turn.state->tasks.book, turn.result->plan));
}

HealthWords Watch::Alive() const {
  const auto began = turn_began_.load();
  if (began == kNoTurn) return {true, "resting"};
  const auto took = steady_clock::now() - steady_clock::time_point{steady_clock::duration{began}};
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(took).count();
  return {took < kTurnTimeMax, fmt::format("at work for {} s", seconds)};
}

HealthWords Watch::Ready() const {
  const std::scoped_lock lock{mutex_};
  if (!passed_) return {false, error_.empty() ? "no pass has been made yet" : error_};
  const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - *passed_);
  if (age > pass_age_max_) {
    return {false, fmt::format("the last pass that ended well is {} s old: {}", age.count() / 1000, error_)};
  }
  return {true, fmt::format("passes={} at={}", passes_, FormatInstant(passed_at_))};
}

std::string Watch::Branch() const {
  const std::scoped_lock lock{mutex_};
  return branch_;
}

}  // namespace lockkeeper
