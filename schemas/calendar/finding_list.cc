#include "schemas/calendar/finding_list.h"

#include <algorithm>

#include "schemas/calendar/decode_calendar.h"

namespace lockkeeper {

void FindingList::Add(Severity severity, Mark mark, std::string_view code, std::string_view message) {
  const auto of_severity = std::ranges::count(findings_, severity, &Diagnostic::severity);
  if (static_cast<size_t>(of_severity) >= kCalendarFindingsMax) return;
  findings_.push_back({path_, mark, severity, std::string(code), std::string(message)});
}

std::string UpperCase(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

}  // namespace lockkeeper
