#include "reconciler/cli/output/finding_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "reconciler/cli/output/display_width.h"

namespace lockkeeper {

std::string FindingLine(const Diagnostic& finding, const Style& style) {
  const bool is_error = finding.severity == Severity::kError;
  // What is said of a file as a whole stands at its beginning, as in FormatDiagnostic.
  const std::string place = fmt::format("{}:{}:{}: ", finding.file, std::max(finding.mark.line, 1),
                                        std::max(finding.mark.column, 1));
  const std::string kind = fmt::format("{}[{}]:", is_error ? "error" : "warning", finding.code);
  return fmt::format("{}{} {}", style(Paint::kBold, ForTerminal(place)),
                     style(is_error ? Paint::kRed : Paint::kYellow, ForTerminal(kind)),
                     ForTerminal(finding.message));
}

size_t ErrorCount(const Diagnostics& findings) {
  return static_cast<size_t>(std::ranges::count(findings, Severity::kError, &Diagnostic::severity));
}

std::string CountText(const Diagnostics& findings) {
  const size_t errors = ErrorCount(findings);
  const size_t warnings = findings.size() - errors;
  return fmt::format("{} error{}, {} warning{}", errors, errors == 1 ? "" : "s", warnings,
                     warnings == 1 ? "" : "s");
}

}  // namespace lockkeeper
