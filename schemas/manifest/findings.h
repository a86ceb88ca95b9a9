#pragma once

#include <string>
#include <string_view>

#include "schemas/diagnostic.h"

namespace lockkeeper {

/// SPEC 6: `{"findings":[{"file","line","column","severity","code","message"}]}`, in the order given, with a
/// final line end. Bytes that are no UTF-8 (of a file's name, say) are replaced.
std::string FindingsJson(const Diagnostics& findings);

/// SARIF 2.1.0, as code-review tools read it: one rule for each code, paths relative to the repository's
/// root.
std::string FindingsSarif(const Diagnostics& findings, std::string_view tool_version);

}  // namespace lockkeeper
