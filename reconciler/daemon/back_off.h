#pragma once

#include <chrono>
#include <optional>

#include "schemas/error.h"

namespace lockkeeper {

struct BackOffTimes {
  std::chrono::milliseconds transient_first{1'000};
  std::chrono::milliseconds transient_max{300'000};
  std::chrono::milliseconds denied_first{30'000};
  std::chrono::milliseconds denied_max{900'000};
};

/// When the loop tries again after an error. What may pass by itself is tried soon and then ever more rarely:
///
/// | kind | first | doubled up to |
/// |---|---|---|
/// | kTransient, kConflict | 1 s | 5 min |
/// | kDenied | 30 s | 15 min |
/// | kInvalid, kNotFound | the poll interval | the poll interval: a new commit mends it |
class ErrorBackOff {
 public:
  explicit ErrorBackOff(std::chrono::milliseconds poll_interval, const BackOffTimes& times = {})
      : poll_interval_(poll_interval), times_(times) {}

  /// After one more error. `random` in [0, 1) spreads those who met over the upper half of the time. What the
  /// server asks for (`retry_after`) is never undercut, up to an hour.
  std::chrono::milliseconds Next(ErrorKind kind, double random,
                                 std::optional<std::chrono::seconds> retry_after);
  /// After a success.
  void Reset() { errors_ = 0; }
  int errors() const { return errors_; }

 private:
  std::chrono::milliseconds poll_interval_;
  BackOffTimes times_;
  std::optional<ErrorKind> last_;
  int errors_ = 0;
};

}  // namespace lockkeeper
