#include "reconciler/core/time/schedule_item.h"

#include <fmt/format.h>

#include <utility>

namespace lockkeeper {
namespace {

using std::chrono::days;

/// The item being compiled and where its findings go.
struct ItemReader {
  const WindowItem& item;
  const ItemPlace& place;
  Diagnostics& findings;
  bool failed = false;

  void Refuse(Mark mark, std::string code, std::string_view field, std::string_view message) {
    failed = true;
    findings.push_back({.file = place.file,
                        .mark = mark == Mark{} ? item.mark : mark,
                        .severity = Severity::kError,
                        .code = std::move(code),
                        .message = fmt::format("{}.{}: {}", place.field, field, message)});
  }
};

CivilTime OnTheWall(const WrittenTime& time, const Zone& zone) {
  if (const auto* civil = std::get_if<CivilTime>(&time)) return *civil;
  return zone.Civil(std::get<Instant>(time));
}

std::string Written(const WrittenTime& time) {
  if (const auto* civil = std::get_if<CivilTime>(&time)) return FormatCivil(*civil);
  return FormatInstant(std::get<Instant>(time));
}

std::optional<Seconds> ReadLength(ItemReader& reader, const Zone& zone, CivilTime start) {
  const WindowItem& item = reader.item;
  if (item.end.has_value() == item.duration.has_value()) {
    reader.Refuse({}, "bad-window", "endTime", "write exactly one of endTime and duration");
    return std::nullopt;
  }
  if (item.duration) {
    if (item.duration->value > Seconds{0}) return item.duration->value;
    reader.Refuse(item.duration->mark, "bad-window", "duration", "it must be longer than zero");
    return std::nullopt;
  }
  const WrittenTime& end = item.end->value;
  const Seconds length = OnTheWall(end, zone) - start;
  const auto* start_instant = std::get_if<Instant>(&item.start.value);
  const auto* end_instant = std::get_if<Instant>(&end);
  if (start_instant != nullptr && end_instant != nullptr && *end_instant > *start_instant &&
      length <= Seconds{0}) {
    reader.Refuse(
        item.end->mark, "bad-window", "endTime",
        fmt::format(
            "the clock of {} is put back between startTime and endTime, so that on the wall {} is not "
            "after {}; write startTime without an offset and a duration instead",
            zone.name(), FormatCivil(start + length), FormatCivil(start)));
    return std::nullopt;
  }
  const bool instants_reversed =
      start_instant != nullptr && end_instant != nullptr && *end_instant <= *start_instant;
  if (length <= Seconds{0} || instants_reversed) {
    reader.Refuse(
        item.end->mark, "bad-window", "endTime",
        fmt::format("{} is not after startTime {}; for a window past midnight write the next day's date",
                    Written(end), Written(item.start.value)));
    return std::nullopt;
  }
  return length;
}

std::optional<Recurrence> ReadRecurrence(ItemReader& reader, const Zone& zone, CivilTime start) {
  const Field<std::string>& text = reader.item.recurrence;
  if (text.value.empty()) return Recurrence::Once(start);
  auto rule = ParseRecurrenceRule(text.value);
  if (!rule) {
    reader.Refuse(text.mark, "bad-recurrence", "recurrence", rule.error().message);
    return std::nullopt;
  }
  const auto until = UntilOnTheWall(*rule, zone);
  return Recurrence{std::move(*rule), start, until};
}

std::vector<CivilRange> ReadExDates(const WindowItem& item, const Zone& zone) {
  std::vector<CivilRange> out;
  for (const Field<ExDate>& exdate : item.exdates) {
    if (const auto* day = std::get_if<std::chrono::local_days>(&exdate.value)) {
      out.push_back({.first = *day, .last = *day + days{1} - Seconds{1}});
      continue;
    }
    const WrittenTime& time = std::get<WrittenTime>(exdate.value);
    if (const auto* civil = std::get_if<CivilTime>(&time)) {
      out.push_back({.first = *civil, .last = *civil});
      continue;
    }
    if (auto range = WallTimesOf(std::get<Instant>(time), zone)) out.push_back(*range);
  }
  return out;
}

}  // namespace

std::optional<CivilTime> UntilOnTheWall(const RecurrenceRule& rule, const Zone& zone) {
  if (!rule.until) return std::nullopt;
  const auto* instant = std::get_if<Instant>(&*rule.until);
  return instant != nullptr ? zone.LastStart(*instant) : std::get<CivilTime>(*rule.until);
}

std::optional<CivilRange> WallTimesOf(Instant instant, const Zone& zone) {
  const CivilRange range{.first = zone.LastStart(instant - Seconds{1}) + Seconds{1},
                         .last = zone.LastStart(instant)};
  if (range.first > range.last) return std::nullopt;
  return range;
}

std::string ItemField(bool exclusion, size_t index) {
  return fmt::format("spec.{}[{}]", exclusion ? "maintenanceExclusions" : "maintenanceWindows", index);
}

std::optional<ScheduleItem> CompileItem(const WindowItem& item, const ItemPlace& place,
                                        const std::optional<Zone>& schedule_zone, Diagnostics& findings) {
  ItemReader reader{.item = item, .place = place, .findings = findings};
  std::optional<Zone> zone = schedule_zone;
  if (!item.time_zone.value.empty()) {
    auto own = Zone::Load(item.time_zone.value);
    if (!own) reader.Refuse(item.time_zone.mark, "unknown-time-zone", "timeZone", own.error().message);
    zone = own ? std::optional{std::move(*own)} : std::nullopt;
  }
  if (!zone) {
    // The rule can be checked all the same, so that one run shows every problem.
    if (!item.recurrence.value.empty()) {
      auto rule = ParseRecurrenceRule(item.recurrence.value);
      if (!rule) reader.Refuse(item.recurrence.mark, "bad-recurrence", "recurrence", rule.error().message);
    }
    return std::nullopt;
  }
  const CivilTime start = OnTheWall(item.start.value, *zone);
  const auto length = ReadLength(reader, *zone, start);
  auto starts = ReadRecurrence(reader, *zone, start);
  if (reader.failed || !length || !starts) return std::nullopt;
  std::vector<CivilRange> removed = ReadExDates(item, *zone);
  return ScheduleItem{.name = item.name,
                      .scope = item.scope,
                      .start = start,
                      .runs = {std::move(*zone), std::move(*starts), *length, std::move(removed)}};
}

}  // namespace lockkeeper
