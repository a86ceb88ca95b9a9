#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "schemas/diagnostic.h"
#include "schemas/instant.h"

namespace lockkeeper {

/// How an iCalendar file writes a time (RFC 5545 3.3.4, 3.3.5).
enum class CalendarTimeForm : uint8_t {
  kDate,      ///< a civil day, in whatever zone the reader is
  kFloating,  ///< wall-clock time, likewise
  kUtc,
  kZoned,  ///< wall-clock time in the zone that TZID names
};

struct CalendarTime {
  CivilTime wall;  ///< of a date its midnight
  CalendarTimeForm form = CalendarTimeForm::kFloating;
  std::string zone;  ///< TZID of kZoned
  Mark mark;
  bool is_date() const { return form == CalendarTimeForm::kDate; }
};

/// One entry of RDATE. Without an end it is as long as its event.
struct CalendarPeriod {
  CalendarTime start;
  std::variant<std::monostate, CalendarTime, Seconds> end;  ///< or how long it lasts
};

/// A VEVENT: the properties that say when it takes place.
struct CalendarEvent {
  size_t calendar = 0;  ///< which VCALENDAR of the file: a TZID means what is defined there
  std::string uid;      ///< empty: it has none
  std::string summary;  ///< one printable line
  CalendarTime start;
  std::optional<CalendarTime> end;
  std::optional<Field<Seconds>> duration;
  std::vector<Field<std::string>> rules;  ///< the text of each RRULE
  std::vector<CalendarTime> exdates;
  std::vector<CalendarPeriod> rdates;
  std::optional<CalendarTime> recurrence_id;  ///< it stands for that one occurrence of the event of its UID
  int sequence = 0;
  bool is_cancelled = false;
  Mark mark;
};

/// STANDARD or DAYLIGHT of a VTIMEZONE: from each of its onsets on the clock shows `offset_to`.
struct CalendarObservance {
  CivilTime start;  ///< the first onset, as the clock showed it before
  Seconds offset_from{0};
  Seconds offset_to{0};
  std::string name;
  std::vector<Field<std::string>> rules;
  std::vector<CivilTime> rdates;
  Mark mark;
};

struct CalendarZone {
  size_t calendar = 0;
  std::string id;        ///< TZID
  std::string location;  ///< X-LIC-LOCATION: the IANA name, where the writer knew it
  std::vector<CalendarObservance> observances;
  Mark mark;
};

/// What an iCalendar file says about times. With an error among its findings it cannot be relied on, and
/// whoever needs it is closed.
struct CalendarFile {
  std::vector<CalendarEvent> events;
  std::vector<CalendarZone> zones;
  /// Why there is no text to read: no such file, a link. Said where the file is named.
  std::string problem;
  Diagnostics findings;
};

/// By path from the repository's root.
using CalendarFiles = std::map<std::string, CalendarFile, std::less<>>;

}  // namespace lockkeeper
