#include "reconciler/core/match/compiled_match.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "schemas/assert.h"

namespace lockkeeper {
namespace {

constexpr size_t kMaxPatternBytes = 4096;
/// RE2's bound on a compiled pattern; past it the pattern is refused.
constexpr int64_t kMaxPatternMemory = int64_t{1} << 20;

/// One thing that must hold for one label.
struct Condition {
  enum class Presence : uint8_t {
    kAny,            ///< a matcher: a missing label is the empty string
    kRequired,       ///< missing: does not hold
    kMissingIsFine,  ///< missing: holds
  };
  std::string key;
  Presence presence = Presence::kAny;
  bool any_value = false;  ///< Exists, DoesNotExist: only the presence counts
  bool negate = false;
  std::vector<std::string> values;          ///< one of these; not used where there is a pattern
  std::unique_ptr<const re2::RE2> pattern;  ///< matches the whole value

  bool MatchesValue(std::string_view value) const {
    if (pattern) return re2::RE2::FullMatch(re2::StringPiece(value.data(), value.size()), *pattern);
    return std::ranges::find(values, value) != values.end();
  }

  bool Holds(const Labels& labels) const {
    // Labels are few and their keys differ in length or soon: this beats a binary search.
    auto label = std::ranges::find_if(labels, [&](const auto& l) { return l.first == key; });
    bool missing = label == labels.end();
    if (missing && presence != Presence::kAny) return presence == Presence::kMissingIsFine;
    if (any_value) return !negate;
    return MatchesValue(missing ? std::string_view{} : std::string_view{label->second}) != negate;
  }
};

/// `dev|staging` is a list of words, as most patterns that people write; nullopt: it is more than that.
std::optional<std::vector<std::string>> AsWords(std::string_view pattern) {
  // Printable ASCII without RE2's special characters, so that each byte stands for itself.
  constexpr std::string_view kSpecial = R"(\.+*?()[]{}^$|)";
  std::vector<std::string> words(1);
  for (char c : pattern) {
    if (c == '|') {
      words.emplace_back();
    } else if (c < ' ' || c > '~' || kSpecial.contains(c)) {
      return std::nullopt;
    } else {
      words.back() += c;
    }
  }
  return words;
}

/// nullopt: `why` says what is wrong with the pattern.
std::optional<Condition> FromMatcher(const Matcher& matcher, std::string& why) {
  Condition condition;
  condition.key = matcher.key;
  condition.negate = !matcher.is_equal;
  if (!matcher.is_regex) {
    condition.values = {matcher.value};
    return condition;
  }
  if (matcher.value.size() > kMaxPatternBytes) {
    why = fmt::format("the pattern is longer than {} bytes", kMaxPatternBytes);
    return std::nullopt;
  }
  if (auto words = AsWords(matcher.value)) {
    condition.values = *std::move(words);
    return condition;
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxPatternMemory);
  auto pattern = std::make_unique<const re2::RE2>(matcher.value, options);
  if (!pattern->ok()) {
    why =
        fmt::format("'{}' is not a regular expression in RE2's syntax: {}", matcher.value, pattern->error());
    return std::nullopt;
  }
  condition.pattern = std::move(pattern);
  return condition;
}

Condition FromRequirement(const SelectorRequirement& requirement) {
  Condition condition;
  condition.key = requirement.key;
  condition.values = requirement.values;
  switch (requirement.op) {
    case SelectorOperator::kIn:
      condition.presence = Condition::Presence::kRequired;
      break;
    case SelectorOperator::kNotIn:
      condition.presence = Condition::Presence::kMissingIsFine;
      condition.negate = true;
      break;
    case SelectorOperator::kExists:
      condition.presence = Condition::Presence::kRequired;
      condition.any_value = true;
      break;
    case SelectorOperator::kDoesNotExist:
      condition.presence = Condition::Presence::kMissingIsFine;
      condition.any_value = true;
      condition.negate = true;
      break;
  }
  return condition;
}

}  // namespace

struct CompiledMatch::Impl {
  std::vector<Condition> conditions;
  bool selects_without_conditions = false;
};

CompiledMatch::CompiledMatch(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
CompiledMatch::~CompiledMatch() = default;
CompiledMatch::CompiledMatch(CompiledMatch&&) noexcept = default;
CompiledMatch& CompiledMatch::operator=(CompiledMatch&&) noexcept = default;

std::optional<CompiledMatch> CompiledMatch::Compile(const ClusterMatch& match, EmptyMatch empty,
                                                    std::string_view file, Diagnostics& findings) {
  auto impl = std::make_unique<Impl>();
  bool understood = true;
  for (const Matcher& matcher : match.matchers) {
    std::string why;
    if (auto condition = FromMatcher(matcher, why)) {
      impl->conditions.push_back(*std::move(condition));
      continue;
    }
    understood = false;
    findings.push_back({std::string(file), matcher.mark, Severity::kError, "matcher-regex",
                        fmt::format("matcher of label '{}': {}", matcher.key, why)});
  }
  for (const SelectorRequirement& requirement : match.selector) {
    impl->conditions.push_back(FromRequirement(requirement));
  }
  if (!understood) return std::nullopt;
  impl->selects_without_conditions = empty == EmptyMatch::kEverythingIfWritten && match.written;
  return CompiledMatch(std::move(impl));
}

bool CompiledMatch::Selects(const Labels& labels) const {
  LK_ASSERT(impl_ != nullptr);
  if (impl_->conditions.empty()) return impl_->selects_without_conditions;
  return std::ranges::all_of(impl_->conditions, [&](const Condition& c) { return c.Holds(labels); });
}

bool CompiledMatch::SelectsAny(const Labels& labels) const {
  LK_ASSERT(impl_ != nullptr);
  if (impl_->conditions.empty()) return impl_->selects_without_conditions;
  return std::ranges::any_of(impl_->conditions, [&](const Condition& c) { return c.Holds(labels); });
}

bool CompiledMatch::has_several_conditions() const {
  LK_ASSERT(impl_ != nullptr);
  return impl_->conditions.size() > 1;
}

}  // namespace lockkeeper
