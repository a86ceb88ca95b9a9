#include "reconciler/daemon/waker.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

#include "schemas/assert.h"

namespace lockkeeper {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

Waker::Waker(std::function<Instant()> now, milliseconds tick)
    : now_(std::move(now)), tick_(tick), event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  LK_ASSERT(event_ >= 0);
}

Waker::~Waker() { close(event_); }

void Waker::Signal() const {
  const uint64_t one = 1;
  // It fails only where the counter is full, and then the waiter wakes anyway.
  [[maybe_unused]] auto written = write(event_, &one, sizeof one);
}

void Waker::Poke() {
  poked_.store(true);
  Signal();
}

void Waker::Stop() {
  stopping_.store(true);
  Signal();
}

Waker::Reason Waker::Wait(const Rest& rest) {
  while (true) {
    if (stopping_.load()) return Reason::kStop;
    const auto now = steady_clock::now();
    const bool heeds_pokes = !rest.not_before || now >= *rest.not_before;
    if (heeds_pokes && poked_.exchange(false)) return Reason::kPoke;
    if (rest.wake_at && now_() >= *rest.wake_at) return Reason::kWake;
    auto left = std::chrono::ceil<milliseconds>(rest.poll_at - now);
    if (!heeds_pokes) left = std::min(left, std::chrono::ceil<milliseconds>(*rest.not_before - now));
    if (now >= rest.poll_at) return Reason::kPoll;
    // The wall clock may be set, or the machine sleep, so it is looked at rather than reckoned with.
    if (rest.wake_at) left = std::min(left, tick_);
    pollfd waiting{.fd = event_, .events = POLLIN, .revents = 0};
    // A signal that interrupts it is as good as a tick.
    poll(&waiting, 1, static_cast<int>(std::min<int64_t>(left.count(), 60'000)));
    uint64_t count = 0;
    [[maybe_unused]] auto taken = read(event_, &count, sizeof count);
  }
}

}  // namespace lockkeeper
