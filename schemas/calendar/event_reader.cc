#include "schemas/calendar/event_reader.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>

#include "schemas/calendar/calendar_value.h"
#include "schemas/calendar/decode_calendar.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {
namespace {

constexpr size_t kUidBytesMax = 1'000;

/// What may stand only once.
constexpr std::array<std::string_view, 9> kOnce{"UID",      "SUMMARY", "DTSTART",       "DTEND", "DURATION",
                                                "SEQUENCE", "STATUS",  "RECURRENCE-ID", "EXRULE"};

/// Calls `take` with each part between commas.
template <class Take>
void ForEachListed(std::string_view list, Take take) {
  while (true) {
    const size_t comma = list.find(',');
    take(list.substr(0, comma));
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace

std::string EventTitle(const CalendarEvent& event) {
  return event.summary.empty() ? "VEVENT" : "VEVENT " + Quoted(event.summary);
}

void EventReader::Begin(size_t calendar, Mark mark) {
  event_ = {};
  event_.calendar = calendar;
  event_.mark = mark;
  seen_.clear();
  failed_ = false;
}

void EventReader::Refuse(Mark mark, std::string_view property, std::string_view message) {
  failed_ = true;
  findings_.Error(mark, "bad-calendar", fmt::format("{}: {}: {}", EventTitle(event_), property, message));
}

void EventReader::Take(const ContentLine& line) {
  for (std::string_view name : kOnce) {
    if (line.name != name || seen_.insert(line.name).second) continue;
    return Refuse(line.mark, name, "it is there twice, and nobody knows which one is meant");
  }
  if (line.name == "UID") {
    event_.uid = line.value.substr(0, kUidBytesMax);
  } else if (line.name == "SUMMARY") {
    event_.summary = ReadCalendarText(line.value, kSummaryBytesMax);
  } else if (line.name == "DTSTART") {
    TakeDateTime(line, event_.start);
  } else if (line.name == "DTEND") {
    TakeDateTime(line, event_.end.emplace());
  } else if (line.name == "RECURRENCE-ID") {
    TakeDateTime(line, event_.recurrence_id.emplace());
    if (line.Parameter("RANGE").empty()) return;
    Refuse(line.mark, "RECURRENCE-ID",
           "RANGE=THISANDFUTURE is not supported; end the rule of the event with "
           "UNTIL, and write what follows as an event of its own");
  } else if (line.name == "DURATION") {
    if (auto length = ParseCalendarDuration(line.value)) {
      event_.duration = Field<Seconds>{*length, line.mark};
    } else {
      Refuse(line.mark, line.name, length.error().message);
    }
  } else if (line.name == "RRULE") {
    TakeRule(line);
  } else if (line.name == "EXRULE") {
    Refuse(line.mark, "EXRULE", "it is no part of iCalendar any more (RFC 5545); write EXDATEs");
  } else if (line.name == "EXDATE") {
    TakeExDates(line);
  } else if (line.name == "RDATE") {
    TakeRDates(line);
  } else if (line.name == "STATUS") {
    event_.is_cancelled = UpperCase(line.value) == "CANCELLED";
  } else if (line.name == "SEQUENCE") {
    const char* end = line.value.data() + line.value.size();
    auto [stop, error] = std::from_chars(line.value.data(), end, event_.sequence);
    if (error != std::errc{} || stop != end)
      Refuse(line.mark, "SEQUENCE", fmt::format("{} is no whole number", Quoted(line.value)));
  }
}

/// `wanted` is what VALUE may say besides DATE and DATE-TIME; the form itself says which of these it is.
std::optional<CalendarTime> EventReader::TimeOf(const ContentLine& line, std::string_view text,
                                                std::string_view wanted) {
  auto time = ParseCalendarTime(text, line.Parameter("TZID"));
  if (!time) {
    Refuse(line.mark, line.name, time.error().message);
    return std::nullopt;
  }
  const std::string value = UpperCase(std::string(line.Parameter("VALUE")));
  const bool fits = value.empty() || value == wanted || value == (time->is_date() ? "DATE" : "DATE-TIME");
  if (!fits) {
    Refuse(line.mark, line.name, fmt::format("{} is no {}, as VALUE says", Quoted(text), Quoted(value)));
    return std::nullopt;
  }
  time->mark = line.mark;
  return *time;
}

void EventReader::TakeDateTime(const ContentLine& line, CalendarTime& target) {
  if (auto time = TimeOf(line, line.value, "")) target = std::move(*time);
}

bool EventReader::CountListed(const ContentLine& line) {
  if (listed_ == kCalendarListedMax) {
    Refuse(line.mark, line.name,
           fmt::format("there are more than {} RDATEs and EXDATEs in the file", kCalendarListedMax));
    return false;
  }
  ++listed_;
  return true;
}

void EventReader::TakeRule(const ContentLine& line) {
  if (rules_ == kCalendarRulesMax)
    return Refuse(line.mark, "RRULE", fmt::format("there are more than {} in the file", kCalendarRulesMax));
  if (event_.rules.size() == kEventRulesMax)
    return Refuse(line.mark, "RRULE", fmt::format("there are more than {} of one event", kEventRulesMax));
  ++rules_;
  event_.rules.push_back({line.value, line.mark});
}

void EventReader::TakeExDates(const ContentLine& line) {
  ForEachListed(line.value, [&](std::string_view text) {
    if (!CountListed(line)) return;
    if (auto time = TimeOf(line, text, "")) event_.exdates.push_back(std::move(*time));
  });
}

void EventReader::TakeRDates(const ContentLine& line) {
  ForEachListed(line.value, [&](std::string_view text) {
    if (CountListed(line)) TakePeriod(line, text);
  });
}

void EventReader::TakePeriod(const ContentLine& line, std::string_view text) {
  const size_t slash = text.find('/');
  auto start = TimeOf(line, text.substr(0, slash), "PERIOD");
  if (!start) return;
  CalendarPeriod period{.start = std::move(*start), .end = {}};
  if (slash != std::string_view::npos) {
    const std::string_view end = text.substr(slash + 1);
    if (end.starts_with('P') || end.starts_with('+') || end.starts_with('-')) {
      auto length = ParseCalendarDuration(end);
      if (!length) return Refuse(line.mark, "RDATE", length.error().message);
      period.end = *length;
    } else {
      auto until = TimeOf(line, end, "PERIOD");
      if (!until) return;
      period.end = std::move(*until);
    }
  }
  event_.rdates.push_back(std::move(period));
}

void EventReader::CheckEnd() {
  if (event_.end && event_.duration)
    Refuse(event_.end->mark, "DTEND", "DURATION is there as well; one of them says when it ends");
  if (event_.end && event_.end->is_date() != event_.start.is_date()) {
    Refuse(event_.end->mark, "DTEND",
           "it must be a date where DTSTART is one, and a time where DTSTART is one");
  }
  const bool whole_days = !event_.duration || event_.duration->value % std::chrono::days{1} == Seconds{0};
  if (event_.start.is_date() && !whole_days)
    Refuse(event_.duration->mark, "DURATION", "an event that begins on a date lasts whole days");
  for (const CalendarPeriod& period : event_.rdates) {
    if (period.start.is_date() == event_.start.is_date()) continue;
    Refuse(period.start.mark, "RDATE",
           "it must be a date where DTSTART is one, and a time where DTSTART is one");
  }
  if (event_.recurrence_id && !event_.rules.empty()) {
    Refuse(event_.rules.front().mark, "RRULE",
           "an event with a RECURRENCE-ID is one occurrence, and does not recur itself");
  }
}

void EventReader::End() {
  if (!seen_.contains("DTSTART"))
    Refuse(event_.mark, "DTSTART", "it is missing, so nobody knows when it begins");
  if (!failed_) CheckEnd();
  if (!failed_) file_.events.push_back(std::move(event_));
}

}  // namespace lockkeeper
