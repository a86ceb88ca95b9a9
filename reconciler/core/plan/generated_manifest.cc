#include "reconciler/core/plan/generated_manifest.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "reconciler/core/status/yaml_text.h"

namespace lockkeeper {
namespace {

using nlohmann::json;

constexpr int kPriorityMax = 1'000'000;  ///< as the schema has it

/// A value on one line. As deep as a manifest may be, which its parser bounds.
void AppendFlow(const json& value, std::string& out) {
  std::string_view gap;
  if (value.is_object()) {
    out += '{';
    for (const auto& [key, member] : value.items()) {
      out += gap;
      AppendYamlScalar(key, out);
      out += ": ";
      AppendFlow(member, out);
      gap = ", ";
    }
    out += '}';
  } else if (value.is_array()) {
    out += '[';
    for (const json& item : value) {
      out += gap;
      AppendFlow(item, out);
      gap = ", ";
    }
    out += ']';
  } else if (value.is_string()) {
    AppendYamlScalar(value.get_ref<const std::string&>(), out);
  } else {
    out += value.dump();
  }
}

void AppendList(std::string_view key, const json& list, std::string_view indent, std::string& out) {
  out += fmt::format("{}{}:\n", indent, key);
  for (const json& item : list) {
    out += indent;
    out += "- ";
    AppendFlow(item, out);
    out += '\n';
  }
}

json MatchersOf(const ManifestDraft& draft) {
  json list = json::array();
  auto add = [&](const Matcher& matcher) {
    json item{{"key", matcher.key}, {"value", matcher.value}};
    if (matcher.is_regex) item["isRegex"] = true;
    if (!matcher.is_equal) item["isEqual"] = false;
    list.push_back(std::move(item));
  };
  for (const Matcher& matcher : draft.policy.match.matchers) add(matcher);
  if (draft.provider) add(*draft.provider);
  return list;
}

json ExpressionsOf(const ManifestDraft& draft) {
  json list = json::array();
  for (const SelectorRequirement& requirement : draft.policy.match.selector) {
    using enum SelectorOperator;
    const char* op = requirement.op == kIn       ? "In"
                     : requirement.op == kNotIn  ? "NotIn"
                     : requirement.op == kExists ? "Exists"
                                                 : "DoesNotExist";
    json item{{"key", requirement.key}, {"operator", op}};
    if (!requirement.values.empty()) item["values"] = requirement.values;
    list.push_back(std::move(item));
  }
  if (!draft.clusters.empty())
    list.push_back({{"key", "cluster"}, {"operator", "In"}, {"values", draft.clusters}});
  return list;
}

json TermsOf(const ManifestDraft& draft) {
  json terms = json::parse(draft.policy.spec_template, nullptr, false);
  if (!terms.is_object()) terms = json::object();
  if (draft.enforced) {
    terms.erase("approval");
    const int priority = terms.contains("priority") && terms["priority"].is_number_integer()
                             ? terms["priority"].get<int>()
                             : 0;
    terms["priority"] = std::min(priority + kEnforcedPriority, kPriorityMax);
  } else if (draft.needs_approval) {
    if (!terms["approval"].is_object()) terms["approval"] = json::object();
    terms["approval"]["required"] = true;
  }
  return terms;
}

/// Names may hold nothing else.
char InName(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
  const bool stays = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.';
  return stays ? c : '-';
}

}  // namespace

std::string GeneratedName(const ObjectName& policy, const ReleaseName& release, bool enforced) {
  std::string name = release.str();
  std::ranges::transform(name, name.begin(), InName);
  return fmt::format("{}-{}{}", policy.name, name, enforced ? "-end-of-life" : "");
}

std::optional<Matcher> ProviderMatcher(const UpgradePolicy& policy, const ReleaseName& release,
                                       const std::vector<std::string>& providers) {
  Matcher matcher{.key = "provider"};
  if (!release.provider.empty()) {
    matcher.value = release.provider;
    // Clusters that do not say are taken to be right, where no others could be meant.
    if (policy.provider.empty() && providers.size() > 1) return matcher;
    matcher.value = re2::RE2::QuoteMeta(release.provider) + "|";
    matcher.is_regex = true;
    return matcher;
  }
  for (const std::string& other : providers) {
    if (other.empty()) continue;
    matcher.value += (matcher.value.empty() ? "" : "|") + re2::RE2::QuoteMeta(other);
  }
  if (matcher.value.empty()) return std::nullopt;
  matcher.is_regex = true;
  matcher.is_equal = false;
  return matcher;
}

std::string GeneratedPath(std::string_view folder, const ObjectName& name) {
  return name.ns == "default" ? fmt::format("{}generated/{}.yaml", folder, name.name)
                              : fmt::format("{}generated/{}/{}.yaml", folder, name.ns, name.name);
}

std::string GeneratedText(const ManifestDraft& draft) {
  std::string text;
  for (std::string line : draft.why) {
    std::ranges::replace_if(line, [](unsigned char c) { return c < 0x20 || c >= 0x7f; }, ' ');
    text += fmt::format("# {}\n", line);
  }
  text += fmt::format(
      "apiVersion: lockkeeper.dev/v1alpha1\nkind: ClusterUpgrade\nmetadata:\n  name: {}\n  namespace: {}\n",
      YamlScalar(draft.name), YamlScalar(draft.policy.name.ns));
  text += "spec:\n";
  if (const json matchers = MatchersOf(draft); !matchers.empty())
    AppendList("matchers", matchers, "  ", text);
  if (const json expressions = ExpressionsOf(draft); !expressions.empty()) {
    text += "  clusterSelector:\n";
    AppendList("matchExpressions", expressions, "    ", text);
  }
  text += fmt::format("  releaseRef: {{name: {}}}\n", YamlScalar(draft.release.str()));
  const json terms = TermsOf(draft);
  for (const auto& [key, value] : terms.items()) {
    text += fmt::format("  {}: ", key);
    AppendFlow(value, text);
    text += '\n';
  }
  return text;
}

}  // namespace lockkeeper
