#include <fmt/format.h>
#include <re2/re2.h>

#include <array>

#include "schemas/manifest/core_json.h"
#include "schemas/manifest/kind_decoders.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {
namespace {

constexpr size_t kPatternBytesMax = 4'096;
// RE2's own bound on a compiled pattern, in bytes. Some 20,000 steps: a list of a thousand cluster names.
constexpr int64_t kPatternMemoryMax = int64_t{2} << 20;
constexpr int64_t kPatternStepsMax = 20'000;

}  // namespace

void CheckPattern(const Place& place, const std::string& pattern, FieldReader& read) {
  auto bad = [&](std::string_view why) { read.findings().Error(place, "bad-regex", why); };
  if (pattern.size() > kPatternBytesMax) {
    return bad(fmt::format("the regular expression is longer than {} bytes; use several matchers, or a label",
                           kPatternBytesMax));
  }
  if (read.pattern_steps_left <= 0) {
    return bad("the regular expressions of this file are too large together; split the file, or use labels");
  }
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kPatternMemoryMax);
  RE2 compiled(pattern, options);
  if (!compiled.ok())
    bad(fmt::format("{} is no regular expression (RE2): {}", Quoted(pattern), compiled.error()));
  // Compiling takes time in proportion to the program, also where it ends at the bound.
  bool too_large = compiled.error_code() == RE2::ErrorPatternTooLarge;
  read.pattern_steps_left -= compiled.ok() ? compiled.ProgramSize() : too_large ? kPatternStepsMax : 100;
}

namespace {

void DecodeMatchers(const Place& list, ClusterMatch& match, FieldReader& read) {
  for (const Place& item : list.Items()) {
    Matcher matcher;
    Place value = item["value"];
    read.Line(item["name"], matcher.key);
    read.Line(item["key"], matcher.key);
    read.Line(value, matcher.value);
    read.Flag(item["isRegex"], matcher.is_regex);
    read.Flag(item["isEqual"], matcher.is_equal);
    matcher.mark = value.mark();
    if (matcher.is_regex && value.has_text() && !read.findings().IsFaulty(value)) {
      CheckPattern(value, matcher.value, read);
    }
    if (!matcher.key.empty()) match.matchers.push_back(std::move(matcher));
  }
}

void DecodeExpression(const Place& item, ClusterMatch& match, FieldReader& read) {
  using enum SelectorOperator;
  static constexpr std::array<std::pair<std::string_view, SelectorOperator>, 4> kOperators{
      {{"In", kIn}, {"NotIn", kNotIn}, {"Exists", kExists}, {"DoesNotExist", kDoesNotExist}}};
  SelectorRequirement requirement;
  Place op = item["operator"];
  Place values = item["values"];
  read.Line(item["key"], requirement.key);
  read.Choice<SelectorOperator>(op, kOperators, requirement.op);
  read.Lines(values, requirement.values);
  requirement.mark = item.mark();
  if (op.exists() && !read.findings().IsFaulty(op) && !read.findings().IsFaulty(values)) {
    bool compares = requirement.op == kIn || requirement.op == kNotIn;
    if (compares && requirement.values.empty()) {
      read.findings().ErrorAt(op.mark(), values.path(), "missing-field",
                              fmt::format("{} needs at least one value", op.node().value));
    } else if (!compares && values.exists() && !values.Items().empty()) {
      read.findings().ErrorAtKey(values, "conflicting-fields",
                                 fmt::format("{} takes no values", op.node().value));
    }
  }
  if (!requirement.key.empty()) match.selector.push_back(std::move(requirement));
}

void DecodeSelector(const Place& selector, ClusterMatch& match, FieldReader& read) {
  std::map<std::string, std::string> labels;
  read.TextMap(selector["matchLabels"], labels);
  for (const auto& [key, value] : selector["matchLabels"].Members()) {
    if (!key.empty()) match.selector.push_back({key, SelectorOperator::kIn, {labels[key]}, value.mark()});
  }
  for (const Place& item : selector["matchExpressions"].Items()) DecodeExpression(item, match, read);
}

}  // namespace

ClusterMatch DecodeMatch(const Place& parent, FieldReader& read) {
  ClusterMatch match;
  Place matchers = parent["matchers"];
  Place selector = parent["clusterSelector"];
  match.written = matchers.exists() || selector.exists();
  match.mark = matchers.exists() ? matchers.key_mark() : selector.key_mark();
  DecodeMatchers(matchers, match, read);
  DecodeSelector(selector, match, read);
  return match;
}

}  // namespace lockkeeper
