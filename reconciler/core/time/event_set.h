#pragma once

#include <vector>

#include "schemas/calendar/finding_list.h"
#include "schemas/kinds/calendar.h"

namespace lockkeeper {

/// An event that takes place, and the occurrences of it that other events of the file stand for.
struct EventWithOverrides {
  const CalendarEvent* event = nullptr;
  std::vector<const CalendarEvent*> overrides;
};

/// What of a file takes place: of events with one UID and RECURRENCE-ID the one with the highest SEQUENCE;
/// cancelled ones are left out, and take their occurrence with them. Two with the same SEQUENCE are an error
/// `duplicate-event`. In the order of the file, whose events must outlive this.
std::vector<EventWithOverrides> EventsInForce(const CalendarFile& file, FindingList& findings);

}  // namespace lockkeeper
