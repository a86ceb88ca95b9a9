#include "reconciler/core/time/calendar_zones.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "reconciler/core/time/listed_zone.h"
#include "reconciler/core/time/recurrence.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {
namespace {

/// `/freeassociation.sourceforge.net/Europe/Berlin` ends in the name: two parts, or three as in
/// America/Argentina/Salta.
std::optional<Zone> NamedAtTheEnd(std::string_view id) {
  size_t slash = id.size();
  for (int parts = 1; parts <= 3; ++parts) {
    slash = slash == 0 ? std::string_view::npos : id.rfind('/', slash - 1);
    const bool whole = slash == std::string_view::npos;
    if (parts > 1) {
      if (auto zone = Zone::Load(std::string(whole ? id : id.substr(slash + 1)))) return *zone;
    }
    if (whole) break;
  }
  return std::nullopt;
}

Instant AtOffset(CivilTime time, Seconds offset) { return Instant{time.time_since_epoch() - offset}; }

Result<void> AddOnsets(const CalendarObservance& observance, std::vector<ZoneChange>& changes) {
  auto add = [&](CivilTime onset) {
    changes.push_back({AtOffset(onset, observance.offset_from), observance.offset_to, observance.name});
    return changes.size() <= kOnsetsMax;
  };
  const std::unexpected<Error> too_many =
      Invalid(fmt::format("its rules make more than {} changes of the clock", kOnsetsMax));
  if (!add(observance.start)) return too_many;
  for (CivilTime onset : observance.rdates) {
    if (!add(onset)) return too_many;
  }
  for (const Field<std::string>& text : observance.rules) {
    auto rule = ParseRecurrenceRule(text.value);
    if (!rule) return Invalid(fmt::format("line {}: {}", text.mark.line, rule.error().message));
    std::optional<CivilTime> until;
    if (rule->until) {
      const auto* instant = std::get_if<Instant>(&*rule->until);
      until = instant ? CivilTime{instant->time_since_epoch() + observance.offset_from}
                      : std::get<CivilTime>(*rule->until);
    }
    const Recurrence onsets(std::move(*rule), observance.start, until);
    for (auto onset = onsets.NextAtOrAfter(observance.start); onset;
         onset = onsets.NextAtOrAfter(*onset + Seconds{1})) {
      if (!add(*onset)) return too_many;
    }
  }
  return {};
}

}  // namespace

Result<Zone> ZoneOfRules(const CalendarZone& zone) {
  if (zone.observances.empty()) return Invalid("its VTIMEZONE has neither STANDARD nor DAYLIGHT");
  std::vector<ZoneChange> changes;
  const CalendarObservance* first = &zone.observances.front();
  for (const CalendarObservance& observance : zone.observances) {
    if (auto added = AddOnsets(observance, changes); !added) return std::unexpected(added.error());
    if (AtOffset(observance.start, observance.offset_from) < AtOffset(first->start, first->offset_from))
      first = &observance;
  }
  // A name that no zone of the database has.
  return MakeListedZone("VTIMEZONE " + zone.id, {.at = {}, .offset = first->offset_from, .abbreviation = ""},
                        std::move(changes));
}

namespace {

Result<Zone> FindZone(const CalendarFile& file, size_t calendar, const std::string& id) {
  if (id.find('/') != std::string::npos) {
    if (auto named = NamedAtTheEnd(id)) return *named;
  }
  auto defined = std::ranges::find_if(
      file.zones, [&](const CalendarZone& zone) { return zone.calendar == calendar && zone.id == id; });
  if (defined == file.zones.end()) {
    if (auto loaded = Zone::Load(id)) return loaded;
    return Invalid(fmt::format(
        "{} is no name of the IANA time zone database, and the file has no VTIMEZONE that says "
        "what it means; export the calendar with its time zones, or write TZID=Europe/Berlin, say",
        Quoted(id)));
  }
  if (!defined->location.empty()) {
    if (auto located = Zone::Load(defined->location)) return located;
  }
  auto made = ZoneOfRules(*defined);
  if (made) return made;
  return Invalid(fmt::format("{} cannot be used, as its VTIMEZONE in line {} has errors: {}", Quoted(id),
                             defined->mark.line, made.error().message));
}

}  // namespace

CalendarZones::CalendarZones(const CalendarFile& file)
    : file_(file),
      too_many_(Invalid(
          fmt::format("the events of the file are in more than {} zones; split the file", kZonesMax))) {}

const Result<Zone>& CalendarZones::Find(size_t calendar, const std::string& id) {
  const std::pair key{calendar, id};
  auto known = known_.find(key);
  if (known != known_.end()) return known->second;
  if (known_.size() == kZonesMax) return too_many_;
  return known_.emplace(key, FindZone(file_, calendar, id)).first->second;
}

}  // namespace lockkeeper
