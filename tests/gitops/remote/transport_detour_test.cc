#include "hostile_server.h"

namespace lockkeeper {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(HostileServer, ARedirectTakesNoCredentialsAlong) {
  const HttpScript other(Answers(HttpAnswerText("403 Forbidden", "text/plain", "no")));
  const auto redirect = [](const std::string& to) {
    return Answers(HttpAnswerText("302 Found", "text/plain", "", "Location: " + to + "\r\n"));
  };
  const std::string place = "/fleet.git/info/refs?service=git-upload-pack";
  const HttpScript server(
      redirect("http://canary:canary-7f3a@127.0.0.1:" + std::to_string(other.port()) + place));
  EXPECT_FAILS(FetchFrom(server.url()), ErrorKind::kDenied, "where credentials are not sent");
  ASSERT_EQ(other.requests().size(), 1U);
  EXPECT_THAT(other.requests()[0], Not(HasSubstr("canary")));
  EXPECT_THAT(other.requests()[0], Not(HasSubstr("Authorization")));
  EXPECT_THAT(server.requests()[0], HasSubstr("X-Token: canary-7f3a-header"));

  const HttpScript itself(redirect("/elsewhere" + place));
  EXPECT_FAILS(FetchFrom(itself.url()), ErrorKind::kTransient, "redirects us without end");
  EXPECT_EQ(itself.requests().size(), 6U);
  EXPECT_THAT(itself.requests()[5], HasSubstr("X-Token: canary-7f3a-header"));

  for (const char* scheme : {"file:///etc/passwd", "ssh://host/x", "gopher://host/x"}) {
    SCOPED_TRACE(scheme);
    const HttpScript astray(redirect(scheme));
    EXPECT_FAILS(FetchFrom(astray.url()), ErrorKind::kTransient, "none of http or https");
  }
  const HttpScript page(Answers(HttpAnswerText("200 OK", kAdvertised, Refs(GitService::kUploadPack))));
  const HttpScript to_page(redirect(page.url() + "/login"));
  EXPECT_FAILS(FetchFrom(to_page.url()), ErrorKind::kTransient, "no Git repository's");
}

TEST_F(HostileServer, APostIsNotRedirected) {
  const HttpScript server(
      Answers(HttpAnswerText("200 OK", kAdvertised, Refs(GitService::kUploadPack)),
              HttpAnswerText("307 Temporary", "text/plain", "", "Location: http://127.0.0.1:1/\r\n")));
  EXPECT_FAILS(FetchFrom(server.url()), ErrorKind::kTransient, "no redirect is followed");
}

TEST_F(HostileServer, AProxyIsAskedAndKeepsItsPassword) {
  const HttpScript proxy([](const std::string&) {
    return HttpAnswerText("407 Proxy Authentication Required", "text/plain", "no", "Connection: close\r\n");
  });
  RemoteAccess access{.token_file = Write("token", std::string(kCanary))};
  access.proxy = "http://canary-7f3a-user:canary-7f3a@127.0.0.1:" + std::to_string(proxy.port());
  auto plain = OpenTransport("http://fleet.invalid/fleet.git", access, QuickLimits());
  ASSERT_WORKS(plain);
  auto fails = Fetch(**plain);
  EXPECT_FAILS(fails, ErrorKind::kDenied, "the proxy asks who we are");
  EXPECT_THAT(fails.error().message, Not(HasSubstr("canary")));
  EXPECT_THAT(proxy.requests()[0], HasSubstr("GET http://fleet.invalid/fleet.git/info/refs"));
  auto tunnel = OpenTransport("https://fleet.invalid/fleet.git", access, QuickLimits());
  ASSERT_WORKS(tunnel);
  fails = Fetch(**tunnel);
  EXPECT_FAILS(fails, ErrorKind::kDenied, "the proxy refuses to connect us (status 407)");
  EXPECT_THAT(fails.error().message, Not(HasSubstr("canary")));
  ASSERT_EQ(proxy.requests().size(), 2U);
  EXPECT_THAT(proxy.requests()[1], HasSubstr("CONNECT fleet.invalid:443"));
  // What is for the server is not for the proxy.
  EXPECT_THAT(proxy.requests()[1], Not(HasSubstr(kCanary)));
  access.proxy = "nonsense://canary-7f3a-user:canary-7f3a@127.0.0.1:1";
  auto odd = OpenTransport("http://fleet.invalid/fleet.git", access, QuickLimits());
  ASSERT_WORKS(odd);
  fails = Fetch(**odd);
  ASSERT_FALSE(fails.has_value());
  EXPECT_THAT(fails.error().message, Not(HasSubstr("canary")));
}

TEST_F(HostileServer, AProxyOfTheEnvironmentIsAsked) {
  const HttpScript proxy(Answers(HttpAnswerText("502 Bad Gateway", "text/plain", "no")));
  ::setenv("http_proxy", proxy.url().c_str(), 1);
  ::unsetenv("no_proxy");
  ::unsetenv("NO_PROXY");
  auto transport = OpenTransport("http://fleet.invalid/fleet.git", {}, QuickLimits());
  ASSERT_WORKS(transport);
  EXPECT_FAILS(Fetch(**transport), ErrorKind::kTransient, "status 502");
  EXPECT_EQ(proxy.requests().size(), 1U);
  ::setenv("no_proxy", ".invalid", 1);
  EXPECT_FAILS(Fetch(**transport), ErrorKind::kTransient, "not reached");
  EXPECT_EQ(proxy.requests().size(), 1U);
  ::unsetenv("http_proxy");
  ::unsetenv("no_proxy");
}

}  // namespace
}  // namespace lockkeeper
