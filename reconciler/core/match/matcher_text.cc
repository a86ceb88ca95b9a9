#include "reconciler/core/match/matcher_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "schemas/manifest/words.h"

namespace lockkeeper {
namespace {

constexpr std::string_view kSpace = " \t";
constexpr std::string_view kEndsKey = "=!~,{}\"";
constexpr std::string_view kNeedsQuotes = " \t,{}\"\\";

class MatcherParser {
 public:
  explicit MatcherParser(std::string_view text) : text_(text) {}

  Result<std::vector<Matcher>> Parse() {
    if (!IsPrintable(text_) || text_.find_first_of("\r\n") != std::string_view::npos)
      return Invalid("matchers are one line of text");
    SkipSpace();
    const bool braces = Take("{");
    std::vector<Matcher> matchers;
    do {
      auto matcher = One();
      if (!matcher) return std::unexpected(std::move(matcher.error()));
      matchers.push_back(std::move(*matcher));
      if (matchers.size() > kMatchersMax)
        return Invalid(fmt::format("there are more than {} matchers", kMatchersMax));
      SkipSpace();
    } while (Take(","));
    if (braces && !Take("}")) return Wrong("the bracket '{' is never closed");
    SkipSpace();
    if (at_ != text_.size()) return Wrong("a comma, or the end, is expected here");
    return matchers;
  }

 private:
  Result<Matcher> One() {
    SkipSpace();
    Matcher matcher;
    const size_t end = std::min(text_.find_first_of(kEndsKey, at_), text_.size());
    std::string_view key = text_.substr(at_, end - at_);
    key = key.substr(0, key.find_last_not_of(kSpace) + 1);
    if (key.empty()) return Wrong("the name of a label is expected here");
    if (key.find_first_of(kSpace) != std::string_view::npos)
      return Wrong("the name of a label has no space in it");
    matcher.key = key;
    at_ = end;
    matcher.is_equal = !text_.substr(at_).starts_with('!');
    matcher.is_regex = text_.substr(at_).starts_with("=~") || text_.substr(at_).starts_with("!~");
    if (!Take("=~") && !Take("!~") && !Take("!=") && !Take("="))
      return Wrong(fmt::format("one of = != =~ !~ is expected behind {}", Quoted(key)));
    auto value = Value();
    if (!value) return std::unexpected(std::move(value.error()));
    matcher.value = std::move(*value);
    return matcher;
  }

  Result<std::string> Value() {
    SkipSpace();
    if (Take("\"")) return QuotedValue();
    const size_t end = std::min(text_.find_first_of(",}", at_), text_.size());
    std::string_view value = text_.substr(at_, end - at_);
    value = value.substr(0, value.find_last_not_of(kSpace) + 1);
    if (value.find_first_of("\"{") != std::string_view::npos)
      return Wrong("a value with a comma, bracket or quote in it is written in double quotes");
    at_ = end;
    return std::string{value};
  }

  Result<std::string> QuotedValue() {
    std::string value;
    for (; at_ < text_.size(); ++at_) {
      if (Take("\"")) return value;
      // As in Alertmanager a backslash in front of anything else stands for itself: \d in a regular
      // expression.
      const std::string_view rest = text_.substr(at_);
      if (rest.starts_with("\\\"") || rest.starts_with("\\\\")) ++at_;
      value += text_[at_];
    }
    return Wrong("the quote is never closed");
  }

  void SkipSpace() { at_ = std::min(text_.find_first_not_of(kSpace, at_), text_.size()); }
  bool Take(std::string_view token) {
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }
  std::unexpected<Error> Wrong(std::string_view what) const {
    return Invalid(fmt::format("column {}: {}", at_ + 1, what));
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

Result<std::vector<Matcher>> ParseMatchers(std::string_view text) { return MatcherParser(text).Parse(); }

std::string FormatMatchers(const std::vector<Matcher>& matchers) {
  std::string text;
  for (const Matcher& matcher : matchers) {
    if (!text.empty()) text += ',';
    text += matcher.key;
    text += matcher.is_equal ? "=" : "!";
    if (matcher.is_regex) {
      text += '~';
    } else if (!matcher.is_equal) {
      text += '=';
    }
    // Behind the operator a plain ~ would be part of it.
    const bool is_plain =
        !matcher.value.starts_with('~') && matcher.value.find_first_of(kNeedsQuotes) == std::string::npos;
    if (is_plain) {
      text += matcher.value;
      continue;
    }
    text += '"';
    for (char c : matcher.value) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
  }
  return text;
}

}  // namespace lockkeeper
