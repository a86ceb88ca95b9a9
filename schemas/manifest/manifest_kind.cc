#include "schemas/manifest/manifest_kind.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "schemas/manifest/decode.h"
#include "schemas/manifest/schema_files.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {
namespace {

constexpr std::string_view kOwnGroup = "lockkeeper.dev";
constexpr std::string_view kOwnVersion = "lockkeeper.dev/v1alpha1";
constexpr std::string_view kGiantSwarmGroup = "release.giantswarm.io";

struct KnownKind {
  std::string_view name;
  ManifestKind kind;
};
constexpr std::array<KnownKind, 9> kKinds{{{"Fleet", ManifestKind::kFleet},
                                           {"ClusterUpgrade", ManifestKind::kClusterUpgrade},
                                           {"MaintenanceSchedule", ManifestKind::kMaintenanceSchedule},
                                           {"Release", ManifestKind::kRelease},
                                           {"UpgradePlan", ManifestKind::kUpgradePlan},
                                           {"UpgradePolicy", ManifestKind::kUpgradePolicy},
                                           {"ClusterLock", ManifestKind::kClusterLock},
                                           {"UpgradeApproval", ManifestKind::kUpgradeApproval},
                                           {"MaintenanceTask", ManifestKind::kMaintenanceTask}}};
// Planned: it has a meaning that must not be dropped without a word.
constexpr std::array<std::string_view, 1> kLaterKinds{"NodeMaintenance"};

std::vector<std::string> AvailableKindNames() {
  std::vector<std::string> names;
  names.reserve(kKinds.size());
  for (const KnownKind& known : kKinds) names.emplace_back(known.name);
  return names;
}

std::vector<std::string> AllKindNames() {
  std::vector<std::string> names = AvailableKindNames();
  names.insert(names.end(), kLaterKinds.begin(), kLaterKinds.end());
  return names;
}

std::string AvailableKinds() { return Listed(AvailableKindNames()); }

/// Of a document with our apiVersion, or none.
ManifestKind ClassifyKind(const Place& document, Collector& findings) {
  Place kind = document["kind"];
  if (!kind.has_text()) {
    findings.ErrorAt(kind.exists() ? kind.key_mark() : document.mark(), kind.path(), "missing-field",
                     fmt::format("is missing; the kinds are {}", AvailableKinds()));
    return ManifestKind::kRefused;
  }
  const std::string& name = kind.node().value;
  auto known = std::ranges::find(kKinds, name, &KnownKind::name);
  if (known != kKinds.end()) return known->kind;
  if (std::ranges::find(kLaterKinds, name) != kLaterKinds.end()) {
    findings.Error(
        kind, "unsupported-kind",
        fmt::format("{} is not available in this version; remove the object, or update lockkeeper. The "
                    "kinds are {}",
                    name, AvailableKinds()));
  } else {
    findings.Error(kind, "unknown-kind",
                   fmt::format("unknown kind {}{}", Quoted(name), DidYouMean(name, AllKindNames())));
  }
  return ManifestKind::kRefused;
}

/// RFC 0015's examples have an empty apiVersion; an object of any other kind without one is a mistake.
ManifestKind ClassifyWithoutVersion(const Place& document, const Place& api_version, Collector& findings) {
  Place kind = document["kind"];
  if (!kind.has_text() || !IsOwnKind(kind.node().value)) return ManifestKind::kForeign;
  ManifestKind classified = ClassifyKind(document, findings);
  Mark mark = api_version.exists() ? api_version.key_mark() : document.mark();
  if (classified == ManifestKind::kClusterUpgrade || classified == ManifestKind::kMaintenanceSchedule) {
    findings.WarningAtKey(
        api_version.exists() ? api_version : document, "empty-api-version",
        fmt::format("{}is empty; write {}", api_version.exists() ? "" : "apiVersion: ", kOwnVersion));
    return classified;
  }
  findings.ErrorAt(mark, api_version.path(), "missing-field", fmt::format("is empty; write {}", kOwnVersion));
  return ManifestKind::kRefused;
}

}  // namespace

ManifestKind ClassifyDocument(const Place& document, Collector& findings) {
  if (!document.is_mapping()) return ManifestKind::kForeign;
  Place api_version = document["apiVersion"];
  bool is_scalar = api_version.exists() && api_version.node().is_scalar();
  bool is_empty = is_scalar && (api_version.node().is_null() || api_version.node().value.empty());
  if (!api_version.exists() || is_empty) return ClassifyWithoutVersion(document, api_version, findings);
  if (!is_scalar) return ManifestKind::kForeign;

  std::string_view written = api_version.node().value;
  if (written == kOwnVersion) return ClassifyKind(document, findings);
  std::string_view group = written.substr(0, written.find('/'));
  Place kind = document["kind"];
  if (group == kGiantSwarmGroup && kind.has_text() && kind.node().value == "Release") {
    return ManifestKind::kGiantSwarmRelease;
  }
  if (group == kOwnGroup) {
    findings.Error(
        api_version, "unknown-api-version",
        fmt::format("{} is not available in this version; write {}", Quoted(written), kOwnVersion));
    return ManifestKind::kRefused;
  }
  // A group of a letter more or less than ours is a slip, and its object would be missing without a word.
  if (kind.has_text() && IsOwnKind(kind.node().value) &&
      !ClosestWord(group, {std::string{kOwnGroup}}).empty()) {
    findings.Error(api_version, "unknown-api-version",
                   fmt::format("unknown group in {}; did you mean '{}'?", Quoted(written), kOwnVersion));
    return ManifestKind::kRefused;
  }
  return ManifestKind::kForeign;
}

bool IsOwnKind(std::string_view kind) {
  return std::ranges::find(kKinds, kind, &KnownKind::name) != kKinds.end() ||
         std::ranges::find(kLaterKinds, kind) != kLaterKinds.end();
}

std::string_view SchemaOf(ManifestKind kind) {
  if (kind == ManifestKind::kGiantSwarmRelease) return kGiantSwarmRelease;
  auto known = std::ranges::find(kKinds, kind, &KnownKind::kind);
  return known == kKinds.end() ? std::string_view{} : known->name;
}

}  // namespace lockkeeper
