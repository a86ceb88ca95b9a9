#include "reconciler/cli/commands/back_off.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <thread>

namespace lockkeeper {

void BackOff(int retry) {
  static std::minstd_rand random{std::random_device{}()};
  const int limit_ms = std::min(500 << std::clamp(retry - 1, 0, 6), 30'000);
  std::uniform_int_distribution<int> wait_ms{limit_ms / 2, limit_ms};
  std::this_thread::sleep_for(std::chrono::milliseconds{wait_ms(random)});
}

}  // namespace lockkeeper
