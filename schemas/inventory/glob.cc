#include "schemas/inventory/glob.h"

#include <fmt/format.h>

#include <algorithm>

#include "schemas/inventory/inventory.h"

namespace lockkeeper {
namespace {

std::unexpected<Error> BadGlob(std::string_view pattern, std::string_view why) {
  return Invalid(fmt::format("'{}' is not a glob: {}", pattern, why));
}

// Where the brace that opens at `open` closes, and the commas between its alternatives; npos where it does
// not.
struct BraceGroup {
  size_t close = std::string_view::npos;
  std::vector<size_t> commas;
};

BraceGroup FindBraceGroup(std::string_view pattern, size_t open) {
  BraceGroup group;
  int depth = 0;
  for (size_t i = open; i < pattern.size(); ++i) {
    if (pattern[i] == '\\') {
      ++i;
    } else if (pattern[i] == '{') {
      ++depth;
    } else if (pattern[i] == ',' && depth == 1) {
      group.commas.push_back(i);
    } else if (pattern[i] == '}' && --depth == 0) {
      group.close = i;
      return group;
    }
  }
  return group;
}

size_t FindOpenBrace(std::string_view pattern) {
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\') {
      ++i;
    } else if (pattern[i] == '{') {
      return i;
    }
  }
  return std::string_view::npos;
}

}  // namespace

Result<std::vector<std::string>> ExpandBraces(std::string_view pattern) {
  std::vector<std::string> done;
  std::vector<std::string> open{std::string(pattern)};
  while (!open.empty()) {
    std::string next = std::move(open.back());
    open.pop_back();
    size_t brace = FindOpenBrace(next);
    if (brace == std::string::npos) {
      done.push_back(std::move(next));
    } else {
      BraceGroup group = FindBraceGroup(next, brace);
      if (group.close == std::string::npos) return BadGlob(pattern, "a '{' is not closed");
      group.commas.push_back(group.close);
      size_t begin = brace + 1;
      size_t first = open.size();
      for (size_t end : group.commas) {
        open.push_back(next.substr(0, brace) + next.substr(begin, end - begin) +
                       next.substr(group.close + 1));
        begin = end + 1;
      }
      // The stack is worked off from its end; the first alternative comes out first.
      std::reverse(open.begin() + static_cast<std::ptrdiff_t>(first), open.end());
    }
    if (done.size() + open.size() > Glob::kAlternativesMax) {
      return BadGlob(pattern, fmt::format("its braces make more than {} patterns", Glob::kAlternativesMax));
    }
  }
  return done;
}

Result<size_t> Glob::TokenizeClass(std::string_view pattern, size_t open, Tokens& tokens) {
  Token token{Kind::kClass, {}, {}};
  size_t i = open + 1;
  bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
  if (negated) ++i;
  bool first = true;
  for (; i < pattern.size() && (first || pattern[i] != ']'); ++i, first = false) {
    auto low = static_cast<unsigned char>(pattern[i]);
    auto high = low;
    if (i + 2 < pattern.size() && pattern[i + 1] == '-' && pattern[i + 2] != ']') {
      high = static_cast<unsigned char>(pattern[i + 2]);
      i += 2;
    }
    if (low > high) return BadGlob(pattern, "a range in brackets runs backwards");
    for (unsigned b = low; b <= high; ++b) token.bytes.set(b);
  }
  if (i >= pattern.size()) return BadGlob(pattern, "a '[' is not closed");
  if (negated) token.bytes.flip();
  token.bytes.reset('/');
  tokens.push_back(std::move(token));
  return i;
}

Result<Glob::Tokens> Glob::Tokenize(std::string_view pattern) {
  Tokens tokens;
  bool wildcard = false;
  auto literal = [&](char c) {
    if (tokens.empty() || tokens.back().kind != Kind::kLiteral) tokens.push_back({});
    tokens.back().literal.push_back(c);
  };
  bool folder = pattern.ends_with('/') && !pattern.ends_with("\\/");
  if (folder) pattern.remove_suffix(1);
  for (size_t i = 0; i < pattern.size(); ++i) {
    char c = pattern[i];
    if (c == '\\' && i + 1 < pattern.size()) {
      literal(pattern[++i]);
      continue;
    }
    if (c != '*' && c != '?' && c != '[') {
      literal(c);
      continue;
    }
    wildcard = true;
    if (c == '?') {
      tokens.push_back({Kind::kAnyByte, {}, {}});
    } else if (c == '[') {
      auto end = TokenizeClass(pattern, i, tokens);
      if (!end) return std::unexpected(end.error());
      i = *end;
    } else if (!pattern.substr(i).starts_with("**")) {
      tokens.push_back({Kind::kStar, {}, {}});
    } else if ((i == 0 || pattern[i - 1] == '/') && pattern.substr(i).starts_with("**/")) {
      tokens.push_back({Kind::kFolders, {}, {}});
      i += 2;
    } else {
      tokens.push_back({Kind::kEverything, {}, {}});
      while (i + 1 < pattern.size() && pattern[i + 1] == '*') ++i;
    }
  }
  if (folder || !wildcard) {
    if (folder) literal('/');
    tokens.push_back({folder ? Kind::kEverything : Kind::kBelow, {}, {}});
  }
  return tokens;
}

