#pragma once

#include <set>
#include <string>
#include <string_view>

#include "schemas/calendar/content_line.h"
#include "schemas/calendar/finding_list.h"
#include "schemas/kinds/calendar.h"

namespace lockkeeper {

/// Turns the property lines of a VEVENT into a CalendarEvent. One that lacks what it needs is an error and is
/// left out.
class EventReader {
 public:
  EventReader(CalendarFile& file, FindingList& findings) : file_(file), findings_(findings) {}

  void Begin(size_t calendar, Mark mark);
  void Take(const ContentLine& line);
  void End();

 private:
  void Refuse(Mark mark, std::string_view property, std::string_view message);
  void TakeDateTime(const ContentLine& line, CalendarTime& target);
  void TakeExDates(const ContentLine& line);
  void TakeRDates(const ContentLine& line);
  void TakePeriod(const ContentLine& line, std::string_view text);
  std::optional<CalendarTime> TimeOf(const ContentLine& line, std::string_view text, std::string_view wanted);
  bool CountListed(const ContentLine& line);
  void TakeRule(const ContentLine& line);
  void CheckEnd();

  CalendarFile& file_;
  FindingList& findings_;
  CalendarEvent event_;
  std::set<std::string> seen_;
  bool failed_ = false;
  size_t listed_ = 0;  ///< of the whole file, as the next
  size_t rules_ = 0;
};

/// What messages call it: `VEVENT 'Christmas'`.
std::string EventTitle(const CalendarEvent& event);

}  // namespace lockkeeper
