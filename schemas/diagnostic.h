#pragma once

#include <compare>
#include <string>
#include <vector>

namespace lockkeeper {

/// A place in a text: line and column count from 1, the column in bytes. 0 means unknown.
struct Mark {
  int line = 0;
  int column = 0;
  auto operator<=>(const Mark&) const = default;
};

/// A value and the place where a person wrote it; default-constructed (mark 0:0) where nobody did.
template <class T>
struct Field {
  T value{};
  Mark mark;
  bool operator==(const Field&) const = default;
};

enum class Severity { kError, kWarning };

/// One finding about the repository. `code` is a stable kebab-case word for programs, `message` is for
/// people.
struct Diagnostic {
  std::string file;
  Mark mark;
  Severity severity = Severity::kError;
  std::string code;
  std::string message;
  bool operator==(const Diagnostic&) const = default;
};

using Diagnostics = std::vector<Diagnostic>;

/// `file:line:column: error[code]: message`, as SPEC 6 prints it.
std::string FormatDiagnostic(const Diagnostic& diagnostic);

/// Orders by file, place, severity, code and message, and drops repetitions.
void SortDiagnostics(Diagnostics& diagnostics);

}  // namespace lockkeeper