Result<Glob> Glob::Compile(std::string_view pattern) {
  if (pattern.empty()) return BadGlob(pattern, "it is empty");
  if (pattern.size() > kBytesMax)
    return BadGlob(pattern, fmt::format("it has more than {} bytes", kBytesMax));
  std::string_view rooted = pattern;
  while (rooted.starts_with("./")) rooted.remove_prefix(2);
  if (rooted.starts_with('/')) rooted.remove_prefix(1);
  if (rooted.empty() || rooted == ".") rooted = "**";
  auto expanded = ExpandBraces(rooted);
  if (!expanded) return std::unexpected(expanded.error());
  Glob glob;
  for (const std::string& alternative : *expanded) {
    auto tokens = Tokenize(alternative);
    if (!tokens) return std::unexpected(tokens.error());
    std::string_view prefix;
    if (!tokens->empty() && tokens->front().kind == Kind::kLiteral) prefix = tokens->front().literal;
    if (glob.alternatives_.empty()) {
      glob.prefix_ = prefix;
    } else {
      auto [end, unused] = std::ranges::mismatch(glob.prefix_, prefix);
      glob.prefix_.erase(end, glob.prefix_.end());
    }
    glob.alternatives_.push_back(std::move(*tokens));
  }
  return glob;
}

bool Glob::Matches(std::string_view text) const {
  if (!text.starts_with(prefix_)) return false;
  return std::ranges::any_of(alternatives_, [&](const Tokens& tokens) { return MatchTokens(tokens, text); });
}

// Greedy with two places to resume from: the last `*`, and the last `**`. An earlier one of a kind never has
// to be tried again: whatever it could still take, the later one can take.
bool Glob::MatchTokens(const Tokens& tokens, std::string_view text) {
  constexpr size_t kNone = std::string_view::npos;
  size_t at = 0;
  size_t pos = 0;
  size_t star_at = kNone;
  size_t star_pos = 0;
  size_t deep_at = kNone;
  size_t deep_pos = 0;
  while (true) {
    bool advanced = false;
    if (at == tokens.size()) {
      if (pos == text.size()) return true;
    } else {
      const Token& token = tokens[at];
      switch (token.kind) {
        case Kind::kLiteral:
          advanced = text.substr(pos).starts_with(token.literal);
          if (advanced) pos += token.literal.size();
          break;
        case Kind::kAnyByte:
          advanced = pos < text.size() && text[pos] != '/';
          if (advanced) ++pos;
          break;
        case Kind::kClass:
          advanced = pos < text.size() && token.bytes.test(static_cast<unsigned char>(text[pos]));
          if (advanced) ++pos;
          break;
        case Kind::kStar:
          star_at = at + 1;
          star_pos = pos;
          advanced = true;
          break;
        case Kind::kBelow:
          return pos == text.size() || text[pos] == '/';
        case Kind::kFolders:
        case Kind::kEverything:
          deep_at = at + 1;
          deep_pos = pos;
          star_at = kNone;
          advanced = true;
          break;
      }
      if (advanced) ++at;
    }
    if (advanced) continue;
    if (star_at != kNone && star_pos < text.size() && text[star_pos] != '/') {
      pos = ++star_pos;
      at = star_at;
      continue;
    }
    if (deep_at == kNone || deep_pos >= text.size()) return false;
    if (tokens[deep_at - 1].kind == Kind::kFolders) {
      size_t slash = text.find('/', deep_pos);
      if (slash == kNone) return false;
      deep_pos = slash + 1;
    } else {
      ++deep_pos;
    }
    pos = deep_pos;
    at = deep_at;
    star_at = kNone;
  }
}

bool GlobMatch(std::string_view pattern, std::string_view path) {
  auto glob = Glob::Compile(pattern);
  return glob && glob->Matches(path);
}

}  // namespace lockkeeper
