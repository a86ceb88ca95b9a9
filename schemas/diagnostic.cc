#include "schemas/diagnostic.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace lockkeeper {

std::string FormatDiagnostic(const Diagnostic& d) {
  const char* severity = d.severity == Severity::kError ? "error" : "warning";
  // What is said of a file as a whole stands at its beginning: editors and CI look for a line and a column.
  return fmt::format("{}:{}:{}: {}[{}]: {}", d.file, std::max(d.mark.line, 1), std::max(d.mark.column, 1),
                     severity, d.code, d.message);
}

void SortDiagnostics(Diagnostics& diagnostics) {
  auto key = [](const Diagnostic& d) { return std::tie(d.file, d.mark, d.severity, d.code, d.message); };
  std::ranges::sort(diagnostics, [&](const auto& a, const auto& b) { return key(a) < key(b); });
  auto repeated = std::ranges::unique(diagnostics);
  diagnostics.erase(repeated.begin(), repeated.end());
}

}  // namespace lockkeeper
