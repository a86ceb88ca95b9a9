#include "reconciler/core/match/matcher_text.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

namespace lockkeeper {
namespace {

std::string Describe(const std::vector<Matcher>& matchers) {
  std::string text;
  for (const Matcher& m : matchers)
    text += fmt::format("[{}]{}{}[{}]", m.key, m.is_equal ? "=" : "!", m.is_regex ? "~" : "", m.value);
  return text;
}

TEST(MatcherText, ReadsWhatAlertmanagersUsersWrite) {
  struct Row {
    const char* name;
    const char* text;
    const char* matchers;
  };
  const Row rows[] = {
      {"one", "stage=prod", "[stage]=[prod]"},
      {"two", "stage=prod,region=eu", "[stage]=[prod][region]=[eu]"},
      {"spaces", "  stage = prod , region != eu ", "[stage]=[prod][region]![eu]"},
      {"regex", "stage=~dev|test", "[stage]=~[dev|test]"},
      {"not_regex", "stage!~dev.*", "[stage]!~[dev.*]"},
      {"quoted", R"(a="x, y",b=~"a{1,2}")", "[a]=[x, y][b]=~[a{1,2}]"},
      {"escapes", R"(a="say \"hi\" \\ \d")", R"([a]=[say "hi" \ \d])"},
      {"braces", "{stage=prod}", "[stage]=[prod]"},
      {"empty_value", "stage=", "[stage]=[]"},
      {"empty_value_in_the_middle", "stage=,region=\"\"", "[stage]=[][region]=[]"},
      {"key_with_slash", "app.kubernetes.io/name=x", "[app.kubernetes.io/name]=[x]"},
      {"equals_in_value", "a=b=c", "[a]=[b=c]"},
      {"other_letters", "a=\xC3\xA9", "[a]=[\xC3\xA9]"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    auto matchers = ParseMatchers(row.text);
    ASSERT_TRUE(matchers.has_value()) << matchers.error().message;
    EXPECT_EQ(Describe(*matchers), row.matchers);
  }
}

TEST(MatcherText, RefusesTheRestWithItsColumn) {
  struct Row {
    const char* name;
    std::string text;
    const char* message;
  };
  const Row rows[] = {
      {"empty", "", "column 1: the name of a label"},
      {"no_operator", "stage", "column 6: one of ="},
      {"no_key", "=prod", "column 1: the name of a label"},
      {"comma_at_the_end", "stage=prod,", "column 12: the name of a label"},
      {"space_in_key", "my stage=prod", "no space"},
      {"open_quote", "a=\"b", "never closed"},
      {"behind_the_quote", "a=\"b\"c", "column 6: a comma"},
      {"quote_inside", "a=b\"c", "in double quotes"},
      {"open_brace", "{a=b", "'{' is never closed"},
      {"behind_the_brace", "{a=b}c", "column 6"},
      {"bad_operator", "a!b", "one of ="},
      {"two_lines", "a=b\nc=d", "one line"},
      {"no_utf8", "a=\xFF", "one line of text"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    auto matchers = ParseMatchers(row.text);
    ASSERT_FALSE(matchers.has_value()) << Describe(*matchers);
    EXPECT_TRUE(matchers.error().message.contains(row.message)) << matchers.error().message;
  }
  std::string many = "a=b";
  for (size_t i = 0; i < kMatchersMax; ++i) many += ",a=b";
  EXPECT_FALSE(ParseMatchers(many).has_value());
}

TEST(MatcherTextProperty, WhatIsWrittenIsReadBack) {
  constexpr unsigned kSeed = 8;
  std::mt19937 random{kSeed};
  const std::string letters = "ab=!~,{}\"\\ .*|-";
  for (int i = 0; i < 3'000; ++i) {
    std::vector<Matcher> matchers(1 + random() % 3);
    for (Matcher& matcher : matchers) {
      matcher.key = fmt::format("k{}", random() % 9);
      const size_t length = random() % 6;
      for (size_t c = 0; c < length; ++c) matcher.value += letters[random() % letters.size()];
      matcher.is_regex = random() % 2 == 0;
      matcher.is_equal = random() % 2 == 0;
    }
    const std::string text = FormatMatchers(matchers);
    auto read = ParseMatchers(text);
    ASSERT_TRUE(read.has_value()) << "seed " << kSeed << ": " << text << ": " << read.error().message;
    ASSERT_EQ(*read, matchers) << "seed " << kSeed << ": " << text;
  }
}

}  // namespace
}  // namespace lockkeeper
