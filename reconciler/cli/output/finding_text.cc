#include "reconciler/cli/output/finding_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "reconciler/cli/output/display_width.h"

namespace lockkeeper {

std::string FindingLine(const Diagnostic& finding, const Style& style) {
  const bool is_error = finding.severity == Severity::kError;
  // A file that is not there has no lines.
  const std::string place =
      finding.mark.line == 0
          ? finding.file + ": "
          : fmt::format("{}:{}:{}: ", finding.file, finding.mark.line, finding.mark.column);
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
