#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/error.h"

namespace lockkeeper {

/// A compiled glob. Over paths: `*` and `?` within a folder, `**` across (`**/` also matches no folder at
/// all), `[a-z]`,
/// `[!a]`, `{a,b}`, a backslash before a literal character. A pattern without wildcard matches that path and
/// all below it; one that ends in '/' all below it. A match costs at most length times pattern for each `**`.
class Glob {
 public:
  /// kInvalid: an unclosed bracket or brace, more than kBytesMax bytes, or more than kAlternativesMax
  /// alternatives.
  static Result<Glob> Compile(std::string_view pattern);
  bool Matches(std::string_view text) const;
  /// The text that every match begins with.
  std::string_view literal_prefix() const { return prefix_; }

  static constexpr size_t kBytesMax = 1024;
  static constexpr size_t kAlternativesMax = 256;

 private:
  enum class Kind : uint8_t { kLiteral, kAnyByte, kClass, kStar, kFolders, kEverything, kBelow };
  struct Token {
    Kind kind = Kind::kLiteral;
    std::string literal;
    std::bitset<256> bytes;
  };
  using Tokens = std::vector<Token>;

  static Result<Tokens> Tokenize(std::string_view pattern);
  static Result<size_t> TokenizeClass(std::string_view pattern, size_t open, Tokens& tokens);
  static bool MatchTokens(const Tokens& tokens, std::string_view text);

  std::vector<Tokens> alternatives_;
  std::string prefix_;
};

/// A pattern with braces as the patterns it stands for.
Result<std::vector<std::string>> ExpandBraces(std::string_view pattern);

}  // namespace lockkeeper
