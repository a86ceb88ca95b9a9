#include "reconciler/core/time/compiled_calendar.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "reconciler/core/time/calendar_zones.h"
#include "reconciler/core/time/event_set.h"
#include "schemas/calendar/event_reader.h"
#include "schemas/calendar/finding_list.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {
namespace {

using std::chrono::days;
using std::chrono::floor;

/// How many EXDATEs and RECURRENCE-IDs of a file are looked up for the sake of a warning.
constexpr int kLooksMax = 5'000;

/// For an event that begins on a date RFC 5545 wants the UNTIL of its rule to be one. Its starts are
/// midnights, so the midnight of that date says the same.
std::string WithUntilAsTime(std::string rule) {
  constexpr std::string_view kUntil = "UNTIL=";
  constexpr size_t kDateSize = 8;
  for (size_t begin = 0; begin < rule.size();) {
    const size_t end = std::min(rule.find(';', begin), rule.size());
    const std::string_view part = std::string_view{rule}.substr(begin, end - begin);
    if (part.starts_with(kUntil) && part.size() == kUntil.size() + kDateSize) {
      return rule.insert(end, "T000000");
    }
    begin = end + 1;
  }
  return rule;
}

/// Where the starts of an event lie, and how long it is.
struct EventTimes {
  Zone zone;
  CivilTime start;
  Seconds length;
  std::vector<CivilRange> removed;  ///< EXDATEs and overrides, merged
  std::vector<CivilTime> listed;    ///< starts that no rule makes
};

bool IsRemoved(const EventTimes& times, CivilTime start) {
  auto range = std::ranges::lower_bound(times.removed, start, {}, &CivilRange::last);
  return range != times.removed.end() && range->first <= start;
}

class CalendarCompiler {
 public:
  CalendarCompiler(const CalendarReference& reference, const CalendarFile& file, const Zone& schedule_zone,
                   FindingList& findings)
      : reference_(reference),
        file_(file),
        schedule_zone_(schedule_zone),
        utc_(*Zone::Load("UTC")),
        zones_(file),
        findings_(findings) {}

  CompiledCalendar Compile() {
    for (const EventWithOverrides& taken : EventsInForce(file_, findings_)) Take(taken);
    out_.allows = reference_.allows;
    out_.listed = ListedTimes(std::move(listed_), std::move(names_));
    return std::move(out_);
  }

 private:
  static std::string Said(const CalendarEvent& event, std::string_view message) {
    return fmt::format("{}: {}", EventTitle(event), message);
  }
  void Refuse(Mark mark, std::string_view code, const CalendarEvent& event, std::string_view message) {
    findings_.Error(mark, code, Said(event, message));
  }
  void Warn(Mark mark, std::string_view code, const CalendarEvent& event, std::string_view message) {
    findings_.Warning(mark, code, Said(event, message));
  }

  std::optional<Zone> ZoneOf(const CalendarTime& time, const CalendarEvent& event) {
    if (time.form == CalendarTimeForm::kUtc) return utc_;
    if (time.form != CalendarTimeForm::kZoned) return schedule_zone_;
    const Result<Zone>& found = zones_.Find(event.calendar, time.zone);
    if (found) return *found;
    Refuse(time.mark, "unknown-time-zone", event, "TZID: " + found.error().message);
    return std::nullopt;
  }

  /// On the wall of another time's zone.
  std::optional<CivilTime> OnTheWall(const CalendarTime& time, const CalendarTime& like, const Zone& zone,
                                     const CalendarEvent& event) {
    if (time.form == like.form && time.zone == like.zone) return time.wall;
    auto own = ZoneOf(time, event);
    if (!own) return std::nullopt;
    return own->name() == zone.name() ? time.wall : zone.Civil(own->End(time.wall));
  }

  std::optional<Seconds> LengthOf(const CalendarEvent& event, const Zone& zone) {
    if (event.duration) return event.duration->value;
    if (!event.end) return event.start.is_date() ? Seconds{days{1}} : Seconds{0};
    const auto end = OnTheWall(*event.end, event.start, zone, event);
    if (!end) return std::nullopt;
    const Seconds length = *end - event.start.wall;
    if (length > Seconds{0} || (length == Seconds{0} && !event.start.is_date())) return length;
    Refuse(
        event.end->mark, "bad-event", event,
        fmt::format("DTEND: {} is not after DTSTART {}{}", FormatCivil(*end), FormatCivil(event.start.wall),
                    event.start.is_date() ? "; DTEND is the first day that is free again" : ""));
    return std::nullopt;
  }

