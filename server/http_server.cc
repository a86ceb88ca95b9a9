#include "server/http_server.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <exception>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "server/arrivals.h"
#include "server/listen_address.h"
#include "server/socket_io.h"

namespace lockkeeper {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr size_t kLanes = 3;
constexpr std::string_view kHeadEnd = "\r\n\r\n";
/// In place of an answer's status: the other side has gone.
constexpr int kNobodyThere = 0;
/// What Stop() leaves answers that are being sent.
constexpr milliseconds kStopGrace{1'000};

/// Threads made while it lives take no signals: these are for the program's own thread.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

WebAnswer Busy(const HttpLimits& limits) {
  WebAnswer answer = ErrorAnswer(503, "too many requests of this kind at once; come again");
  answer.headers.emplace_back("Retry-After", fmt::format("{}", limits.retry_after.count()));
  return answer;
}

bool WantsContinue(const WebRequest& request) {
  const std::string* expect = request.Header("expect");
  return expect != nullptr && (*expect == "100-continue" || *expect == "100-Continue");
}

}  // namespace

struct HttpServer::Impl {
  Impl(const Listener& listener, const HttpLimits& limits_given, WebSite& site_given)
      : limits(limits_given),
        site(site_given),
        address(listener.address),
        arrivals(listener.fd, limits_given,
                 {.hand_over = [this](const Arrival& arrival) { return Enqueue(arrival); },
                  .refused = [this](int status) { site.Served("none", status); }}) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    Stop();
    for (std::thread& worker : workers) worker.join();
  }

  void Begin() {
    const SignalsBlocked blocked;
    reception = std::thread([this] { arrivals.Run(); });
    for (size_t i = 0; i < limits.threads; ++i) workers.emplace_back([this] { Work(); });
  }

  bool Enqueue(const Arrival& arrival) {
    {
      const std::scoped_lock lock(mutex);
      if (stopping || queue.size() >= limits.queue_max) return false;
      queue.push_back(arrival);
    }
    changed.notify_one();
    return true;
  }

