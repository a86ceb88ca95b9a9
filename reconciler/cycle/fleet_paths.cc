#include "reconciler/cycle/fleet_paths.h"

#include <algorithm>
#include <utility>

#include "reconciler/core/status/status_file.h"
#include "schemas/assert.h"

namespace lockkeeper {
namespace {

std::vector<Glob> Compile(const std::vector<std::string>& patterns) {
  std::vector<Glob> globs;
  globs.reserve(patterns.size());
  for (const std::string& pattern : patterns) {
    auto glob = Glob::Compile(pattern);
    LK_ASSERT(glob.has_value());  // The decoder of the Fleet refuses others.
    globs.push_back(std::move(*glob));
  }
  return globs;
}

bool MatchesAny(const std::vector<Glob>& globs, std::string_view path) {
  return std::ranges::any_of(globs, [&](const Glob& glob) { return glob.Matches(path); });
}

bool MayHoldManifests(const TreeFile& file) {
  std::string_view path = file.path;
  if (path.ends_with(".yaml") || path.ends_with(".yml") || path.ends_with(".json")) return true;
  // A link without an extension, or a submodule, may be a folder of manifests.
  return !file.regular && path.substr(path.rfind('/') + 1).find('.') == std::string_view::npos;
}

}  // namespace

FleetPaths::FleetPaths(const std::optional<FleetSettings>& settings) : has_status_(settings.has_value()) {
  const FleetSettings defaults;
  const FleetSettings& known = settings ? *settings : defaults;
  manifests_ = known.manifests;
  releases_ = known.releases;
  manifest_globs_ = Compile(manifests_);
  release_globs_ = Compile(releases_);
  status_path_ = known.status.path;
}

std::optional<std::string_view> FleetPaths::StatusName(std::string_view path) const {
  if (!has_status_ || !IsStatus(path)) return std::nullopt;
  return path.substr(status_path_.size());
}

std::string FleetPaths::StatusPathOf(const ObjectName& upgrade) const {
  return status_path_ + StatusFilePath(upgrade);
}

FileRole FleetPaths::RoleOf(const TreeFile& file) const {
  if (file.path == kSettingsFile) return FileRole::kManifests;
  if (!MayHoldManifests(file) || IsStatus(file.path)) return FileRole::kNone;
  if (MatchesAny(manifest_globs_, file.path)) return FileRole::kManifests;
  return MatchesAny(release_globs_, file.path) ? FileRole::kReleases : FileRole::kNone;
}

bool FleetPaths::SameStatus(const FleetPaths& other) const {
  return status_path_ == other.status_path_ && has_status_ == other.has_status_;
}

bool FleetPaths::SameManifests(const FleetPaths& other) const {
  return manifests_ == other.manifests_ && releases_ == other.releases_ && status_path_ == other.status_path_;
}

}  // namespace lockkeeper
