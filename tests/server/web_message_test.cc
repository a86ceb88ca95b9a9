#include "server/web_message.h"

#include <gmock/gmock.h>

#include <random>
#include <string>

namespace lockkeeper {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(ParseHead, ReadsTargetQueryAndHeaders) {
  auto request = ParseHead(
      "GET /api/v1/ex%70lain?cluster=a%2Fb&upgrade=x+y&empty=&bare&&cluster=c HTTP/1.1\r\n"
      "Host: example.test\r\nX-Thing:\t spaced \t\r\nContent-Length: 12");
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->method, "GET");
  EXPECT_EQ(request->path, "/api/v1/explain");
  EXPECT_THAT(request->query, ElementsAre(Pair("cluster", "a/b"), Pair("upgrade", "x y"), Pair("empty", ""),
                                          Pair("bare", ""), Pair("cluster", "c")));
  EXPECT_EQ(*request->Header("x-thing"), "spaced");
  EXPECT_EQ(request->Header("x-other"), nullptr);
  EXPECT_EQ(request->content_length, 12u);
}

TEST(ParseHead, TakesTheWholeUrlThatProxiesSend) {
  EXPECT_EQ(ParseHead("GET http://a.test:80/healthz?x=1 HTTP/1.1\r\nHost: a.test")->path, "/healthz");
}

TEST(ParseHead, AsksNoHostOfHttp10) { EXPECT_TRUE(ParseHead("GET / HTTP/1.0")); }

struct BadHead {
  std::string name;
  std::string head;
  int status;
};

class ParseHeadRefuses : public testing::TestWithParam<BadHead> {};

TEST_P(ParseHeadRefuses, WithStatus) {
  auto request = ParseHead(GetParam().head);
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().status, GetParam().status) << request.error().message;
  EXPECT_FALSE(request.error().message.empty());
}

std::string Many(size_t count) {
  std::string head = "GET / HTTP/1.1\r\nHost: a";
  for (size_t i = 1; i < count; ++i) head += "\r\nA: b";
  return head;
}

INSTANTIATE_TEST_SUITE_P(
    All, ParseHeadRefuses,
    testing::Values(
        BadHead{"nothing", "", 400}, BadHead{"one_word", "hello", 400},
        BadHead{"tls", std::string("\x16\x03\x01\x02\x00\x01", 6), 400}, BadHead{"no_version", "GET /", 400},
        BadHead{"http2", "GET / HTTP/2.0\r\nHost: a", 505}, BadHead{"http_preface", "PRI * HTTP/2.0", 505},
        BadHead{"star", "OPTIONS * HTTP/1.1\r\nHost: a", 400},
        BadHead{"connect", "CONNECT a:443 HTTP/1.1\r\nHost: a", 400},
        BadHead{"bad_method", "G@T / HTTP/1.1\r\nHost: a", 400},
        BadHead{"two_spaces", "GET  / HTTP/1.1\r\nHost: a", 400},
        BadHead{"space_in_target", "GET /a b HTTP/1.1\r\nHost: a", 400},
        BadHead{"bad_escape", "GET /%4 HTTP/1.1\r\nHost: a", 400},
        BadHead{"bad_escape_in_query", "GET /?a=%zz HTTP/1.1\r\nHost: a", 400},
        BadHead{"nul_in_path", "GET /%00 HTTP/1.1\r\nHost: a", 400},
        BadHead{"newline_in_query", "GET /?a=%0a HTTP/1.1\r\nHost: a", 400},
        BadHead{"no_host", "GET / HTTP/1.1", 400},
        BadHead{"two_hosts", "GET / HTTP/1.1\r\nHost: a\r\nhost: b", 400},
        BadHead{"folded", "GET / HTTP/1.1\r\nHost: a\r\n b", 400},
        BadHead{"space_before_colon", "GET / HTTP/1.1\r\nHost : a", 400},
        BadHead{"bare_lf", "GET / HTTP/1.1\nHost: a", 400},
        BadHead{"bare_cr", "GET / HTTP/1.1\r\nHost: a\rb", 400},
        BadHead{"control_in_value", "GET / HTTP/1.1\r\nHost: a\x01", 400},
        BadHead{"chunked", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked", 411},
        BadHead{"both_framings", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: x",
                411},
        BadHead{"two_lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1", 400},
        BadHead{"list_of_lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1", 400},
        BadHead{"negative_length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1", 400},
        BadHead{"plus_length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1", 400},
        BadHead{"hex_length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x10", 400},
        BadHead{"empty_length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:", 400},
        BadHead{"endless_length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999", 413},
        BadHead{"many_headers", Many(101), 431}),
    [](const auto& row) { return row.param.name; });

TEST(ParseHead, TakesAHundredHeaders) { EXPECT_TRUE(ParseHead(Many(100))); }

TEST(ParseHead, EndsForWhateverComes) {
  constexpr unsigned kSeed = 20260;
  std::mt19937 random(kSeed);
  const std::string good = "GET /a?b=%20&c HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nX: y";
  int read = 0, refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string head = good;
    for (unsigned i = 0; i < 1 + random() % 4; ++i) {
      const size_t at = random() % head.size();
      if (random() % 2 == 0) {
        head[at] = static_cast<char>(random() % 256);
      } else {
        head.erase(at, random() % 5);
      }
      if (head.empty()) head = "x";
    }
    (ParseHead(head) ? read : refused) += 1;
  }
  EXPECT_GT(read, 1000);
  EXPECT_GT(refused, 1000);
}

TEST(ErrorAnswer, IsJsonWhateverBytesTheMessageHolds) {
  EXPECT_EQ(ErrorAnswer(400, "say \"x\"").body, "{\"error\":\"say \\\"x\\\"\"}\n");
  EXPECT_EQ(ErrorAnswer(400, "\xff").body, "{\"error\":\"\xEF\xBF\xBD\"}\n");
}

}  // namespace
}  // namespace lockkeeper
