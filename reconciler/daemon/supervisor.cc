#include "reconciler/daemon/supervisor.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "schemas/assert.h"

namespace lockkeeper {

Supervisor::Supervisor(std::function<bool()> healthy) : stop_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  LK_ASSERT(stop_ >= 0);
  uint64_t microseconds = 0;
  if (sd_watchdog_enabled(0, &microseconds) > 0) {
    watchdog_ = std::thread([this, every = std::chrono::microseconds{microseconds / 2},
                             healthy = std::move(healthy)] { Watch(every, healthy); });
  }
}

Supervisor::~Supervisor() {
  const uint64_t one = 1;
  [[maybe_unused]] auto written = write(stop_, &one, sizeof one);
  if (watchdog_.joinable()) watchdog_.join();
  close(stop_);
}

void Supervisor::Watch(std::chrono::microseconds every, const std::function<bool()>& healthy) {
  while (true) {
    if (healthy()) sd_notify(0, "WATCHDOG=1");
    pollfd stop{.fd = stop_, .events = POLLIN, .revents = 0};
    const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(every).count();
    if (poll(&stop, 1, static_cast<int>(wait)) > 0) return;
  }
}

void Supervisor::Ready() const { sd_notify(0, "READY=1"); }

void Supervisor::Reloading() const {
  // systemd.service(5), Type=notify-reload; an older systemd does not mind the second line.
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now().time_since_epoch());
  sd_notify(0, fmt::format("RELOADING=1\nMONOTONIC_USEC={}", now.count()).c_str());
}

void Supervisor::Stopping() const { sd_notify(0, "STOPPING=1"); }

void Supervisor::Status(const std::string& line) const {
  sd_notify(0, ("STATUS=" + line.substr(0, line.find('\n'))).c_str());
}

}  // namespace lockkeeper
