#include <gtest/gtest.h>

#include <random>

#include "schemas/yaml/source_text.h"

namespace lockkeeper {
namespace {

bool IsPlain(char c) { return (c >= ' ' && c <= '~') || c == '\n'; }

TEST(SkipPlainText, StopsAtTheFirstByteOfAnotherKind) {
  // Every byte at every place of a word, before and after other words.
  for (int value = 0; value < 256; ++value) {
    for (size_t at = 0; at < 20; ++at) {
      std::string text(20, 'a');
      text[at] = static_cast<char>(value);
      const size_t expected = IsPlain(text[at]) ? text.size() : at;
      ASSERT_EQ(SkipPlainText(text, 0), expected) << "byte " << value << " at " << at;
      ASSERT_EQ(SkipPlainText(text, at), expected) << "byte " << value << " at " << at;
    }
  }
  std::mt19937 random(7);
  for (int i = 0; i < 20'000; ++i) {
    std::string text(random() % 40, '\0');
    for (char& c : text) c = static_cast<char>(random() % 30 == 0 ? random() : "a\n ~"[random() % 4]);
    const size_t begin = text.empty() ? 0 : random() % text.size();
    size_t expected = begin;
    while (expected < text.size() && IsPlain(text[expected])) ++expected;
    ASSERT_EQ(SkipPlainText(text, begin), expected) << "seed 7, text " << i;
  }
}

}  // namespace
}  // namespace lockkeeper
