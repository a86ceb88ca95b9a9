#include "reconciler/core/time/event_set.h"

#include <fmt/format.h>

#include <map>
#include <string_view>
#include <tuple>

#include "schemas/manifest/words.h"

namespace lockkeeper {
namespace {

/// Of one UID: the event itself, and those that stand for single occurrences, by RECURRENCE-ID.
using OccurrenceKey = std::tuple<bool, CivilTime, CalendarTimeForm, std::string_view>;

OccurrenceKey KeyOf(const CalendarEvent& event) {
  if (!event.recurrence_id) return {};
  const CalendarTime& id = *event.recurrence_id;
  return {true, id.wall, id.form, id.zone};
}

using Versions = std::map<OccurrenceKey, const CalendarEvent*>;

}  // namespace

std::vector<EventWithOverrides> EventsInForce(const CalendarFile& file, FindingList& findings) {
  std::map<std::string_view, Versions> by_uid;
  for (const CalendarEvent& event : file.events) {
    if (event.uid.empty()) continue;
    auto [known, added] = by_uid[event.uid].try_emplace(KeyOf(event), &event);
    if (added) continue;
    if (known->second->sequence == event.sequence) {
      findings.Error(
          event.mark, "duplicate-event",
          fmt::format("VEVENT {}: UID {} is in line {} already, with the same SEQUENCE, so nobody knows "
                      "which one holds; remove one of them, or give it a UID of its own",
                      Quoted(event.summary), Quoted(event.uid), known->second->mark.line));
    } else if (known->second->sequence < event.sequence) {
      known->second = &event;
    }
  }
  std::vector<EventWithOverrides> out;
  for (const CalendarEvent& event : file.events) {
    if (event.uid.empty()) {
      if (!event.is_cancelled) out.push_back({&event, {}});
      continue;
    }
    const Versions& versions = by_uid.find(event.uid)->second;
    if (event.is_cancelled || versions.at(KeyOf(event)) != &event) continue;
    EventWithOverrides taken{&event, {}};
    if (!event.recurrence_id) {
      for (const auto& [key, version] : versions) {
        if (version->recurrence_id) taken.overrides.push_back(version);
      }
    }
    out.push_back(std::move(taken));
  }
  return out;
}

}  // namespace lockkeeper
