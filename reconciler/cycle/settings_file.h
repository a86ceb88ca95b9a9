#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gitops/repository/repository.h"
#include "schemas/diagnostic.h"
#include "schemas/kinds/fleet_settings.h"

namespace lockkeeper {

/// What lockkeeper.yaml says, or why there are no settings.
struct SettingsFile {
  std::optional<FleetSettings> settings;
  /// Those that decoding the file does not give by itself: no Fleet (`no-fleet`), more than one
  /// (`several-fleets`).
  Diagnostics findings;
};

/// Settings only where exactly one Fleet stands in the file, and it is a good one. Errors are the
/// repository's.
Result<SettingsFile> ReadSettingsFile(Repository& repository, const std::string& commit);

/// Whether both find the same clusters: only the places where the rules are written may differ.
bool SameRules(const std::vector<InventoryRule>& a, const std::vector<InventoryRule>& b);

}  // namespace lockkeeper
