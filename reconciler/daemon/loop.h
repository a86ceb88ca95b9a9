#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "gitops/repository/repository.h"
#include "reconciler/cycle/fleet_reader.h"
#include "reconciler/cycle/reconcile.h"
#include "reconciler/daemon/back_off.h"
#include "reconciler/daemon/waker.h"
#include "schemas/error.h"

namespace lockkeeper {

/// What one turn of the loop came to.
struct Turn {
  Instant at;
  std::chrono::steady_clock::duration took{};
  Result<ReconcileResult> result;
  const FleetState* state = nullptr;  ///< of the pass, where there was something to decide
  bool fetched = false;               ///< the remote was read, whatever came after
  Repository* repository = nullptr;   ///< that is followed; null: it could not be opened
  int errors = 0;                     ///< in a row, of this kind
  Rest rest;                          ///< until when nothing happens now
};

/// Looks at the turns from outside. Called from the loop's thread.
class LoopObserver {
 public:
  virtual ~LoopObserver() = default;
  virtual void TurnBegins(Instant at) = 0;
  virtual void TurnEnds(const Turn& turn) = 0;
};

struct LoopOptions {
  std::chrono::milliseconds poll_interval{60'000};
  BackOffTimes back_off{};
  SigningKey signing_key{};
  AllowedSigners allowed_signers{};
  /// Opened when it is needed first, and again after it was found unusable.
  std::function<Result<std::unique_ptr<Repository>>()> open;
  /// What the remote asked us to wait, with its last error; it may be empty.
  std::function<std::optional<std::chrono::seconds>(const Repository&)> retry_after;
};

/// The daemon's one loop (SPEC 8): polls, wakes at the planner's next wake and when poked, makes passes until
/// nothing is left to do, and rests. It depends on what the branch says and on the clock, never on which
/// event woke it. No error ends it.
class Loop {
 public:
  Loop(LoopOptions options, Waker& waker, LoopObserver& observer);

  /// Until waker.Stop(): the pass at hand is finished.
  void Run();

 private:
  Turn TakeTurn();
  Result<ReconcileResult> Pass(Instant now);
  void Follow(const std::string& commit);
  void TellRewrite(const std::string& commit);
  Rest RestAfter(const Turn& turn);

  LoopOptions options_;
  Waker& waker_;
  LoopObserver& observer_;
  ErrorBackOff back_off_;
  std::minstd_rand random_{std::random_device{}()};
  std::unique_ptr<Repository> repository_;
  std::unique_ptr<FleetReader> reader_;
  std::optional<Settled> settled_;
  std::string followed_;       ///< the commit of the last fetch
  bool fetched_ = false;       ///< in this turn
  std::string signers_stamp_;  ///< of the files of allowed signers, when the fleet was read last
  int pushes_in_a_row_ = 0;    ///< passes that wrote, one right after the other
};

/// Whether `commit` has `ancestor` among its ancestors, or is it. Looks at the newest commits only, some
/// thousands of them: where there are more without it, it is taken to be further back.
Result<bool> IsNewAncestor(Repository& repository, const std::string& commit, const std::string& ancestor);

}  // namespace lockkeeper
