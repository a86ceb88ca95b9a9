#pragma once

#include <string_view>

namespace lockkeeper {

/// schemas/openapi.json: what the daemon answers over HTTP, as OpenAPI 3.1.
std::string_view OpenApiText();

}  // namespace lockkeeper
