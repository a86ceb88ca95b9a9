#include "reconciler/core/render/manifest_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "reconciler/core/status/yaml_text.h"
#include "schemas/sha256.h"

namespace lockkeeper {
namespace {

constexpr size_t kNameBytesMax = 60;
constexpr size_t kHashDigits = 8;

constexpr std::array<std::pair<ChangeScope, std::string_view>, 5> kScopes{
    {{ChangeScope::kMajor, "major"},
     {ChangeScope::kMinor, "minor"},
     {ChangeScope::kPatch, "patch"},
     {ChangeScope::kSecurity, "security"},
     {ChangeScope::kNodes, "nodes"}}};

std::string Header(std::string_view kind, const ObjectName& name) {
  std::string ns = name.ns == "default" ? "" : ", namespace: " + YamlScalar(name.ns);
  return fmt::format("apiVersion: lockkeeper.dev/v1alpha1\nkind: {}\nmetadata: {{name: {}{}}}\nspec:\n", kind,
                     YamlScalar(name.name), ns);
}

void AppendMatchers(const std::vector<Matcher>& matchers, std::string& out) {
  if (matchers.empty()) {
    out += "  matchers: []\n";
    return;
  }
  out += "  matchers:\n";
  for (const Matcher& matcher : matchers) {
    out +=
        fmt::format("  - {{name: {}, value: {}{}{}}}\n", YamlScalar(matcher.key), YamlScalar(matcher.value),
                    matcher.is_regex ? ", isRegex: true" : "", matcher.is_equal ? "" : ", isEqual: false");
  }
}

}  // namespace

std::span<const std::pair<ChangeScope, std::string_view>> ScopeWords() { return kScopes; }

std::string LockManifest(const ClusterLock& lock) {
  std::string out = Header("ClusterLock", lock.name);
  AppendMatchers(lock.match.matchers, out);
  out += fmt::format("  reason: {}\n", YamlScalar(lock.reason));
  if (lock.start) out += fmt::format("  startTime: {}\n", FormatInstant(*lock.start));
  out += fmt::format("  expiresAt: {}\n", FormatInstant(lock.expires_at));
  if (lock.scope != kEveryScope) {
    std::vector<std::string_view> names;
    for (const auto& [scope, name] : kScopes) {
      if ((lock.scope & static_cast<ChangeScopes>(scope)) != 0) names.push_back(name);
    }
    out += fmt::format("  scope: [{}]\n", fmt::join(names, ", "));
  }
  if (!lock.created_by.empty()) out += fmt::format("  createdBy: {}\n", YamlScalar(lock.created_by));
  return out;
}

std::string ApprovalManifest(const UpgradeApproval& approval) {
  std::string out = Header("UpgradeApproval", approval.name);
  const ObjectName& upgrade = approval.upgrade.value;
  out += fmt::format("  upgrade: {}\n",
                     YamlScalar(upgrade.ns == approval.name.ns ? upgrade.name : upgrade.str()));
  if (!approval.stage.empty()) out += fmt::format("  stage: {}\n", YamlScalar(approval.stage));
  out += fmt::format("  toRelease: {}\n", YamlScalar(approval.to_release));
  if (!approval.clusters.empty()) out += fmt::format("  clusters: {}\n", YamlScalar(approval.clusters));
  out += fmt::format("  by: {}\n  at: {}\n", YamlScalar(approval.by), FormatInstant(approval.at));
  if (approval.expires_at) out += fmt::format("  expiresAt: {}\n", FormatInstant(*approval.expires_at));
  return out;
}

std::string NameFromWords(std::string_view words) {
  std::string name;
  bool same = true;
  for (char c : words) {
    const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    same = same && kept;
    const char next = kept ? c : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : '-';
    if (next != '-' || (!name.empty() && name.back() != '-')) {
      name += next;
    } else {
      same = false;
    }
  }
  auto trim = [&] {
    while (name.ends_with('-')) name.pop_back();
  };
  const size_t before = name.size();
  trim();
  same = same && before == name.size() && !name.empty() && name.size() <= kNameBytesMax;
  if (same) return name;
  name.resize(std::min(name.size(), kNameBytesMax - kHashDigits - 1));
  trim();
  return fmt::format("{}{}{}", name, name.empty() ? "" : "-", Sha256Hex(words).substr(0, kHashDigits));
}

}  // namespace lockkeeper