  /// The starts that an EXDATE or RECURRENCE-ID means.
  std::optional<CivilRange> StartsOf(const CalendarTime& time, const CalendarEvent& event, const Zone& zone) {
    const CalendarTime& start = event.start;
    if (start.is_date() || time.is_date()) {
      std::optional<CivilTime> wall = time.wall;
      if (time.form == CalendarTimeForm::kUtc) wall = zone.Civil(utc_.Start(time.wall));
      const CivilTime day = floor<days>(*wall);
      return CivilRange{.first = day, .last = day + days{1} - Seconds{1}};
    }
    if (time.form == start.form && time.zone == start.zone) return CivilRange{time.wall, time.wall};
    auto own = ZoneOf(time, event);
    if (!own) return std::nullopt;
    return WallTimesOf(own->Start(time.wall), zone);
  }

  std::optional<EventTimes> TimesOf(const EventWithOverrides& taken) {
    const CalendarEvent& event = *taken.event;
    auto zone = ZoneOf(event.start, event);
    if (!zone) return std::nullopt;
    const auto length = LengthOf(event, *zone);
    if (!length) return std::nullopt;
    EventTimes times{
        .zone = *zone, .start = event.start.wall, .length = *length, .removed = {}, .listed = {}};
    for (const CalendarTime& exdate : event.exdates) {
      if (auto range = StartsOf(exdate, event, *zone)) times.removed.push_back(*range);
    }
    for (const CalendarEvent* other : taken.overrides) {
      if (auto range = StartsOf(*other->recurrence_id, event, *zone)) times.removed.push_back(*range);
    }
    times.removed = MergedRanges(std::move(times.removed));
    return times;
  }

  void Take(const EventWithOverrides& taken) {
    const CalendarEvent& event = *taken.event;
    auto times = TimesOf(taken);
    if (!times) return;
    const bool has_no_length = times->length == Seconds{0};
    if (has_no_length) {
      Warn(event.mark, "empty-event", event,
           "it ends when it begins, so it is no time at all; give it a DTEND");
    }
    const std::string name = NameOf(event);
    const size_t first_rule = out_.recurring.size();
    if (event.rules.empty()) {
      AddOnce(*times, times->start, times->length, name);
    } else if (!has_no_length) {
      for (const Field<std::string>& rule : event.rules) AddRule(event, rule, *times, name);
    }
    for (const CalendarPeriod& period : event.rdates) AddPeriod(event, period, *times, name);
    if (!has_no_length) CheckRemoved(taken, *times, first_rule);
  }

  /// An EXDATE or RECURRENCE-ID that misses what it means leaves that in place.
  void CheckRemoved(const EventWithOverrides& taken, EventTimes& times, size_t first_rule) {
    std::ranges::sort(times.listed);
    auto hits = [&](const CivilRange& range) {
      auto next = std::ranges::lower_bound(times.listed, range.first);
      if (next != times.listed.end() && *next <= range.last) return true;
      return std::any_of(out_.recurring.begin() + static_cast<ptrdiff_t>(first_rule), out_.recurring.end(),
                         [&](const ScheduleItem& item) {
                           auto start = item.runs.starts().NextAtOrAfter(range.first);
                           return start && *start <= range.last;
                         });
    };
    auto check = [&](const CalendarTime& time, std::string_view property) {
      if (looks_left_ == 0) return;
      --looks_left_;
      const auto range = StartsOf(time, *taken.event, times.zone);
      if (range && hits(*range)) return;
      Warn(time.mark, "no-such-occurrence", *taken.event,
           fmt::format("{}: the event does not begin at {}{}, so this takes no occurrence away", property,
                       FormatCivil(time.wall), time.form == CalendarTimeForm::kUtc ? "Z" : ""));
    };
    for (const CalendarTime& exdate : taken.event->exdates) check(exdate, "EXDATE");
    for (const CalendarEvent* other : taken.overrides) check(*other->recurrence_id, "RECURRENCE-ID");
  }

  std::string NameOf(const CalendarEvent& event) const {
    const std::string& calendar = reference_.name.empty() ? reference_.path.value : reference_.name;
    return event.summary.empty() ? calendar : calendar + ": " + event.summary;
  }

