#pragma once

#include <span>
#include <string_view>

#include "schemas/embedded_file.h"

namespace lockkeeper {

/// schemas/json/*.schema.json; generated at build time.
std::span<const EmbeddedFile> EmbeddedJsonSchemas();

/// `Fleet.schema.json` -> `Fleet`.
std::string_view KindOfSchemaFile(std::string_view name);

/// The schema by which Giant Swarm's own Release objects are read: it allows fields that we do not know.
inline constexpr std::string_view kGiantSwarmRelease = "GiantSwarmRelease";

}  // namespace lockkeeper
