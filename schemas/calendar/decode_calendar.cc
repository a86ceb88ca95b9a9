#include "schemas/calendar/decode_calendar.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "schemas/calendar/content_line.h"
#include "schemas/calendar/event_reader.h"
#include "schemas/calendar/finding_list.h"
#include "schemas/calendar/zone_reader.h"
#include "schemas/inventory/file_scan.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {
namespace {

enum class Component : uint8_t { kCalendar, kEvent, kZone, kObservance, kOther };

struct OpenComponent {
  std::string name;
  Component kind;
  Mark mark;
};

constexpr size_t kDepthMax = 16;

/// The components of a file as they open and close, and the property lines handed to whoever reads them.
class ComponentReader {
 public:
  ComponentReader(std::string_view path, CalendarFile& file)
      : file_(file), findings_(path, file.findings), events_(file, findings_), zones_(file, findings_) {}

  void Read(std::string_view text) {
    ContentLines lines(text);
    while (auto line = lines.Next()) {
      if (!Take(*line)) return;
    }
    if (!open_.empty()) {
      findings_.Error(open_.front().mark, "bad-calendar",
                      fmt::format("END:{} is missing: the file ends within it, so some of it may be lost",
                                  open_.back().name));
    } else if (calendars_ == 0) {
      findings_.Error({1, 1}, "bad-calendar", kNoCalendar);
    }
  }

 private:
  static constexpr std::string_view kNoCalendar =
      "it is no iCalendar file: it must begin with BEGIN:VCALENDAR";

  /// False: what follows cannot be understood any more.
  bool Take(ContentLine& line) {
    const bool skipped = !open_.empty() && open_.back().kind == Component::kOther;
    if (!line.problem.empty()) {
      if (skipped) return true;
      findings_.Error(line.mark, "bad-calendar",
                      open_.empty() ? kNoCalendar : std::string_view{line.problem});
      return !open_.empty();
    }
    if (line.name == "BEGIN") return Begin(line);
    if (line.name == "END") return End(line);
    if (open_.empty()) {
      findings_.Error(line.mark, "bad-calendar",
                      calendars_ == 0 ? kNoCalendar : "only BEGIN:VCALENDAR may follow after END:VCALENDAR");
      return false;
    }
    switch (open_.back().kind) {
      case Component::kCalendar:
        TakeCalendarProperty(line);
        break;
      case Component::kEvent:
        events_.Take(line);
        break;
      case Component::kZone:
      case Component::kObservance:
        zones_.Take(line);
        break;
      case Component::kOther:
        break;
    }
    return true;
  }

  Component KindOf(std::string_view name) const {
    if (open_.empty()) return Component::kCalendar;
    if (open_.back().kind == Component::kCalendar && name == "VEVENT") return Component::kEvent;
    if (open_.back().kind == Component::kCalendar && name == "VTIMEZONE") return Component::kZone;
    const bool is_observance = name == "STANDARD" || name == "DAYLIGHT";
    return open_.back().kind == Component::kZone && is_observance ? Component::kObservance
                                                                  : Component::kOther;
  }

  bool Begin(const ContentLine& line) {
    std::string name = UpperCase(ReadCalendarText(line.value, kNameBytes));
    if (open_.empty() && name != "VCALENDAR") {
      findings_.Error(line.mark, "bad-calendar",
                      fmt::format("{} stands outside of every VCALENDAR", Quoted("BEGIN:" + name)));
      return false;
    }
    if (open_.size() == kDepthMax) {
      findings_.Error(line.mark, "bad-calendar",
                      fmt::format("components lie deeper in each other than {} levels", kDepthMax));
      return false;
    }
    const Component kind = KindOf(name);
    switch (kind) {
      case Component::kCalendar:
        ++calendars_;
        break;
      case Component::kEvent:
        if (file_.events.size() == kCalendarEventsMax) {
          findings_.Error(
              line.mark, "bad-calendar",
              fmt::format("there are more than {} events in the file; remove old ones, or split it",
                          kCalendarEventsMax));
          return false;
        }
        events_.Begin(calendars_ - 1, line.mark);
        break;
      case Component::kZone:
        zones_.Begin(calendars_ - 1, line.mark);
        break;
      case Component::kObservance:
        zones_.BeginObservance(line.mark);
        break;
      case Component::kOther:
        break;
    }
    open_.push_back({std::move(name), kind, line.mark});
    return true;
  }

  bool End(const ContentLine& line) {
    const std::string name = UpperCase(ReadCalendarText(line.value, kNameBytes));
    if (open_.empty() || open_.back().name != name) {
      findings_.Error(line.mark, "bad-calendar",
                      open_.empty()
                          ? fmt::format("{} ends what never began", Quoted("END:" + name))
                          : fmt::format("{} where END:{} must come first (BEGIN is in line {})",
                                        Quoted("END:" + name), open_.back().name, open_.back().mark.line));
      return false;
    }
    const Component kind = open_.back().kind;
    open_.pop_back();
    if (kind == Component::kEvent) events_.End();
    if (kind == Component::kZone) zones_.End();
    if (kind == Component::kObservance) zones_.EndObservance();
    return true;
  }

  void TakeCalendarProperty(const ContentLine& line) {
    if (line.name == "METHOD") {
      const std::string method = UpperCase(ReadCalendarText(line.value, kNameBytes));
      if (method == "PUBLISH" || method == "REQUEST") return;
      findings_.Error(
          line.mark, "bad-calendar",
          fmt::format("METHOD:{} makes a message about events of it, not a calendar of them; export "
                      "the calendar itself",
                      method));
    } else if (line.name == "CALSCALE" &&
               UpperCase(ReadCalendarText(line.value, kNameBytes)) != "GREGORIAN") {
      findings_.Error(line.mark, "bad-calendar", "CALSCALE: only GREGORIAN is known");
    }
  }

  static constexpr size_t kNameBytes = 40;

  CalendarFile& file_;
  FindingList findings_;
  EventReader events_;
  ZoneReader zones_;
  std::vector<OpenComponent> open_;
  size_t calendars_ = 0;
};

}  // namespace

CalendarFile DecodeCalendar(std::string_view path, std::string_view text) {
  CalendarFile file;
  if (text.size() > kCalendarBytesMax) {
    FindingList(path, file.findings)
        .Error(
            {1, 1}, "bad-calendar",
            fmt::format("it is larger than {} MiB; remove old events, or split it", kCalendarBytesMax >> 20));
    return file;
  }
  if (std::string_view why = Unreadable(text); !why.empty()) {
    FindingList(path, file.findings).Error({1, 1}, "bad-calendar", why);
    return file;
  }
  ComponentReader(path, file).Read(text);
  return file;
}

}  // namespace lockkeeper
