#include "schemas/calendar/zone_reader.h"

#include <fmt/format.h>

#include <utility>

#include "schemas/calendar/calendar_value.h"
#include "schemas/calendar/decode_calendar.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {
namespace {

constexpr int kStartSeen = 1;
constexpr int kFromSeen = 2;
constexpr int kToSeen = 4;
constexpr size_t kZoneNameBytesMax = 100;

}  // namespace

void ZoneReader::Begin(size_t calendar, Mark mark) {
  zone_ = {};
  zone_.calendar = calendar;
  zone_.mark = mark;
}

void ZoneReader::BeginObservance(Mark mark) {
  observance_ = {};
  observance_.mark = mark;
  in_observance_ = true;
  needed_ = 0;
}

void ZoneReader::Refuse(Mark mark, std::string_view property, std::string_view message) {
  findings_.Error(mark, "bad-calendar",
                  fmt::format("VTIMEZONE {}: {}: {}", Quoted(zone_.id), property, message));
}

void ZoneReader::Take(const ContentLine& line) {
  if (in_observance_) return TakeObservanceProperty(line);
  if (line.name == "TZID") zone_.id = line.value;
  if (line.name == "X-LIC-LOCATION") zone_.location = ReadCalendarText(line.value, kZoneNameBytesMax);
}

void ZoneReader::TakeObservanceProperty(const ContentLine& line) {
  if (line.name == "DTSTART") {
    TakeOnset(line, line.value, observance_.start);
    needed_ |= kStartSeen;
  } else if (line.name == "TZOFFSETFROM") {
    TakeOffset(line, observance_.offset_from);
    needed_ |= kFromSeen;
  } else if (line.name == "TZOFFSETTO") {
    TakeOffset(line, observance_.offset_to);
    needed_ |= kToSeen;
  } else if (line.name == "TZNAME") {
    observance_.name = ReadCalendarText(line.value, kZoneNameBytesMax);
  } else if (line.name == "RRULE") {
    if (rules_ == kCalendarRulesMax) return Refuse(line.mark, "RRULE", "there are too many in the file");
    ++rules_;
    observance_.rules.push_back({line.value, line.mark});
  } else if (line.name == "RDATE") {
    std::string_view list = line.value;
    while (true) {
      if (listed_ == kCalendarListedMax) return Refuse(line.mark, "RDATE", "there are too many in the file");
      ++listed_;
      const size_t comma = list.find(',');
      TakeOnset(line, list.substr(0, comma), observance_.rdates.emplace_back());
      if (comma == std::string_view::npos) return;
      list.remove_prefix(comma + 1);
    }
  }
}

void ZoneReader::TakeOnset(const ContentLine& line, std::string_view text, CivilTime& target) {
  auto time = ParseCalendarTime(text, "");
  if (!time) return Refuse(line.mark, line.name, time.error().message);
  if (time->form != CalendarTimeForm::kFloating)
    return Refuse(line.mark, line.name, "an onset is a time on the wall, such as 19701025T030000");
  target = time->wall;
}

void ZoneReader::TakeOffset(const ContentLine& line, Seconds& target) {
  auto offset = ParseUtcOffset(line.value);
  if (!offset) return Refuse(line.mark, line.name, offset.error().message);
  target = *offset;
}

void ZoneReader::EndObservance() {
  in_observance_ = false;
  if (needed_ != (kStartSeen | kFromSeen | kToSeen)) {
    return Refuse(observance_.mark, "STANDARD or DAYLIGHT",
                  "it needs DTSTART, TZOFFSETFROM and TZOFFSETTO, and one is missing");
  }
  zone_.observances.push_back(std::move(observance_));
}

void ZoneReader::End() {
  if (zone_.id.empty()) return Refuse(zone_.mark, "TZID", "it is missing, so nothing can refer to the zone");
  file_.zones.push_back(std::move(zone_));
}

}  // namespace lockkeeper
