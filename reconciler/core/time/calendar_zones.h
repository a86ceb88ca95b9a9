#pragma once

#include <map>
#include <string>
#include <utility>

#include "reconciler/core/time/zone.h"
#include "schemas/error.h"
#include "schemas/kinds/calendar.h"

namespace lockkeeper {

/// What the TZIDs of an iCalendar file mean. In this order: an IANA name with a '/' in it, alone or at the
/// end of an id such as `/vendor/Europe/Berlin`; the X-LIC-LOCATION of the file's VTIMEZONE of that id; the
/// rules of this VTIMEZONE; any other IANA name. Each is found once and kept. The file must outlive this.
class CalendarZones {
 public:
  explicit CalendarZones(const CalendarFile& file);

  /// kInvalid says what is wrong with the id, and what to do; also past kZonesMax different ones.
  const Result<Zone>& Find(size_t calendar, const std::string& id);

  static constexpr size_t kZonesMax = 64;

 private:
  const CalendarFile& file_;
  std::map<std::pair<size_t, std::string>, Result<Zone>> known_;
  Result<Zone> too_many_;
};

/// The zone that a VTIMEZONE's own rules make. kInvalid: a rule that is refused, more than kOnsetsMax onsets,
/// or clocks that no zone has.
Result<Zone> ZoneOfRules(const CalendarZone& zone);

inline constexpr size_t kOnsetsMax = 40'000;  ///< two a year are 17,000 from 1601 on

}  // namespace lockkeeper
