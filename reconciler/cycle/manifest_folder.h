#pragma once

#include <string>

#include "schemas/error.h"
#include "schemas/kinds/fleet_settings.h"

namespace lockkeeper {

/// Where a new manifest of this name goes: `FOLDER/NAME.yaml` below the first folder in spec.manifests, which
/// ends in '/'. kInvalid where there are only globs and files in it, or the Fleet would not read the file.
Result<std::string> NewManifestPath(const FleetSettings& settings, std::string_view folder,
                                    std::string_view name);

}  // namespace lockkeeper
