#pragma once

#include <chrono>
#include <string>

#include "reconciler/daemon/loop.h"

namespace lockkeeper {

/// Says what happens, once: commits as they are made, errors when they begin, when they change and once an
/// hour while they last, and their end.
class TurnLog {
 public:
  void Tell(const Turn& turn);

 private:
  void TellError(const Turn& turn);
  void TellPass(const Turn& turn);

  std::string error_;  ///< the last one, while it lasts
  std::chrono::steady_clock::time_point error_began_;
  std::chrono::steady_clock::time_point error_told_;
  std::string problems_;
  std::string read_;
};

}  // namespace lockkeeper
