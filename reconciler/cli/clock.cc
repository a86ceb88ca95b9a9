#include "reconciler/cli/clock.h"

namespace lockkeeper {

Instant ReadClock() { return std::chrono::floor<Seconds>(std::chrono::system_clock::now()); }

}  // namespace lockkeeper
