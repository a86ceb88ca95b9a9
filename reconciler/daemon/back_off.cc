#include "reconciler/daemon/back_off.h"

#include <algorithm>

namespace lockkeeper {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kRetryAfterMax{3'600'000};
constexpr int kDoublingsMax = 20;

milliseconds Doubled(milliseconds first, milliseconds most, int times) {
  return std::min(most, first * (int64_t{1} << std::min(times, kDoublingsMax)));
}

}  // namespace

milliseconds ErrorBackOff::Next(ErrorKind kind, double random,
                                std::optional<std::chrono::seconds> retry_after) {
  if (last_ != kind) errors_ = 0;
  last_ = kind;
  const int before = errors_++;
  milliseconds wait = poll_interval_;
  if (kind == ErrorKind::kTransient || kind == ErrorKind::kConflict) {
    wait = Doubled(times_.transient_first, times_.transient_max, before);
  } else if (kind == ErrorKind::kDenied) {
    wait = Doubled(times_.denied_first, times_.denied_max, before);
  }
  wait = milliseconds{static_cast<int64_t>(static_cast<double>(wait.count()) * (0.5 + random / 2))};
  if (retry_after) wait = std::max(wait, std::min<milliseconds>(*retry_after, kRetryAfterMax));
  return wait;
}

}  // namespace lockkeeper
