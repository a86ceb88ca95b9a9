#include "server/http_server.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>
#include <stdexcept>

#include "server/listen_address.h"
#include "tests/server/web_client.h"

namespace lockkeeper {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr size_t kBigBytes = size_t{40} << 20;

/// /echo gives the body back, /wait answers when it is told to, /big is longer than any socket's buffer,
/// /throw throws. Everything else is answered with its own path.
class FakeSite : public WebSite {
 public:
  Admission Admit(const WebRequest& head) override {
    if (head.path == "/no-body") return {.refusal = ErrorAnswer(403, "no")};
    if (head.path == "/query" || head.path == "/quick" || head.path == "/big")
      return {.route = "query", .lane = Lane::kQuery};
    return {.route = "any", .body_bytes_max = size_t{1} << 20};
  }
  WebAnswer Answer(const WebRequest& request) override {
    if (request.path == "/throw") throw std::runtime_error("secret words");
    if (request.path == "/big") return {.body = std::string(kBigBytes, 'x')};
    if (request.path == "/wait" || request.path == "/query") {
      std::unique_lock lock(mutex_);
      ++waiting_;
      changed_.notify_all();
      changed_.wait(lock, [&] { return released_; });
    }
    return {.body = request.path == "/echo" ? request.body : request.path, .content_type = "text/plain"};
  }
  void Served(std::string_view route, int status) override {
    const std::scoped_lock lock(mutex_);
    served_.emplace_back(std::string(route) + " " + std::to_string(status));
  }

  void AwaitWaiting(int count) {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(changed_.wait_for(lock, 20s, [&] { return waiting_ >= count; }));
  }
  void Release() {
    const std::scoped_lock lock(mutex_);
    released_ = true;
    changed_.notify_all();
  }
  std::vector<std::string> served() {
    const std::scoped_lock lock(mutex_);
    return served_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool released_ = false;
  std::vector<std::string> served_;
};

class HttpServerTest : public testing::Test {
 protected:
  void Start(HttpLimits limits = {}, const std::string& listen = "127.0.0.1:0") {
    auto server = HttpServer::Start({.listen = listen, .limits = limits}, site_);
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
  }
  void TearDown() override { site_.Release(); }
  const std::string& address() const { return server_->address(); }

