#include "reconciler/cycle/manifest_folder.h"

#include <fmt/format.h>

#include <algorithm>

#include "reconciler/cycle/fleet_paths.h"

namespace lockkeeper {
namespace {

bool IsFolder(std::string_view entry) {
  const bool is_file = entry.ends_with(".yaml") || entry.ends_with(".yml") || entry.ends_with(".json");
  return !is_file && entry.find_first_of("*?[{\\") == std::string_view::npos;
}

}  // namespace

Result<std::string> NewManifestPath(const FleetSettings& settings, std::string_view folder,
                                    std::string_view name) {
  auto first = std::ranges::find_if(settings.manifests, IsFolder);
  if (first == settings.manifests.end()) {
    return Invalid(fmt::format(
        "{}: spec.manifests names no folder that a new manifest could go to, only globs and files; add one, "
        "such as upgrades/",
        kSettingsFile));
  }
  const std::string path =
      fmt::format("{}{}{}/{}.yaml", *first, first->ends_with('/') ? "" : "/", folder, name);
  if (FleetPaths{settings}.RoleOf({.path = path, .blob = {}, .regular = true}) == FileRole::kManifests)
    return path;
  return Invalid(
      fmt::format("{}: a manifest here would not be read: the status path {} of {} lies above it; move that",
                  path, settings.status.path, kSettingsFile));
}

}  // namespace lockkeeper
