#pragma once

#include <chrono>
#include <set>
#include <string>

#include "reconciler/core/plan/fleet_model.h"
#include "reconciler/daemon/loop.h"

namespace lockkeeper {

/// Says what happens, once: commits as they are made, errors when they begin, when they change and once an
/// hour while they last, and their end.
class TurnLog {
 public:
  void Tell(const Turn& turn);
  /// The errors of manifests that are new since the last call.
  void TellFindings(const std::string& commit, const FleetModel& model);

 private:
  void TellError(const Turn& turn);
  void TellPass(const Turn& turn);

  std::string error_;  ///< the last one, while it lasts
  std::chrono::steady_clock::time_point error_began_;
  std::chrono::steady_clock::time_point error_told_;
  std::string problems_;
  std::set<std::string> findings_;
};

}  // namespace lockkeeper
