#include "net/secret.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "net/credentials.h"
#include "net/foreign_text.h"
#include "tests/support/temp_repository.h"

namespace lockkeeper {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Secret, PrintsStarsHoweverItIsPrinted) {
  const Secret secret("canary");
  EXPECT_EQ(fmt::format("{} {:>5}", secret, secret), "***   ***");
  std::ostringstream out;
  out << secret;
  EXPECT_EQ(out.str(), "***");
  EXPECT_EQ(::testing::PrintToString(secret), "***");
  EXPECT_EQ(secret.Reveal(), "canary");
}

TEST(Secret, AMoveLeavesNothingBehind) {
  Secret from("canary");
  const Secret to(std::move(from));
  EXPECT_EQ(to.Reveal(), "canary");
  EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): that is the question
}

TEST(ForeignText, BecomesOneSafeLine) {
  struct Row {
    const char* name;
    std::string_view text;
    std::string_view line;
  };
  for (const Row& row : {
           Row{"lines", "one\ntwo\r\n\n  three  \n", "one; two; three"},
           Row{"progress", "10%\r20%\rdone", "10%; 20%; done"},
           Row{"escapes",
               "a\x1b[31mb\x07\x7f"
               "c",
               "a [31mb c"},
           Row{"c1",
               "a\xc2\x9b"
               "31mb",
               "a 31mb"},
           Row{"bidi",
               "a\xe2\x80\xae"
               "b\xe2\x81\xa6"
               "c",
               "abc"},
           Row{"no_utf8",
               "a\xff"
               "b",
               "a\xef\xbf\xbd"
               "b"},
           Row{"empty", "\n\n\x1b", ""},
       }) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(OneLine(row.text, 100), row.line);
  }
  EXPECT_LE(OneLine(std::string(1 << 20, 'x'), 100).size(), 103U);
}

TEST(ForeignText, HidesSecretsNamesAndUserParts) {
  EXPECT_EQ(WithoutSecrets("a tok b tok", {Secret("tok"), Secret("")}), "a *** b ***");
  EXPECT_EQ(WithoutSecrets("http://u:p@h/x@y and https://tok@h", {}), "http://***@h/x@y and https://***@h");
  EXPECT_EQ(WithoutSecrets("see http://h/a@b", {}), "see http://h/a@b");
  EXPECT_EQ(WithoutName("ada@host: ada, adam and /ada/", "ada"), "***@host: ***, adam and /***/");
  EXPECT_EQ(WithoutName("nothing", ""), "nothing");
}

class SecretFile : public ::testing::Test {
 protected:
  std::string Write(std::string_view text) const {
    const std::string path = folder_.path() + "/file";
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  TempFolder folder_;
};

TEST_F(SecretFile, IsOneLine) {
  for (const char* text : {"token", "token\n", "token\r\n"}) {
    auto secret = ReadSecretFile(Write(text));
    ASSERT_TRUE(secret.has_value()) << secret.error().message;
    EXPECT_EQ(secret->Reveal(), "token");
  }
  for (const std::string& text : {std::string(), std::string("\n"), std::string("canary\nmore\n"),
                                  std::string("canary\0x", 8), std::string(70000, 'c')}) {
    auto secret = ReadSecretFile(Write(text));
    ASSERT_FALSE(secret.has_value());
    EXPECT_EQ(secret.error().kind, ErrorKind::kInvalid);
    EXPECT_THAT(secret.error().message, HasSubstr(folder_.path() + "/file: the secret"));
    EXPECT_THAT(secret.error().message, Not(HasSubstr("canary")));
  }
  for (const std::string& path : {folder_.path() + "/none", folder_.path(), std::string("/dev/zero")}) {
    auto secret = ReadSecretFile(path);
    ASSERT_FALSE(secret.has_value());
    EXPECT_EQ(secret.error().kind, ErrorKind::kInvalid);
  }
}

TEST_F(SecretFile, HeadersAreNamedAndPlain) {
  auto read = ReadCredentials({.headers_file = Write("# why\n\nX-A: one\n x-b :two\n")});
  ASSERT_FALSE(read.has_value());  // A name has no space.
  read = ReadCredentials({.headers_file = Write("# why\n\nX-A: one\nx-b:two: three \r\n")});
  ASSERT_TRUE(read.has_value()) << read.error().message;
  ASSERT_EQ(read->headers.size(), 2U);
  EXPECT_EQ(read->headers[0].name, "X-A");
  EXPECT_EQ(read->headers[1].value.Reveal(), "two: three");
  for (const char* text : {"canary", "X-A:", ": canary",
                           "X-A: can\x01"
                           "ary",
                           "Host: canary", "Content-Length: 1", "transfer-encoding: chunked"}) {
    SCOPED_TRACE(text);
    read = ReadCredentials({.headers_file = Write(text)});
    ASSERT_FALSE(read.has_value());
    EXPECT_EQ(read.error().kind, ErrorKind::kInvalid);
    EXPECT_THAT(read.error().message, HasSubstr("/file:1: "));
    EXPECT_THAT(read.error().message, Not(HasSubstr("canary")));
  }
}

}  // namespace
}  // namespace lockkeeper
