#include <fmt/format.h>

#include <span>

#include "schemas/assert.h"
#include "schemas/embedded_file.h"
#include "schemas/inventory/compiled_rule.h"
#include "schemas/inventory/inventory.h"
#include "schemas/manifest/kind_decoders.h"

namespace lockkeeper {

std::span<const EmbeddedFile> EmbeddedProfiles();

namespace {

struct DecodedProfile {
  Profile profile;
  InventoryRule rule;
};

// The files are ours and compiled in: a mistake in one is a bug, which the tests find.
DecodedProfile DecodeProfile(const EmbeddedFile& file) {
  auto stream = ParseManifestYaml(file.text);
  if (!stream)
    std::fprintf(stderr, "%.*s: %s\n", static_cast<int>(file.name.size()), file.name.data(),
                 stream.error().message.c_str());
  LK_ASSERT(stream && stream->documents.size() == 1);
  const YamlNode& root = stream->documents[0];
  DecodedProfile decoded;
  for (auto [key, out] :
       {std::pair{"name", &decoded.profile.name}, {"description", &decoded.profile.description}}) {
    const YamlNode* value = root.Find(key);
    LK_ASSERT(value != nullptr && value->is_scalar());
    *out = value->value;
  }
  decoded.profile.text = file.text;
  if (const YamlNode* general = root.Find("general")) decoded.profile.general = general->value == "true";
  LK_ASSERT(root.Find("rule") != nullptr);
  Diagnostics diagnostics;
  Collector findings(std::string(file.name), diagnostics);
  FieldReader reader(findings);
  decoded.rule = DecodeInventoryRule(Place::Root(root)["rule"], reader);
  for (const Diagnostic& diagnostic : diagnostics)
    std::fprintf(stderr, "%s\n", FormatDiagnostic(diagnostic).c_str());
  LK_ASSERT(diagnostics.empty());
  return decoded;
}

const std::vector<DecodedProfile>& DecodedProfiles() {
  static const std::vector<DecodedProfile> kProfiles = [] {
    std::vector<DecodedProfile> profiles;
    for (const EmbeddedFile& file : EmbeddedProfiles()) profiles.push_back(DecodeProfile(file));
    return profiles;
  }();
  return kProfiles;
}

void TakeIfEmpty(std::string& own, const std::string& profile) {
  if (own.empty()) own = profile;
}

void TakeIfEmpty(Field<std::string>& own, const Field<std::string>& profile) {
  if (own.value.empty()) own = {profile.value, {}};
}

template <class T>
void TakeIfEmpty(std::vector<T>& own, const std::vector<T>& profile) {
  if (own.empty()) own = profile;
}

}  // namespace

const std::vector<Profile>& BuiltInProfiles() {
  static const std::vector<Profile> kProfiles = [] {
    std::vector<Profile> profiles;
    for (const DecodedProfile& decoded : DecodedProfiles()) profiles.push_back(decoded.profile);
    return profiles;
  }();
  return kProfiles;
}

Result<InventoryRule> ResolveProfile(InventoryRule rule) {
  TakeIfEmpty(rule.name, rule.profile);
  if (!rule.profile.empty()) {
    const DecodedProfile* found = nullptr;
    std::string names;
    for (const DecodedProfile& decoded : DecodedProfiles()) {
      if (decoded.profile.name == rule.profile) found = &decoded;
      names += fmt::format("{}{}", names.empty() ? "" : ", ", decoded.profile.name);
    }
    if (found == nullptr) {
      return NotFound(fmt::format("there is no profile '{}'; the built-in ones are {}", rule.profile, names));
    }
    const InventoryRule& profile = found->rule;
    TakeIfEmpty(rule.include, profile.include);
    TakeIfEmpty(rule.exclude, profile.exclude);
    TakeIfEmpty(rule.files, profile.files);
    // What the profile's needle says need not hold for another kind.
    if (rule.select_kind.empty() && rule.select_api_version.empty()) TakeIfEmpty(rule.needle, profile.needle);
    TakeIfEmpty(rule.select_api_version, profile.select_api_version);
    TakeIfEmpty(rule.select_kind, profile.select_kind);
    rule.where.insert(profile.where.begin(), profile.where.end());
    rule.require_ref = rule.require_ref || profile.require_ref;
    TakeIfEmpty(rule.cluster, profile.cluster);
    TakeIfEmpty(rule.cluster_namespace, profile.cluster_namespace);
    TakeIfEmpty(rule.provider, profile.provider);
    TakeIfEmpty(rule.labels_from, profile.labels_from);
    rule.labels.insert(profile.labels.begin(), profile.labels.end());
    TakeIfEmpty(rule.time_zone, profile.time_zone);
    TakeIfEmpty(rule.refs, profile.refs);
    if (!rule.max_skip.major && !rule.max_skip.minor) rule.max_skip = profile.max_skip;
    rule.marker = rule.marker || profile.marker;
  }
  int joins = 0;
  if (auto compiled = CompileRule(rule, joins); !compiled) return std::unexpected(compiled.error());
  return rule;
}

}  // namespace lockkeeper
