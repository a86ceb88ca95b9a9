#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/inventory/glob.h"
#include "schemas/inventory/inventory.h"
#include "schemas/kinds/fleet_settings.h"

namespace lockkeeper {

/// SPEC 2.2: where the Fleet stands.
inline constexpr std::string_view kSettingsFile = "lockkeeper.yaml";

/// What is taken from a file. A manifest file gives objects of every kind, a releases file only Releases.
enum class FileRole : uint8_t { kNone, kReleases, kManifests };

/// What the files of a repository are for, told by their paths alone. Where there are no settings the default
/// folder for manifests is still read, for the sake of its findings, and no status file.
class FleetPaths {
 public:
  explicit FleetPaths(const std::optional<FleetSettings>& settings);

  /// Below the status path: neither manifest nor cluster, whatever the globs say.
  bool IsStatus(std::string_view path) const { return path.starts_with(status_path_); }
  /// Of a file below the status path what comes behind that; nullopt where no status is read.
  std::optional<std::string_view> StatusName(std::string_view path) const;
  /// Ends in '/'; of use only where StatusName gives anything.
  const std::string& StatusFolder() const { return status_path_; }
  std::string StatusPathOf(const ObjectName& upgrade) const;
  /// kSettingsFile is a manifest file always. Of symlinks and submodules those have a role behind which
  /// manifests may be.
  FileRole RoleOf(const TreeFile& file) const;

  bool SameStatus(const FleetPaths& other) const;
  bool SameManifests(const FleetPaths& other) const;

 private:
  std::vector<std::string> manifests_;
  std::vector<std::string> releases_;
  std::vector<Glob> manifest_globs_;
  std::vector<Glob> release_globs_;
  std::string status_path_;
  bool has_status_ = false;
};

}  // namespace lockkeeper
