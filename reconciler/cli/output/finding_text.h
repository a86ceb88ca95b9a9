#pragma once

#include <string>

#include "reconciler/cli/output/style.h"
#include "schemas/diagnostic.h"

namespace lockkeeper {

/// `file:line:column: error[code]: message`, fit for a terminal, without line end.
std::string FindingLine(const Diagnostic& finding, const Style& style);

/// `2 errors, 1 warning`.
std::string CountText(const Diagnostics& findings);
size_t ErrorCount(const Diagnostics& findings);

}  // namespace lockkeeper
