#include <fmt/format.h>

#include <array>

#include "schemas/manifest/kind_decoders.h"
#include "schemas/manifest/path_rules.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {

void DecodeTime(const Place& place, Field<WrittenTime>& target, FieldReader& read) {
  std::string text;
  read.Line(place, text);
  if (text.empty()) return;
  auto time = ParseWrittenTime(text);
  if (!time) return read.findings().Fallback(place, "bad-time", time.error().message);
  target = {*time, place.mark()};
}

void DecodeScopes(const Place& list, ChangeScopes& target, FieldReader& read) {
  using enum ChangeScope;
  static constexpr std::array<std::pair<std::string_view, ChangeScope>, 5> kScopes{
      {{"major", kMajor}, {"minor", kMinor}, {"patch", kPatch}, {"security", kSecurity}, {"nodes", kNodes}}};
  if (!list.is_sequence()) return;
  ChangeScopes scopes = 0;
  for (const Place& place : list.Items()) {
    ChangeScope scope{};
    read.Choice<ChangeScope>(place, kScopes, scope);
    scopes = static_cast<ChangeScopes>(scopes | static_cast<ChangeScopes>(scope));
  }
  target = scopes;
}

namespace {

void DecodeExDates(const Place& list, WindowItem& item, FieldReader& read) {
  for (const Place& place : list.Items()) {
    std::string text;
    read.Line(place, text);
    if (text.empty()) continue;
    if (auto date = ParseDate(text)) {
      item.exdates.push_back({ExDate{*date}, place.mark()});
    } else if (auto time = ParseWrittenTime(text)) {
      item.exdates.push_back({ExDate{*time}, place.mark()});
    } else {
      read.findings().Fallback(place, "bad-time",
                               fmt::format("{} is neither a date such as 2026-12-24 nor a time such as "
                                           "2026-12-24T22:00:00",
                                           Quoted(text)));
    }
  }
}

std::vector<WindowItem> DecodeItems(const Place& list, FieldReader& read) {
  std::vector<WindowItem> items;
  for (const Place& place : list.Items()) {
    WindowItem item;
    item.mark = place.mark();
    read.Line(place["name"], item.name);
    DecodeTime(place["startTime"], item.start, read);
    if (Place end = place["endTime"]; end.exists()) DecodeTime(end, item.end.emplace(), read);
    Place length = place["duration"];
    std::optional<Seconds> duration;
    read.Duration(length, duration);
    if (duration) item.duration = Field<Seconds>{*duration, length.mark()};
    read.Line(place["recurrence"], item.recurrence);
    DecodeExDates(place["exdates"], item, read);
    read.Line(place["timeZone"], item.time_zone);
    DecodeScopes(place["scope"], item.scope, read);
    items.push_back(std::move(item));
  }
  read.DistinctNames(list, "name");
  return items;
}

std::vector<CalendarReference> DecodeCalendars(const Place& list, FieldReader& read) {
  static constexpr std::array<std::pair<std::string_view, bool>, 2> kEffects{
      {{"Allow", true}, {"Deny", false}}};
  std::vector<CalendarReference> calendars;
  for (const Place& place : list.Items()) {
    CalendarReference calendar;
    read.Line(place["name"], calendar.name);
    read.Line(place["path"], calendar.path);
    if (auto checked = CheckTreePath(calendar.path.value); !checked && !calendar.path.value.empty()) {
      read.findings().Fallback(place["path"], "bad-path", checked.error().message);
    }
    read.Choice<bool>(place["effect"], kEffects, calendar.allows);
    calendars.push_back(std::move(calendar));
  }
  read.DistinctNames(list, "name");
  return calendars;
}

}  // namespace

MaintenanceSchedule DecodeSchedule(const Place& document, FieldReader& read) {
  MaintenanceSchedule schedule;
  read.Metadata(document["metadata"], schedule.name);
  Place spec = document["spec"];
  read.Line(spec["timeZone"], schedule.time_zone);
  schedule.match = DecodeMatch(spec, read);
  read.Flag(spec["default"], schedule.is_default);
  schedule.windows = DecodeItems(spec["maintenanceWindows"], read);
  schedule.exclusions = DecodeItems(spec["maintenanceExclusions"], read);
  schedule.calendars = DecodeCalendars(spec["calendars"], read);
  read.Duration(spec["runway"], schedule.runway);
  std::optional<Seconds> spread;
  read.Duration(spec["spread"], spread);
  if (spread) schedule.spread = *spread;
  return schedule;
}

}  // namespace lockkeeper
