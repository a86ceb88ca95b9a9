#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "schemas/instant.h"
#include "schemas/kinds/match.h"
#include "schemas/kinds/object.h"

namespace lockkeeper {

/// What a change is, as far as exclusions and locks care. A set, because a release may be a patch and a
/// security fix at once.
enum class ChangeScope : uint8_t { kMajor = 1, kMinor = 2, kPatch = 4, kSecurity = 8, kNodes = 16 };
using ChangeScopes = uint8_t;
inline constexpr ChangeScopes kEveryScope = 0xff;

/// `exdates`: a date takes away all of that day's starts, a time the one start at it.
using ExDate = std::variant<std::chrono::local_days, WrittenTime>;

/// One item of `maintenanceWindows` or `maintenanceExclusions`. Exactly one of `end` and `duration` is set.
struct WindowItem {
  std::string name;
  Field<WrittenTime> start;
  std::optional<Field<WrittenTime>> end;
  std::optional<Field<Seconds>> duration;
  Field<std::string> recurrence;  ///< the RRULE's text; empty: once
  std::vector<Field<ExDate>> exdates;
  Field<std::string> time_zone;      ///< empty: the schedule's
  ChangeScopes scope = kEveryScope;  ///< of an exclusion: what it blocks
  Mark mark;
};

struct CalendarReference {
  std::string name;
  Field<std::string> path;
  bool allows = false;  ///< effect: Allow makes windows of its events, Deny exclusions
};

/// SPEC 2.3.
struct MaintenanceSchedule {
  ObjectName name;
  Origin origin;
  Field<std::string> time_zone{"UTC", {}};
  ClusterMatch match;
  bool is_default = false;
  std::vector<WindowItem> windows;
  std::vector<WindowItem> exclusions;
  std::vector<CalendarReference> calendars;
  std::optional<Seconds> runway;
  Seconds spread{0};
};

}  // namespace lockkeeper
