#include "server/arrivals.h"

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace lockkeeper {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr milliseconds kSeeOffMax{2'000};
constexpr size_t kDiscardedBytesMax = size_t{8} << 20;
constexpr milliseconds kAcceptPause{100};
/// Of one socket at once, so that a busy one does not keep the others waiting.
constexpr int kAcceptsMax = 64;

}  // namespace

Arrivals::Arrivals(int listener, const HttpLimits& limits, Hooks hooks)
    : listener_(listener), limits_(limits), hooks_(std::move(hooks)) {
  wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_ < 0) {
    const int number = errno;
    ::close(listener_);
    throw std::system_error(number, std::generic_category(), "eventfd");
  }
}

Arrivals::~Arrivals() {
  if (listener_ >= 0) ::close(listener_);
  for (const Waiting& waiting : waiting_) ::close(waiting.fd);
  for (int fd : leaving_) ::close(fd);
  ::close(wake_);
}

void Arrivals::Wake() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_, &one, sizeof one);
}

void Arrivals::Stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  Wake();
}

void Arrivals::SeeOff(int fd) {
  {
    const std::scoped_lock lock(mutex_);
    leaving_.push_back(fd);
  }
  Wake();
}

void Arrivals::Run() {
  for (;;) {
    std::vector<pollfd> sockets = Sockets();
    const int ready = ::poll(sockets.data(), sockets.size(), PollTime(NextDeadline()));
    if (ready < 0 && errno != EINTR) break;
    uint64_t wakes = 0;
    [[maybe_unused]] const ssize_t read = ::read(wake_, &wakes, sizeof wakes);
    {
      const std::scoped_lock lock(mutex_);
      if (stopping_) break;
    }
    // `sockets` has them in the order of `waiting_`, behind the first two.
    size_t i = 2;
    for (auto it = waiting_.begin(); it != waiting_.end(); ++i) {
      Next next = Next::kStays;
      if (ready > 0 && sockets[i].revents != 0) next = it->is_leaving ? Discard(*it) : Receive(*it);
      if (next == Next::kStays && steady_clock::now() >= it->deadline) next = Expire(*it);
      it = next == Next::kGone ? waiting_.erase(it) : std::next(it);
    }
    TakeLeaving();
    if (ready > 0 && sockets[1].revents != 0) Accept();
  }
  ::close(listener_);
  listener_ = -1;
  for (const Waiting& waiting : waiting_) ::close(waiting.fd);
  waiting_.clear();
}

std::vector<pollfd> Arrivals::Sockets() {
  std::vector<pollfd> sockets{{.fd = wake_, .events = POLLIN, .revents = 0},
                              {.fd = listener_, .events = POLLIN, .revents = 0}};
  // poll() passes over a negative one.
  if (steady_clock::now() < accept_again_) sockets[1].fd = -1;
  for (const Waiting& waiting : waiting_)
    sockets.push_back({.fd = waiting.fd, .events = POLLIN, .revents = 0});
  return sockets;
}

SteadyInstant Arrivals::NextDeadline() const {
  SteadyInstant next = SteadyInstant::max();
  if (steady_clock::now() < accept_again_) next = accept_again_;
  for (const Waiting& waiting : waiting_) next = std::min(next, waiting.deadline);
  // Without a deadline a wake-up ends the wait.
  return next == SteadyInstant::max() ? steady_clock::now() + std::chrono::hours{1} : next;
}

void Arrivals::Accept() {
  for (int i = 0; i < kAcceptsMax; ++i) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      // Out of file descriptors or memory: the connection stays in the system's queue, and would wake us
      // again at once.
      const bool is_nothing = errno == EAGAIN || errno == EINTR || errno == ECONNABORTED;
      if (!is_nothing) accept_again_ = steady_clock::now() + kAcceptPause;
      return;
    }
    if (waiting_.size() >= limits_.arrivals_max) {
      // Whoever means it has sent a head by now.
      ::close(waiting_.front().fd);
      waiting_.pop_front();
    }
    waiting_.push_back({.fd = fd, .deadline = steady_clock::now() + limits_.request_time_max});
  }
}

Arrivals::Next Arrivals::Receive(Waiting& waiting) {
  std::string& bytes = waiting.bytes;
  const size_t before = bytes.size();
  bytes.resize(limits_.head_bytes_max);
  const ssize_t got = ::recv(waiting.fd, bytes.data() + before, bytes.size() - before, MSG_DONTWAIT);
  const bool is_nothing = got < 0 && (errno == EAGAIN || errno == EINTR);
  bytes.resize(before + static_cast<size_t>(std::max<ssize_t>(got, 0)));
  if (is_nothing) return Next::kStays;
  if (got <= 0) {
    ::close(waiting.fd);
    return Next::kGone;
  }
  const size_t end = bytes.find(kHeadEnd, before < kHeadEnd.size() ? 0 : before - kHeadEnd.size());
  if (end == std::string::npos) {
    if (bytes.size() < limits_.head_bytes_max) return Next::kStays;
    return Refuse(waiting, 431,
                  fmt::format("the request's head is longer than {} bytes", limits_.head_bytes_max));
  }
  bytes.shrink_to_fit();
  Arrival arrival{
      .fd = waiting.fd, .bytes = std::move(bytes), .head_size = end, .deadline = waiting.deadline};
  if (hooks_.hand_over(arrival)) return Next::kGone;
  return Refuse(waiting, 503, "too many requests at once; come again");
}

Arrivals::Next Arrivals::Discard(Waiting& waiting) {
  char bytes[size_t{16} << 10];
  const ssize_t got = ::recv(waiting.fd, bytes, sizeof bytes, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return Next::kStays;
  if (got > 0) waiting.discarded += static_cast<size_t>(got);
  if (got > 0 && waiting.discarded < kDiscardedBytesMax) return Next::kStays;
  ::close(waiting.fd);
  return Next::kGone;
}

Arrivals::Next Arrivals::Expire(Waiting& waiting) {
  // Who never said a word only wanted to know whether somebody listens.
  if (!waiting.is_leaving && !waiting.bytes.empty())
    return Refuse(waiting, 408, "the request took too long to arrive");
  ::close(waiting.fd);
  return Next::kGone;
}

Arrivals::Next Arrivals::Refuse(Waiting& waiting, int status, std::string_view message) {
  WebAnswer answer = ErrorAnswer(status, message);
  if (status == 503)
    answer.headers.emplace_back("Retry-After", fmt::format("{}", limits_.retry_after.count()));
  hooks_.refused(status);
  SendAtOnce(waiting.fd, HeadOf(answer) + answer.body);
  ::shutdown(waiting.fd, SHUT_WR);
  waiting = {.fd = waiting.fd, .deadline = steady_clock::now() + kSeeOffMax, .is_leaving = true};
  return Next::kStays;
}

void Arrivals::TakeLeaving() {
  std::vector<int> leaving;
  {
    const std::scoped_lock lock(mutex_);
    leaving.swap(leaving_);
  }
  for (int fd : leaving) {
    ::shutdown(fd, SHUT_WR);
    waiting_.push_back({.fd = fd, .deadline = steady_clock::now() + kSeeOffMax, .is_leaving = true});
  }
}

}  // namespace lockkeeper
