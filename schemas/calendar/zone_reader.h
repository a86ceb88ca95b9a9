#pragma once

#include <string_view>

#include "schemas/calendar/content_line.h"
#include "schemas/calendar/finding_list.h"
#include "schemas/kinds/calendar.h"

namespace lockkeeper {

/// Turns the property lines of a VTIMEZONE, and of the STANDARD and DAYLIGHT in it, into a CalendarZone.
class ZoneReader {
 public:
  ZoneReader(CalendarFile& file, FindingList& findings) : file_(file), findings_(findings) {}

  void Begin(size_t calendar, Mark mark);
  void BeginObservance(Mark mark);
  void Take(const ContentLine& line);
  void EndObservance();
  void End();

 private:
  void Refuse(Mark mark, std::string_view property, std::string_view message);
  void TakeObservanceProperty(const ContentLine& line);
  void TakeOnset(const ContentLine& line, std::string_view text, CivilTime& target);
  void TakeOffset(const ContentLine& line, Seconds& target);

  CalendarFile& file_;
  FindingList& findings_;
  CalendarZone zone_;
  CalendarObservance observance_;
  bool in_observance_ = false;
  int needed_ = 0;     ///< which of the three properties that an observance needs have been there, as bits
  size_t listed_ = 0;  ///< of the whole file, as the next
  size_t rules_ = 0;
};

}  // namespace lockkeeper
