#include "reconciler/daemon/warm_fleet.h"

#include <utility>

namespace lockkeeper {

CliResult<OpenedFleet> WarmFleet::Open() {
  if (repository_ != nullptr && is_outdated_ && is_outdated_()) {
    reader_.reset();
    repository_.reset();
  }
  if (repository_ == nullptr) {
    auto opened = open_();
    if (!opened) return std::unexpected(opened.error());
    repository_ = *std::move(opened);
    reader_ = std::make_unique<FleetReader>(*repository_, allowed_);
  }
  auto fleet = ReadFleet(*repository_, *reader_, place_);
  if (fleet) clusters_ = fleet->state->fleet.clusters.size();
  // A repository without a Fleet has been read well. One that cannot be read may be another one by now.
  if (!fleet && fleet.error().code == ExitCode::kUnreachable) {
    reader_.reset();
    repository_.reset();
  }
  return fleet;
}

}  // namespace lockkeeper
