#include <gtest/gtest.h>

#include <random>

#include "schemas/inventory/glob.h"
#include "schemas/inventory/inventory.h"

namespace lockkeeper {
namespace {

struct GlobRow {
  const char* pattern;
  const char* path;
  bool matches;
};

TEST(Glob, MatchesPaths) {
  const GlobRow rows[] = {
      {"clusters/*/cluster.yaml", "clusters/a/cluster.yaml", true},
      {"clusters/*/cluster.yaml", "clusters/a/b/cluster.yaml", false},
      {"clusters/*/cluster.yaml", "clusters//cluster.yaml", true},
      {"**/bases/**", "bases/a", true},
      {"**/bases/**", "x/y/bases/a/b", true},
      {"**/bases/**", "x/mybases/a", false},
      {"**/bases/**", "x/bases", false},
      {"a/**/b", "a/b", true},
      {"a/**/b", "a/x/y/b", true},
      {"a/**/b", "a/xb", false},
      {"**", "anything/at/all", true},
      {"**.yaml", "a/b.yaml", true},
      {"*.yaml", "a/b.yaml", false},
      {"*.yaml", "b.yaml", true},
      {"a?c", "abc", true},
      {"a?c", "a/c", false},
      {"[a-c]x", "bx", true},
      {"[!a-c]x", "bx", false},
      {"[!a-c]x", "dx", true},
      {"[!a]", "/", false},
      {"[]]", "]", true},
      {"{a,b}/*.{yaml,yml}", "b/x.yml", true},
      {"{a,b}/*.{yaml,yml}", "c/x.yml", false},
      {"{a,b{c,d}}", "bd", true},
      {"{,x}a", "a", true},
      {"upgrades/", "upgrades/a/b.yaml", true},
      {"upgrades/", "upgrades", false},
      {"upgrades", "upgrades/a/b.yaml", true},
      {"upgrades", "upgrades", true},
      {"upgrades", "upgrades2/a", false},
      {"a\\*b", "a*b", true},
      {"a\\*b", "axb", false},
      {"./a/*", "a/b", true},
      {"/a/*", "a/b", true},
      {".", "a/b", true},
      {"cluster.x-k8s.io/*", "cluster.x-k8s.io/v1beta1", true},
      {"cluster.x-k8s.io/*", "cluster.x-k8s.io", false},
      {"", "a", false},
      {"[a", "[a", false},
      {"{a", "{a", false},
      {"[z-a]", "b", false},
  };
  for (const GlobRow& row : rows) {
    EXPECT_EQ(GlobMatch(row.pattern, row.path), row.matches) << row.pattern << " on " << row.path;
  }
}

// By trying everything.
bool SlowMatch(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern.starts_with("**/")) {
    std::string_view rest = pattern.substr(3);
    if (SlowMatch(rest, text)) return true;
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '/' && SlowMatch(rest, text.substr(i + 1))) return true;
    }
    return false;
  }
  if (pattern.starts_with("**")) {
    for (size_t i = 0; i <= text.size(); ++i) {
      if (SlowMatch(pattern.substr(2), text.substr(i))) return true;
    }
    return false;
  }
  if (pattern[0] == '*') {
    for (size_t i = 0; i <= text.size(); ++i) {
      if (SlowMatch(pattern.substr(1), text.substr(i))) return true;
      if (i < text.size() && text[i] == '/') return false;
    }
    return false;
  }
  if (text.empty()) return false;
  bool same = pattern[0] == '?' ? text[0] != '/' : pattern[0] == text[0];
  return same && SlowMatch(pattern.substr(1), text.substr(1));
}

TEST(Glob, AgreesWithTryingEverything) {
  std::mt19937 random(20260301);
  const std::string_view pieces[] = {"a", "b", "*", "?", "/", "/**/", "a*", "**"};
  int matched = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string pattern = "a/";  // Where `**/` may begin a folder is the table's to say.
    for (uint64_t n = random() % 6; n > 0; --n) pattern += pieces[random() % std::size(pieces)];
    // Runs of stars and doubled slashes have no one meaning that both would give.
    if (pattern.find("***") != std::string::npos || pattern.find("//") != std::string::npos ||
        pattern.ends_with('/')) {
      continue;
    }
    bool odd = false;  // `x**/`: only a whole folder part is `**/`.
    for (size_t at = pattern.find("**/"); at != std::string::npos; at = pattern.find("**/", at + 1)) {
      odd = odd || pattern[at - 1] != '/';
    }
    if (odd || pattern.find_first_of("*?") == std::string::npos) continue;
    std::string text;
    for (uint64_t n = random() % 8; n > 0; --n) text += "ab/"[random() % 3];
    text = "a/" + text;
    bool expected = SlowMatch(pattern, text);
    matched += expected ? 1 : 0;
    ASSERT_EQ(GlobMatch(pattern, text), expected) << pattern << " on " << text;
  }
  EXPECT_GT(matched, 1000);
}

TEST(Glob, IsBounded) {
  std::string bomb;
  for (int i = 0; i < 40; ++i) bomb += "{a,b}";
  EXPECT_FALSE(Glob::Compile(bomb));
  EXPECT_FALSE(Glob::Compile(std::string(2000, 'a')));
  std::string stars;
  for (int i = 0; i < 300; ++i) stars += "*a";
  EXPECT_FALSE(GlobMatch(stars, std::string(4096, 'a') + "b"));
  std::string deep;
  for (int i = 0; i < 200; ++i) deep += "**/a*";
  EXPECT_FALSE(GlobMatch(deep, std::string(4000, 'a')));
}

}  // namespace
}  // namespace lockkeeper