  FakeSite site_;
  std::unique_ptr<HttpServer> server_;
};

std::string Get(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

TEST_F(HttpServerTest, AnswersAndSaysNoMoreThanItsName) {
  Start();
  const ClientAnswer answer = Ask(address(), "GET", "/hello");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "/hello");
  EXPECT_EQ(answer.Header("Content-Length"), "6");
  EXPECT_EQ(answer.Header("Server"), "lockkeeper");
  EXPECT_EQ(answer.Header("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(answer.Header("Cache-Control"), "no-store");
  EXPECT_EQ(answer.Header("Connection"), "close");
  EXPECT_THAT(site_.served(), testing::ElementsAre("any 200"));
}

TEST_F(HttpServerTest, HeadIsGetWithoutItsBody) {
  Start();
  const ClientAnswer answer = Ask(address(), "HEAD", "/hello");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Header("Content-Length"), "6");
  EXPECT_EQ(answer.body, "");
}

TEST_F(HttpServerTest, ListensOnIpv6) {
  if (!Listen("[::1]:0")) GTEST_SKIP() << "this machine has no IPv6 loopback";
  Start({}, "[::1]:0");
  EXPECT_THAT(address(), testing::StartsWith("[::1]:"));
  EXPECT_EQ(Ask(address(), "GET", "/x").body, "/x");
}

TEST_F(HttpServerTest, WithoutAnAddressItIsOnLoopback) {
  Start({}, ":0");
  EXPECT_THAT(address(), testing::StartsWith("127.0.0.1:"));
  EXPECT_THAT(address(), testing::Not(testing::EndsWith(":0")));
}

TEST_F(HttpServerTest, SaysWhyItCannotListen) {
  Start();
  auto second = HttpServer::Start({.listen = address()}, site_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::kTransient);
  EXPECT_THAT(second.error().message, testing::HasSubstr(address()));
  for (const char* wrong :
       {"", "x", "127.0.0.1", "127.0.0.1:", "127.0.0.1:99999", "127.0.0.1:-1", "::1:80", "[::1]", "[::1]80",
        "example.test:80", "127.0.0.1:http", "[127.0.0.1]:80", "1.2.3:80"}) {
    auto server = HttpServer::Start({.listen = wrong}, site_);
    ASSERT_FALSE(server) << wrong;
    EXPECT_EQ(server.error().kind, ErrorKind::kInvalid) << wrong;
    EXPECT_THAT(server.error().message, testing::HasSubstr("ADDRESS:PORT")) << wrong;
  }
  // An address of documentation's range, which no machine has.
  EXPECT_EQ(HttpServer::Start({.listen = "192.0.2.1:0"}, site_).error().kind, ErrorKind::kInvalid);
}

TEST_F(HttpServerTest, ReadsABodyThatComesInPieces) {
  Start();
  WebClient client(address());
  client.Send("POST /echo HTTP/1.1\r\nHo");
  client.Send("st: a\r\nContent-Length: 6\r\n\r");
  client.Send("\nabc");
  EXPECT_FALSE(client.IsReadable(50ms));
  client.Send("def");
  EXPECT_EQ(client.ReadAnswer().body, "abcdef");
}

TEST_F(HttpServerTest, TellsWhoAsksToGoOn) {
  Start();
  WebClient client(address());
  client.Send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  ASSERT_TRUE(client.IsReadable(20s));
  client.Send("abc");
  EXPECT_EQ(client.ReadAnswer().body, "abc");
}

TEST_F(HttpServerTest, RefusesALongBodyBeforeItComes) {
  Start();
  WebClient client(address());
  client.Send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n");
  const ClientAnswer answer = client.ReadAnswer();
  EXPECT_EQ(answer.status, 413);
  EXPECT_THAT(answer.body, testing::HasSubstr("1048576 bytes"));
}

TEST_F(HttpServerTest, WhoSendsABodyThatIsRefusedStillHearsIt) {
  Start();
  const std::string body(size_t{3} << 20, 'x');
  for (const char* target : {"/no-body", "/echo"}) {
    const ClientAnswer answer = Ask(address(), "POST", target, "", body);
    EXPECT_EQ(answer.status, std::string_view(target) == "/echo" ? 413 : 403);
  }
}

TEST_F(HttpServerTest, AnExceptionIsNobodysBusiness) {
  Start();
  const ClientAnswer answer = Ask(address(), "GET", "/throw");
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body, "{\"error\":\"internal error\"}\n");
  EXPECT_EQ(Ask(address(), "GET", "/x").status, 200);
}

TEST_F(HttpServerTest, WhatIsNoRequestIsRefused) {
  Start();
  for (const char* nonsense : {"\r\n\r\n", "hello\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"}) {
    WebClient client(address());
    client.Send(nonsense);
    EXPECT_EQ(client.ReadAnswer().status, 400) << nonsense;
  }
  EXPECT_THAT(site_.served(), testing::Each("none 400"));
}

TEST_F(HttpServerTest, ALongHeadIsRefused) {
  Start();
  WebClient client(address());
  client.Send("GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x'));
  EXPECT_EQ(client.ReadAnswer().status, 431);
}

TEST_F(HttpServerTest, WhoSendsHisHeadAByteAtATimeIsCut) {
  Start({.request_time_max = 300ms});
  WebClient client(address());
  const auto begun = steady_clock::now();
  const std::string head = "GET /" + std::string(10'000, 'x');
  // A byte every 20 ms would take minutes.
  for (size_t i = 0; i < head.size() && !client.IsReadable(20ms); ++i) client.Send(head.substr(i, 1));
  EXPECT_EQ(client.ReadAnswer().status, 408);
  const auto taken = steady_clock::now() - begun;
  EXPECT_GE(taken, 300ms);
  EXPECT_LT(taken, 10s);
}

TEST_F(HttpServerTest, WhoSendsHisBodyAByteAtATimeIsCut) {
  Start({.request_time_max = 300ms});
  WebClient client(address());
  const auto begun = steady_clock::now();
  client.Send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\n");
  for (int i = 0; i < 10'000 && !client.IsReadable(20ms); ++i) client.Send("x");
  EXPECT_EQ(client.ReadAnswer().status, 408);
  EXPECT_LT(steady_clock::now() - begun, 10s);
}

TEST_F(HttpServerTest, WhoSaysNothingIsCutWithoutAWord) {
  Start({.request_time_max = 100ms});
  WebClient client(address());
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_THAT(site_.served(), testing::IsEmpty());
}

TEST_F(HttpServerTest, SlowOnesKeepNobodyOut) {
  Start({.arrivals_max = 20, .threads = 1});
  std::deque<WebClient> slow;
  for (int i = 0; i < 100; ++i) {
    slow.emplace_back(address());
    slow.back().Send("GET /");
  }
  const auto begun = steady_clock::now();
  EXPECT_EQ(Ask(address(), "GET", "/x").status, 200);
  EXPECT_LT(steady_clock::now() - begun, 5s);
  // The oldest made place.
  EXPECT_EQ(slow.front().ReadToEnd(), "");
}

TEST_F(HttpServerTest, PastTheQueueItSaysWhenToComeAgain) {
  Start({.threads = 1, .queue_max = 1});
  std::deque<WebClient> clients;
  clients.emplace_back(address());
  clients.back().Send(Get("/wait"));
  site_.AwaitWaiting(1);
  // One of these waits; for the other two there is no place, whichever they are.
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back(address());
    clients.back().Send(Get("/wait"));
  }
  int refused = 0;
  const auto deadline = steady_clock::now() + 20s;
  std::vector<bool> read(clients.size());
  while (refused < 2 && steady_clock::now() < deadline) {
    for (size_t i = 0; i < clients.size(); ++i) {
      if (read[i] || !clients[i].IsReadable(10ms)) continue;
      read[i] = true;
      const ClientAnswer answer = clients[i].ReadAnswer();
      EXPECT_EQ(answer.status, 503);
      EXPECT_EQ(answer.Header("Retry-After"), "5");
      ++refused;
    }
  }
  EXPECT_EQ(refused, 2);
  site_.Release();
  for (size_t i = 0; i < clients.size(); ++i) {
    if (!read[i]) {
      EXPECT_EQ(clients[i].ReadAnswer().status, 200);
    }
  }
}

TEST_F(HttpServerTest, QueriesLeaveThreadsToProbes) {
  Start({.threads = 4, .queries_max = 2});
  std::deque<WebClient> queries;
  for (int i = 0; i < 2; ++i) {
    queries.emplace_back(address());
    queries.back().Send(Get("/query"));
  }
  site_.AwaitWaiting(2);
  const ClientAnswer third = Ask(address(), "GET", "/query");
  EXPECT_EQ(third.status, 503);
  EXPECT_EQ(third.Header("Retry-After"), "5");
  EXPECT_EQ(Ask(address(), "GET", "/probe").status, 200);
  site_.Release();
  for (WebClient& query : queries) EXPECT_EQ(query.ReadAnswer().status, 200);
  EXPECT_EQ(Ask(address(), "GET", "/query").status, 200);
}

TEST_F(HttpServerTest, WhoReadsNothingIsCut) {
  Start({.queries_max = 1, .answer_idle_max = 200ms});
  WebClient client(address());
  client.Send(Get("/big"));
  ASSERT_TRUE(client.IsReadable(20s));
  // It holds the only place for queries until it is cut.
  const auto deadline = steady_clock::now() + 20s;
  ClientAnswer next;
  do {
    next = Ask(address(), "GET", "/quick");
  } while (next.status == 503 && steady_clock::now() < deadline);
  EXPECT_EQ(next.status, 200);
  EXPECT_LT(client.ReadToEnd().size(), kBigBytes);
}

TEST_F(HttpServerTest, WhoReadsNothingDoesNotHinderTheEnd) {
  Start();
  WebClient client(address());
  client.Send(Get("/big"));
  ASSERT_TRUE(client.IsReadable(20s));
  EXPECT_EQ(server_->Stop(), HttpServer::Stopped::kAll);
  EXPECT_LT(client.ReadToEnd().size(), kBigBytes);
}

TEST_F(HttpServerTest, BigAnswersArriveWhole) {
  Start();
  EXPECT_EQ(Ask(address(), "GET", "/big").body.size(), kBigBytes);
}

TEST_F(HttpServerTest, AllAnswersTogetherHaveALimit) {
  Start({.answers_bytes_max = kBigBytes + 10});
  WebClient first(address());
  first.Send(Get("/big"));
  ASSERT_TRUE(first.IsReadable(20s));
  EXPECT_EQ(Ask(address(), "GET", "/big").status, 503);
  EXPECT_EQ(Ask(address(), "GET", "/x").status, 200);
  EXPECT_EQ(first.ReadAnswer().body.size(), kBigBytes);
}

TEST_F(HttpServerTest, StopsInTimeThoughTheSiteDoesNot) {
  Start({.stop_time_max = 300ms});
  WebClient client(address());
  client.Send(Get("/wait"));
  site_.AwaitWaiting(1);
  WebClient silent(address());
  const auto begun = steady_clock::now();
  EXPECT_EQ(server_->Stop(), HttpServer::Stopped::kNotYet);
  EXPECT_LT(steady_clock::now() - begun, 5s);
  EXPECT_EQ(silent.ReadToEnd(), "");
  EXPECT_THROW(WebClient{address()}, std::runtime_error);
  site_.Release();
  EXPECT_EQ(server_->Stop(), HttpServer::Stopped::kAll);
}

TEST_F(HttpServerTest, StopsAtOnceWhereNobodyIsThere) {
  Start();
  EXPECT_EQ(Ask(address(), "GET", "/x").status, 200);
  const auto begun = steady_clock::now();
  EXPECT_EQ(server_->Stop(), HttpServer::Stopped::kAll);
  EXPECT_LT(steady_clock::now() - begun, 500ms);
}

TEST_F(HttpServerTest, ItsThreadsTakeNoSignals) {
  static volatile sig_atomic_t taken_by_main = 0;
  static pthread_t main_thread;
  main_thread = pthread_self();
  taken_by_main = 0;
  struct sigaction action{};
  struct sigaction before{};
  action.sa_handler = [](int) { taken_by_main = pthread_equal(pthread_self(), main_thread) != 0 ? 1 : -1; };
  ASSERT_EQ(::sigaction(SIGUSR1, &action, &before), 0);
  Start();
  // A signal that this thread blocks goes to any other one that does not.
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::kill(::getpid(), SIGUSR1);
  EXPECT_EQ(Ask(address(), "GET", "/x").status, 200);
  EXPECT_EQ(taken_by_main, 0);
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  EXPECT_EQ(taken_by_main, 1);
  ::sigaction(SIGUSR1, &before, nullptr);
}

}  // namespace
}  // namespace lockkeeper
