#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schemas/instant.h"

namespace lockkeeper {

/// One VEVENT to write. Texts may have several lines.
struct CalendarEntry {
  /// Names the event for ever, whoever writes it and when: an importer that finds it again changes what it
  /// has. The same for two events is a mistake.
  std::string uid;
  Instant start;
  Instant end;  ///< equal to `start`: it is a moment
  std::string summary;
  std::string description;
  std::string location;
  std::string category;
};

/// An iCalendar file as RFC 5545 has it: lines end in CRLF and are folded at 75 bytes between characters,
/// texts are escaped, times are in UTC. Sorted by start and UID; with equal arguments equal bytes. `stamp` is
/// when this was known (DTSTAMP). Instants must be writable (IsWritable), and no entry ends before it starts.
std::string FormatCalendar(std::string_view name, std::vector<CalendarEntry> entries, Instant stamp);

}  // namespace lockkeeper
