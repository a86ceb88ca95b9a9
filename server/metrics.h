#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "schemas/error.h"
#include "schemas/instant.h"
#include "server/fleet_metrics.h"

namespace lockkeeper {

/// The daemon's numbers, in Prometheus' text format. Thread-safe. Label sets are bounded: nothing from
/// outside becomes a label but the names of at most FleetMetrics::kUpgradesNamedMax upgrades.
class Metrics {
 public:
  /// Seconds; the last bucket is +Inf.
  static constexpr std::array<double, 12> kPassBuckets{0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                                       0.5,   1,    2.5,   10,   60,  300};

  /// One turn of the loop, however it ended.
  struct Pass {
    std::optional<ErrorKind> error = {};  ///< absent: it ended well
    std::chrono::duration<double> duration{};
    uint64_t bumps = 0;
    uint64_t commits = 0;
    uint64_t retries = 0;
    Instant at;
  };
  enum class RemoteCall : uint8_t { kFetch, kPublish };

  explicit Metrics(std::string version);

  void CountPass(const Pass& pass);
  void SetFleet(FleetMetrics fleet);
  /// A call that reached the remote and was answered.
  void SetFetched(Instant at);
  void CountRemoteError(RemoteCall call, ErrorKind kind);
  /// `forge` and `result` are constants of the program, as `route` is.
  void CountWebhook(std::string_view forge, std::string_view result);
  void CountRequest(std::string_view route, int status);

  /// Text format 0.0.4.
  std::string Text() const;
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

 private:
  std::string version_;

  mutable std::mutex mutex_;
  CountByWord passes_;
  std::array<uint64_t, kPassBuckets.size() + 1> pass_buckets_{};  ///< not cumulative
  double pass_seconds_ = 0;
  uint64_t bumps_ = 0;
  uint64_t commits_ = 0;
  uint64_t retries_ = 0;
  CountByWords remote_errors_;
  CountByWords webhooks_;
  CountByWords requests_;
  std::optional<Instant> fetched_at_;
  std::optional<Instant> passed_at_;
  std::optional<FleetMetrics> fleet_;
};

}  // namespace lockkeeper
