#include "schemas/openapi.h"

#include <span>

#include "schemas/embedded_file.h"

namespace lockkeeper {

// Generated at build time.
std::span<const EmbeddedFile> EmbeddedOpenApi();

std::string_view OpenApiText() { return EmbeddedOpenApi().front().text; }

}  // namespace lockkeeper
