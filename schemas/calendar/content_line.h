#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schemas/diagnostic.h"

namespace lockkeeper {

/// One property of an iCalendar file, RFC 5545 3.1: `NAME;PARAMETER=VALUE:VALUE`.
struct ContentLine {
  std::string name;  ///< upper case, as are the parameters' names; a parameter's value without its quotes
  std::vector<std::pair<std::string, std::string>> parameters;
  std::string value;    ///< as written
  Mark mark;            ///< where the line begins
  std::string problem;  ///< not empty: it is no such line, and this is why

  /// Empty where there is no such parameter.
  std::string_view Parameter(std::string_view wanted) const;
};

/// Takes a text apart into its lines. Folded ones are put together again, byte by byte, since a fold may lie
/// within a character. Lines may end in LF alone; empty ones are passed over. Linear in the text.
class ContentLines {
 public:
  explicit ContentLines(std::string_view text);
  /// Nullopt: the text has ended.
  std::optional<ContentLine> Next();

 private:
  bool Unfold(std::string& out);

  std::string_view rest_;
  int line_ = 1;
  int begin_ = 1;
};

/// A TEXT value (RFC 5545 3.3.11) as one printable line: escapes undone, line ends and control characters
/// turned into blanks, no more than `bytes_max` bytes.
std::string ReadCalendarText(std::string_view value, size_t bytes_max);

}  // namespace lockkeeper
