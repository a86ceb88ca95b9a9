#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "reconciler/daemon/api_resources.h"
#include "reconciler/daemon/warm_fleet.h"
#include "server/daemon_site.h"

namespace lockkeeper {

struct ApiLimits {
  /// How long a request waits for those before it; past it: 503.
  std::chrono::milliseconds turn_time_max{10'000};
  /// What a simulation may take, besides the pass that it is at; past it: 409.
  std::chrono::milliseconds simulation_time_max{30'000};
  /// A plan of 100,000 clusters has 300 MB; past it: 409.
  size_t answer_bytes_max = size_t{512} << 20;
  std::chrono::days simulated_max{400};
};

/// Answers with what the program's own commands print with -o json, run inside this process on a fleet that
/// is kept warm. One request after the other, whoever asks.
class CommandApi : public WebApi {
 public:
  /// `clock` is asked once for each request.
  CommandApi(WarmFleet::OpenFleetRepository open, std::string place, std::function<Instant()> clock,
             ApiLimits limits = {}, AllowedSigners allowed = {}, std::function<bool()> is_outdated = {});

  std::string_view RouteOf(std::string_view path) const override;
  WebAnswer Answer(const WebRequest& request) override;

 private:
  WebAnswer AnswerByCommand(const ApiResource& resource, const WebRequest& request);
  bool AwaitTurn();
  void EndTurn();

  std::function<Instant()> clock_;
  ApiLimits limits_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_busy_ = false;
  WarmFleet fleet_;  ///< of whose turn it is
};

}  // namespace lockkeeper
