#pragma once

#include <functional>
#include <memory>
#include <string>

#include "gitops/repository/repository.h"
#include "reconciler/cli/exit_code.h"
#include "reconciler/cli/open_fleet.h"
#include "reconciler/cycle/fleet_reader.h"

namespace lockkeeper {

/// A repository and its reader, kept from call to call: each costs what was committed since the one before.
/// After an error both are made anew. For one thread.
class WarmFleet : public FleetSource {
 public:
  /// Opens what the calls read from. Its Fetch should ask no network, and give the newest commit that is
  /// known.
  using OpenFleetRepository = std::function<CliResult<std::unique_ptr<Repository>>()>;

  /// `place` names the repository in messages. `is_outdated`: what was opened last follows nothing any more,
  /// and another one can be opened.
  WarmFleet(OpenFleetRepository open, std::string place, AllowedSigners allowed = {},
            std::function<bool()> is_outdated = {})
      : open_(std::move(open)),
        place_(std::move(place)),
        allowed_(std::move(allowed)),
        is_outdated_(std::move(is_outdated)) {}

  CliResult<OpenedFleet> Open() override;
  const std::string& place() const { return place_; }
  /// What is made of it takes hundreds of megabytes.
  bool is_large() const { return clusters_ > kLargeClusters; }

 private:
  static constexpr size_t kLargeClusters = 10'000;

  OpenFleetRepository open_;
  std::string place_;
  AllowedSigners allowed_;
  std::function<bool()> is_outdated_;
  std::unique_ptr<Repository> repository_;
  std::unique_ptr<FleetReader> reader_;
  size_t clusters_ = 0;
};

}  // namespace lockkeeper
