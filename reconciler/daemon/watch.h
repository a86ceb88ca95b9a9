#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>

#include "reconciler/daemon/loop.h"
#include "reconciler/daemon/reader_slot.h"
#include "reconciler/daemon/supervisor.h"
#include "reconciler/daemon/turn_log.h"
#include "server/daemon_site.h"
#include "server/metrics.h"

namespace lockkeeper {

/// Watches the loop's turns, and tells the log, the metrics, systemd and whoever asks over HTTP. What others
/// ask is answered from any thread.
class Watch : public LoopObserver {
 public:
  /// `pass_age_max`: a daemon whose last good pass is older is not ready.
  Watch(Metrics& metrics, ReaderSlot& readers, std::chrono::milliseconds pass_age_max);

  void TurnBegins(Instant at) override;
  void TurnEnds(const Turn& turn) override;

  /// From now on systemd hears of it too.
  void Tell(const Supervisor* supervisor) { supervisor_ = supervisor; }

  /// The loop turns, or rests as it should.
  HealthWords Alive() const;
  HealthWords Ready() const;
  /// Empty: not known yet.
  std::string Branch() const;

 private:
  static constexpr std::chrono::steady_clock::rep kNoTurn = 0;

  void Measure(const Turn& turn);

  Metrics& metrics_;
  ReaderSlot& readers_;
  std::chrono::milliseconds pass_age_max_;
  TurnLog log_;
  const Supervisor* supervisor_ = nullptr;
  std::atomic<std::chrono::steady_clock::rep> turn_began_ = kNoTurn;

  mutable std::mutex mutex_;
  std::string branch_;
  std::optional<std::chrono::steady_clock::time_point> passed_;  ///< the last turn that ended well
  Instant passed_at_{};
  uint64_t passes_ = 0;  ///< that ended well
  std::string error_;    ///< of the last turn
};

}  // namespace lockkeeper
