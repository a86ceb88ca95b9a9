#include "gitops/remote/remote_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lockkeeper {
namespace {

TEST(RemoteUrlText, IsTakenApart) {
  struct Row {
    const char* text;
    RemoteUrl::Way way;
    const char* user;
    const char* host;
    const char* port;
    const char* path;
    const char* shown;
  };
  const auto ssh = RemoteUrl::Way::kSsh;
  const auto http = RemoteUrl::Way::kHttp;
  for (const Row& row : {
           Row{"https://ada@h/a/b.git/", http, "ada", "h", "", "/a/b.git", "https://h/a/b.git"},
           Row{"http://h:81/a", http, "", "h", "81", "/a", "http://h:81/a"},
           Row{"ssh://git@h:2222/a/b", ssh, "git", "h", "2222", "/a/b", "ssh://h:2222/a/b"},
           Row{"ssh://h/~ada/b", ssh, "", "h", "", "~ada/b", "ssh://h/~ada/b"},
           Row{"git@h:a/b.git", ssh, "git", "h", "", "a/b.git", "h:a/b.git"},
           Row{"h:~/b c", ssh, "", "h", "", "~/b c", "h:~/b c"},
           Row{"git@[::1]:a", ssh, "git", "::1", "", "a", "[::1]:a"},
       }) {
    SCOPED_TRACE(row.text);
    const auto url = ParseRemoteUrl(row.text);
    ASSERT_TRUE(url.has_value()) << url.error().message;
    EXPECT_EQ(url->way, row.way);
    EXPECT_EQ(url->user, row.user);
    EXPECT_EQ(url->host, row.host);
    EXPECT_EQ(url->port, row.port);
    EXPECT_EQ(url->path, row.path);
    EXPECT_EQ(url->text, row.shown);
  }
}

TEST(RemoteUrlText, OthersAreRefusedWithoutTheUserPart) {
  struct Row {
    const char* text;
    const char* part;
  };
  for (const Row& row : {
           Row{"https://canary:canary@h/a", "the URL has a password in it"},
           Row{"ssh://canary:canary@h/a", "the URL has a password in it"},
           Row{"ftp://canary@h/a", "not 'ftp'"},
           Row{"file:///a", "URL"},
           Row{"https://canary@h", "no path"},
           Row{"https://canary@h/", "no path"},
           Row{"https://canary@h/a?token=canary", "query"},
           Row{"https://canary@h/a#canary", "query"},
           Row{"ssh://canary@-oProxyCommand=x/a", "host"},
           Row{"ssh://-oProxyCommand=canary@h/a", "user"},
           Row{"canary@-oProxyCommand=x:a", "host"},
           Row{"-oProxyCommand=canary@h:a", "user"},
           Row{"canary@h:", "no path"},
           Row{"canary@h:-a", "begins with '-'"},
           Row{"canary@$(x):a", "host"},
           Row{"canary", "no URL"},
           Row{"./canary:b", "no URL"},
           Row{"", "no URL"},
       }) {
    SCOPED_TRACE(row.text);
    const auto url = ParseRemoteUrl(row.text);
    ASSERT_FALSE(url.has_value());
    EXPECT_EQ(url.error().kind, ErrorKind::kInvalid);
    EXPECT_THAT(url.error().message, ::testing::HasSubstr(row.part));
    EXPECT_THAT(url.error().message, ::testing::Not(::testing::HasSubstr("canary")));
  }
}

}  // namespace
}  // namespace lockkeeper