  void AddOnce(EventTimes& times, CivilTime start, Seconds length, const std::string& name) {
    times.listed.push_back(start);
    if (!IsRemoved(times, start))
      AddInterval({times.zone.Start(start), times.zone.End(start + length)}, name);
  }

  void AddInterval(Interval interval, const std::string& name) {
    if (interval.end >= kTimeLineEnd) interval.end = Instant::max();
    if (interval.start >= interval.end) return;
    if (names_.empty() || names_.back() != name) names_.push_back(name);
    listed_.push_back({interval, static_cast<uint32_t>(names_.size() - 1)});
  }

  void AddRule(const CalendarEvent& event, const Field<std::string>& text, const EventTimes& times,
               const std::string& name) {
    auto rule = ParseRecurrenceRule(event.start.is_date() ? WithUntilAsTime(text.value) : text.value);
    if (!rule) {
      Refuse(text.mark, "bad-recurrence", event, "RRULE: " + rule.error().message);
      return;
    }
    const auto until = UntilOnTheWall(*rule, times.zone);
    Recurrence starts(std::move(*rule), times.start, until);
    const auto first = starts.NextAtOrAfter(times.start);
    if (first != times.start) {
      Warn(text.mark, first ? "start-not-in-rule" : "never-recurs", event,
           fmt::format(
               "RRULE: DTSTART {} is not a date of '{}', and programs disagree whether it counts; here "
               "{}",
               FormatCivil(times.start), Shortened(text.value, 80),
               first ? "the first one is " + FormatCivil(*first) : "there is no date at all"));
    }
    out_.recurring.push_back({.name = name,
                              .scope = kEveryScope,
                              .start = times.start,
                              .runs = {times.zone, std::move(starts), times.length, times.removed}});
  }

  void AddPeriod(const CalendarEvent& event, const CalendarPeriod& period, EventTimes& times,
                 const std::string& name) {
    auto zone = ZoneOf(period.start, event);
    if (!zone) return;
    // On the wall of the event itself, where EXDATEs are; an RDATE in UTC is common there.
    CivilTime start = period.start.wall;
    if (zone->name() != times.zone.name()) start = times.zone.Civil(zone->Start(start));
    if (const auto* until = std::get_if<CalendarTime>(&period.end)) {
      auto end_zone = ZoneOf(*until, event);
      times.listed.push_back(start);
      if (!end_zone || IsRemoved(times, start)) return;
      const Interval interval{zone->Start(period.start.wall), end_zone->End(until->wall)};
      if (interval.start < interval.end) return AddInterval(interval, name);
      return Refuse(period.start.mark, "bad-event", event, "RDATE: a period ends before it begins");
    }
    const auto* own = std::get_if<Seconds>(&period.end);
    AddOnce(times, start, own != nullptr ? *own : times.length, name);
  }

  const CalendarReference& reference_;
  const CalendarFile& file_;
  const Zone& schedule_zone_;
  Zone utc_;
  CalendarZones zones_;
  FindingList& findings_;
  CompiledCalendar out_;
  std::vector<NamedTime> listed_;
  std::vector<std::string> names_;
  int looks_left_ = kLooksMax;
};

}  // namespace

std::optional<CompiledCalendar> CompileCalendar(const CalendarReference& reference, const ItemPlace& place,
                                                const CalendarFiles& files,
                                                const std::optional<Zone>& schedule_zone,
                                                Diagnostics& findings) {
  auto found = files.find(reference.path.value);
  if (found == files.end() || !found->second.problem.empty()) {
    findings.push_back(
        {place.file, reference.path.mark, Severity::kError, "unreadable-calendar",
         fmt::format(
             "{}.path: {}: {}; without it nobody knows when the schedule is open, so it is closed",
             place.field, reference.path.value,
             found == files.end() ? "there is no such file in the repository" : found->second.problem)});
    return std::nullopt;
  }
  if (!schedule_zone) return std::nullopt;
  Diagnostics of_file = found->second.findings;
  FindingList list(reference.path.value, of_file);
  auto compiled = CalendarCompiler(reference, found->second, *schedule_zone, list).Compile();
  const bool failed = std::ranges::any_of(
      of_file, [](const Diagnostic& finding) { return finding.severity == Severity::kError; });
  std::ranges::move(of_file, std::back_inserter(findings));
  if (failed) return std::nullopt;
  return compiled;
}

}  // namespace lockkeeper
