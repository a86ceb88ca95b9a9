#include "server/socket_io.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <limits>

namespace lockkeeper {
namespace {

constexpr size_t kStepBytes = size_t{64} << 10;

/// False: the time is over.
bool WaitFor(int fd, short events, SteadyInstant deadline) {
  for (;;) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    pollfd wait{.fd = fd, .events = events, .revents = 0};
    const int ready = ::poll(&wait, 1, PollTime(deadline));
    // Whatever else is wrong with the socket, the next call on it says.
    if (ready > 0 || (ready < 0 && errno != EINTR)) return true;
  }
}

bool WouldWait(int number) { return number == EAGAIN || number == EWOULDBLOCK; }

}  // namespace

int PollTime(SteadyInstant deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<int64_t>(left.count(), 0, std::numeric_limits<int>::max()));
}

SocketOutcome ReceiveUntil(int fd, std::string& bytes, size_t size, SteadyInstant deadline) {
  while (bytes.size() < size) {
    const size_t before = bytes.size();
    const size_t step = std::min(kStepBytes, size - before);
    bytes.resize(before + step);
    const ssize_t got = ::recv(fd, bytes.data() + before, step, MSG_DONTWAIT);
    const int number = errno;
    bytes.resize(before + static_cast<size_t>(std::max<ssize_t>(got, 0)));
    if (got > 0 || (got < 0 && number == EINTR)) {
      // A steady stream of bytes must not outlive the deadline either.
      if (std::chrono::steady_clock::now() >= deadline) return SocketOutcome::kTooLate;
      continue;
    }
    if (got == 0 || !WouldWait(number)) return SocketOutcome::kClosed;
    if (!WaitFor(fd, POLLIN, deadline)) return SocketOutcome::kTooLate;
  }
  return SocketOutcome::kDone;
}

SocketOutcome SendAll(int fd, std::string_view bytes, SteadyInstant deadline,
                      std::chrono::milliseconds idle_max) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
      if (std::chrono::steady_clock::now() >= deadline) return SocketOutcome::kTooLate;
      continue;
    }
    if (sent < 0 && errno == EINTR) continue;
    if (sent == 0 || !WouldWait(errno)) return SocketOutcome::kClosed;
    if (!WaitFor(fd, POLLOUT, std::min(deadline, std::chrono::steady_clock::now() + idle_max)))
      return SocketOutcome::kTooLate;
  }
  return SocketOutcome::kDone;
}

void SendAtOnce(int fd, std::string_view bytes) {
  [[maybe_unused]] const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

}  // namespace lockkeeper
