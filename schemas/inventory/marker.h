#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schemas/diagnostic.h"
#include "schemas/kinds/fleet_settings.h"
#include "schemas/yaml/field_path.h"
#include "schemas/yaml/node.h"

namespace lockkeeper {

/// A trailing comment `# {"$lockkeeper": "cluster-name"}` and the scalar before it on its line. The JSON may
/// also have `format` and `role`, as a ref of a rule has.
struct Marker {
  std::string cluster;
  std::string format;
  RefRole role = RefRole::kRelease;
  int document = 0;
  FieldPath path;  ///< of the scalar
};

/// The markers of a file, also inside literal blocks that hold YAML. At most 1,000. A marker that is
/// no JSON of this form, or has no value before it, gives a diagnostic.
std::vector<Marker> FindMarkers(std::string_view file, std::string_view text, const YamlStream& stream,
                                Diagnostics& diagnostics);

}  // namespace lockkeeper
