#pragma once

#include <chrono>
#include <ctime>

namespace lockkeeper {

/// What a bound on time is multiplied by in builds that are slow on purpose.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr double kSlowness = 20;
#else
inline constexpr double kSlowness = 1;
#endif

/// CPU time of this process since it was made: other work on the machine does not count.
class CpuTime {
 public:
  template <class Period>
  double Spent() const {
    const std::chrono::duration<double> seconds{static_cast<double>(std::clock() - begin_) / CLOCKS_PER_SEC};
    return std::chrono::duration<double, Period>{seconds}.count();
  }

 private:
  std::clock_t begin_ = std::clock();
};

}  // namespace lockkeeper
