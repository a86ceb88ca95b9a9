#include "net/time_text.h"

#include <fmt/format.h>

namespace lockkeeper {

std::string TimeText(std::chrono::milliseconds time) {
  if (time.count() < 1000) return fmt::format("{} ms", time.count());
  return fmt::format("{:.6g} s", static_cast<double>(time.count()) / 1000);
}

}  // namespace lockkeeper
