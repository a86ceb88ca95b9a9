#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <thread>

namespace lockkeeper {

/// Tells systemd, where it started us (sd_notify(3)), how we are. Elsewhere it does nothing.
class Supervisor {
 public:
  /// `healthy` is asked from another thread, twice in each WatchdogSec of the unit; while it says no, systemd
  /// hears nothing and restarts us in the end.
  explicit Supervisor(std::function<bool()> healthy);
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;
  ~Supervisor();

  void Ready() const;
  void Reloading() const;
  void Stopping() const;
  /// One line for `systemctl status`.
  void Status(const std::string& line) const;

 private:
  void Watch(std::chrono::microseconds every, const std::function<bool()>& healthy);

  int stop_;  ///< an eventfd; written to at the end
  std::thread watchdog_;
};

}  // namespace lockkeeper
