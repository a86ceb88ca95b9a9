#include "net/url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lockkeeper {
namespace {

TEST(ParsedUrl, HasItsParts) {
  struct Row {
    const char* text;
    const char* user;
    const char* host;
    const char* port;
    const char* path;
    const char* shown;
    const char* origin;
  };
  for (const Row& row : {
           Row{"https://Example.COM/a/b.git", "", "example.com", "", "/a/b.git",
               "https://example.com/a/b.git", "https://example.com:443"},
           Row{"http://u%40x@h:8080", "u@x", "h", "8080", "", "http://h:8080", "http://h:8080"},
           Row{"https://a@b@h/x", "a@b", "h", "", "/x", "https://h/x", "https://h:443"},
           Row{"ssh://git@[::1]:22/~/x", "git", "::1", "22", "/~/x", "ssh://[::1]:22/~/x", "ssh://::1:22"},
           Row{"http://h?q@w", "", "h", "", "?q@w", "http://h?q@w", "http://h:80"},
       }) {
    SCOPED_TRACE(row.text);
    const auto url = ParseUrl(row.text);
    ASSERT_TRUE(url.has_value()) << url.error().message;
    EXPECT_EQ(url->user, row.user);
    EXPECT_EQ(url->host, row.host);
    EXPECT_EQ(url->port, row.port);
    EXPECT_EQ(url->path, row.path);
    EXPECT_EQ(url->Text(), row.shown);
    EXPECT_EQ(url->Origin(), row.origin);
    EXPECT_FALSE(url->has_password);
  }
  EXPECT_TRUE(ParseUrl("https://u:p@h/")->has_password);
  EXPECT_TRUE(ParseUrl("https://u:@h/")->has_password);
}

TEST(ParsedUrl, RefusesOthersWithoutRepeatingThem) {
  for (const char* text : {"canary",
                           "://canary",
                           "canary@h://x",
                           "can:ary://h/",
                           "https://",
                           "https:///canary",
                           "https://canary:@",
                           "https://h:0/canary",
                           "https://h:65536/canary",
                           "https://h:x/canary",
                           "https://h/can ary",
                           "https://can\nary/",
                           "https://[::1/canary",
                           "https://[canary]/",
                           "https://[::1]x/canary",
                           "https://-canary/",
                           "https://a%zz@h/canary",
                           "https://a%00@h/canary",
                           "https://ca'nary/",
                           "https://ca\\nary/"}) {
    SCOPED_TRACE(text);
    const auto url = ParseUrl(text);
    ASSERT_FALSE(url.has_value());
    EXPECT_EQ(url.error().kind, ErrorKind::kInvalid);
    EXPECT_THAT(url.error().message, ::testing::Not(::testing::HasSubstr("canary")));
  }
  EXPECT_FALSE(ParseUrl("https://h/" + std::string(5000, 'x')).has_value());
}

}  // namespace
}  // namespace lockkeeper
