#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>

#include "schemas/instant.h"

namespace lockkeeper {

/// Until when the loop has nothing to do.
struct Rest {
  std::chrono::steady_clock::time_point poll_at;
  std::optional<Instant> wake_at;  ///< by the wall clock, wherever somebody sets it meanwhile
  /// A poke before it waits until then: somebody has asked us to stay away that long.
  std::optional<std::chrono::steady_clock::time_point> not_before = {};
};

/// Where all reasons to go on meet: time, a push elsewhere, the end. Everything but Wait may be called from
/// any thread, and from a signal handler.
class Waker {
 public:
  enum class Reason { kPoll, kWake, kPoke, kStop };

  /// `now` is read again and again while waiting, each `tick` at the latest.
  Waker(std::function<Instant()> now, std::chrono::milliseconds tick);
  Waker(const Waker&) = delete;
  Waker& operator=(const Waker&) = delete;
  ~Waker();

  /// Ends the present or the next Wait. Several at once are one.
  void Poke();
  /// Ends every Wait from now on.
  void Stop();
  bool stopping() const { return stopping_.load(); }

  Reason Wait(const Rest& rest);
  Instant Now() const { return now_(); }

 private:
  void Signal() const;

  std::function<Instant()> now_;
  std::chrono::milliseconds tick_;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> poked_ = false;
  int event_;
};

}  // namespace lockkeeper
