#pragma once

#include <string_view>

namespace lockkeeper {

/// Whether a text is one JSON object or array (then an edit must leave it one). Bounded for any bytes.
bool IsJsonDocument(std::string_view text);

/// Whether a text is a JSON number, `true`, `false` or `null`, with nothing around it.
bool IsJsonLiteral(std::string_view text);

}  // namespace lockkeeper
