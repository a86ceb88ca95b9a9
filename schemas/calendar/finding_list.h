#pragma once

#include <string>
#include <string_view>

#include "schemas/diagnostic.h"

namespace lockkeeper {

/// The findings of one iCalendar file. Past kCalendarFindingsMax the rest is left out, since a wrong kind of
/// file would have one in every line.
class FindingList {
 public:
  FindingList(std::string_view path, Diagnostics& findings) : path_(path), findings_(findings) {}
  void Error(Mark mark, std::string_view code, std::string_view message) {
    Add(Severity::kError, mark, code, message);
  }
  void Warning(Mark mark, std::string_view code, std::string_view message) {
    Add(Severity::kWarning, mark, code, message);
  }

 private:
  void Add(Severity severity, Mark mark, std::string_view code, std::string_view message);

  std::string path_;
  Diagnostics& findings_;
};

/// ASCII only, as names in RFC 5545 are.
std::string UpperCase(std::string text);

}  // namespace lockkeeper