  void Work() {
    for (;;) {
      Arrival arrival;
      {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return stopping || !queue.empty(); });
        if (stopping) return;
        arrival = std::move(queue.front());
        queue.pop_front();
        talking.insert(arrival.fd);
      }
      const bool whole = Converse(arrival);
      {
        // Under the lock, so that Stop() never shuts down another one's socket of the same number.
        const std::scoped_lock lock(mutex);
        talking.erase(arrival.fd);
        if (whole || stopping) ::close(arrival.fd);
        if (!whole && !stopping) arrivals.SeeOff(arrival.fd);
      }
      idle.notify_all();
    }
  }

  /// False: the other side may still be sending.
  bool Converse(Arrival& arrival) {
    auto request = ParseHead(std::string_view(arrival.bytes).substr(0, arrival.head_size));
    if (!request) {
      Send(arrival, "none", Body::kSent, ErrorAnswer(request.error().status, request.error().message));
      return false;
    }
    request->body = arrival.bytes.substr(arrival.head_size + kHeadEnd.size(), request->content_length);
    Admission admission;
    WebAnswer answer = Guarded([&] {
      admission = site.Admit(*request);
      return admission.refusal ? std::move(*admission.refusal) : WebAnswer{};
    });
    const bool is_refused = admission.refusal || answer.status != 200;
    const bool has_place = !is_refused && TakePlace(admission.lane);
    if (!is_refused) answer = has_place ? Admitted(arrival, *request, admission) : Busy(limits);
    const Body body = request->method == "HEAD" ? Body::kLeftOut : Body::kSent;
    if (answer.status != kNobodyThere) Send(arrival, admission.route, body, std::move(answer));
    // A slow reader holds its place as well.
    if (has_place) LeavePlace(admission.lane);
    return request->body.size() == request->content_length;
  }

  template <class Make>
  static WebAnswer Guarded(const Make& make) {
    try {
      return make();
    } catch (const std::bad_alloc&) {
      return ErrorAnswer(503, "there is not enough memory for this answer");
    } catch (const std::exception&) {
      // What it says is for the log of whoever threw it; it may be about anything.
      return ErrorAnswer(500, "internal error");
    }
  }

  bool TakePlace(Lane lane) {
    const std::array<size_t, kLanes> places{limits.threads, limits.queries_max, limits.webhooks_max};
    const std::scoped_lock lock(mutex);
    const auto index = static_cast<size_t>(lane);
    if (in_lane[index] >= places[index]) return false;
    ++in_lane[index];
    return true;
  }

  void LeavePlace(Lane lane) {
    const std::scoped_lock lock(mutex);
    --in_lane[static_cast<size_t>(lane)];
  }

  WebAnswer Admitted(const Arrival& arrival, WebRequest& request, const Admission& admission) {
    if (request.content_length > admission.body_bytes_max) {
      return ErrorAnswer(413, fmt::format("the body is longer than {} bytes", admission.body_bytes_max));
    }
    return Guarded([&] {
      if (request.body.size() < request.content_length) {
        if (WantsContinue(request)) SendAtOnce(arrival.fd, "HTTP/1.1 100 Continue\r\n\r\n");
        const auto end = ReceiveUntil(arrival.fd, request.body, request.content_length, arrival.deadline);
        if (end == SocketOutcome::kTooLate) return ErrorAnswer(408, "the request took too long to arrive");
        if (end == SocketOutcome::kClosed) return WebAnswer{.status = kNobodyThere};
      }
      return site.Answer(request);
    });
  }

  enum class Body : bool { kSent, kLeftOut };

  void Send(const Arrival& arrival, std::string_view route, Body body, WebAnswer answer) {
    const size_t size = answer.body.size();
    bool fits = false;
    {
      const std::scoped_lock lock(mutex);
      fits = size <= limits.answers_bytes_max - answers_bytes;
      if (fits) answers_bytes += size;
    }
    if (!fits) answer = Busy(limits);
    site.Served(route, answer.status);
    const auto deadline = steady_clock::now() + limits.answer_time_max;
    const auto sent = SendAll(arrival.fd, HeadOf(answer), deadline, limits.answer_idle_max);
    if (sent == SocketOutcome::kDone && body == Body::kSent)
      SendAll(arrival.fd, answer.body, deadline, limits.answer_idle_max);
    const std::scoped_lock lock(mutex);
    if (fits) answers_bytes -= size;
  }

  Stopped Stop() {
    arrivals.Stop();
    if (reception.joinable()) reception.join();
    std::unique_lock lock(mutex);
    stopping = true;
    for (const Arrival& arrival : queue) ::close(arrival.fd);
    queue.clear();
    changed.notify_all();
    const auto begun = steady_clock::now();
    auto nobody = [&] { return talking.empty(); };
    if (!idle.wait_until(lock, begun + std::min(kStopGrace, limits.stop_time_max), nobody)) {
      for (int fd : talking) ::shutdown(fd, SHUT_RDWR);
      idle.wait_until(lock, begun + limits.stop_time_max, nobody);
    }
    return talking.empty() ? Stopped::kAll : Stopped::kNotYet;
  }

  const HttpLimits limits;
  WebSite& site;
  const std::string address;
  Arrivals arrivals;

  std::mutex mutex;
  std::condition_variable changed;  ///< the queue, or the wish to stop
  std::condition_variable idle;     ///< somebody has been answered
  std::deque<Arrival> queue;
  std::set<int> talking;
  std::array<size_t, kLanes> in_lane{};
  size_t answers_bytes = 0;  ///< of bodies on their way
  bool stopping = false;

  std::thread reception;
  std::vector<std::thread> workers;
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::Start(const HttpServerOptions& options, WebSite& site) {
  auto listener = Listen(options.listen);
  if (!listener) return std::unexpected(listener.error());
  try {
    std::unique_ptr<HttpServer> server(
        new HttpServer(std::make_unique<Impl>(*listener, options.limits, site)));
    server->impl_->Begin();
    return server;
  } catch (const std::system_error& error) {
    return Fail(ErrorKind::kTransient,
                fmt::format("{}: the server cannot be started: {}", options.listen, error.what()));
  }
}

const std::string& HttpServer::address() const { return impl_->address; }

HttpServer::Stopped HttpServer::Stop() { return impl_->Stop(); }

}  // namespace lockkeeper
