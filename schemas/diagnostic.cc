#include "schemas/diagnostic.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace lockkeeper {

std::string FormatDiagnostic(const Diagnostic& d) {
  const char* severity = d.severity == Severity::kError ? "error" : "warning";
  // A file that is not there has no lines.
  const std::string place =
      d.mark.line == 0 ? d.file : fmt::format("{}:{}:{}", d.file, d.mark.line, d.mark.column);
  return fmt::format("{}: {}[{}]: {}", place, severity, d.code, d.message);
}

void SortDiagnostics(Diagnostics& diagnostics) {
  auto key = [](const Diagnostic& d) { return std::tie(d.file, d.mark, d.severity, d.code, d.message); };
  std::ranges::sort(diagnostics, [&](const auto& a, const auto& b) { return key(a) < key(b); });
  auto repeated = std::ranges::unique(diagnostics);
  diagnostics.erase(repeated.begin(), repeated.end());
}

}  // namespace lockkeeper
