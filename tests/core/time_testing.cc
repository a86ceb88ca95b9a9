#include "tests/core/time_testing.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace lockkeeper::testing {
namespace {

using nlohmann::json;

/// The first error of a spec, with its field.
struct SpecReader {
  std::optional<Error> error;

  template <class T>
  T Take(Result<T> read, const std::string& field) {
    if (read) return *read;
    if (!error) error = Error{ErrorKind::kInvalid, field + ": " + read.error().message};
    return T{};
  }
};

ChangeScopes ScopesFrom(const json& names) {
  ChangeScopes out = 0;
  for (const json& name : names) {
    for (auto [text, scope] : {std::pair{"major", ChangeScope::kMajor},
                               {"minor", ChangeScope::kMinor},
                               {"patch", ChangeScope::kPatch},
                               {"security", ChangeScope::kSecurity},
                               {"nodes", ChangeScope::kNodes}}) {
      if (name == text) out |= static_cast<ChangeScopes>(scope);
    }
  }
  return out;
}

WindowItem ItemFrom(const json& item, const std::string& field, SpecReader& reader) {
  WindowItem out;
  out.name = item.value("name", "");
  out.start.value = reader.Take(ParseWrittenTime(item.value("startTime", "")), field + ".startTime");
  if (item.contains("endTime")) {
    out.end = {reader.Take(ParseWrittenTime(item["endTime"].get<std::string>()), field + ".endTime"), {}};
  }
  if (item.contains("duration")) {
    out.duration = {reader.Take(ParseDuration(item["duration"].get<std::string>()), field + ".duration"), {}};
  }
  out.recurrence.value = item.value("recurrence", "");
  out.time_zone.value = item.value("timeZone", "");
  if (item.contains("scope")) out.scope = ScopesFrom(item["scope"]);
  for (const json& exdate : item.value("exdates", json::array())) {
    const auto text = exdate.get<std::string>();
    if (auto date = ParseDate(text)) {
      out.exdates.push_back({*date, {}});
    } else {
      out.exdates.push_back({reader.Take(ParseWrittenTime(text), field + ".exdates"), {}});
    }
  }
  return out;
}

}  // namespace

Result<MaintenanceSchedule> ScheduleFromJson(const json& spec) {
  SpecReader reader;
  MaintenanceSchedule out;
  out.name.name = "test";
  out.origin = {.file = "upgrades/test.yaml", .document = 0, .mark = {1, 1}};
  out.time_zone.value = spec.value("timeZone", "UTC");
  auto read = [&](const char* key, std::vector<WindowItem>& items) {
    for (const json& item : spec.value(key, json::array())) {
      items.push_back(ItemFrom(item, fmt::format("spec.{}[{}]", key, items.size()), reader));
    }
  };
  read("maintenanceWindows", out.windows);
  read("maintenanceExclusions", out.exclusions);
  if (reader.error) return std::unexpected(*reader.error);
  return out;
}

MaintenanceSchedule ScheduleFromText(const std::string& spec) {
  auto schedule = ScheduleFromJson(json::parse(spec));
  if (schedule) return std::move(*schedule);
  ADD_FAILURE() << schedule.error().message << " in " << spec;
  return {};
}

ScheduleCalendar CalendarFromText(const std::string& spec) {
  Diagnostics findings;
  auto calendar = ScheduleCalendar::Compile(ScheduleFromText(spec), findings);
  if (!calendar) {
    ADD_FAILURE() << FindingsText(findings) << " in " << spec;
    calendar = ScheduleCalendar::Compile(MaintenanceSchedule{}, findings);
  }
  return std::move(*calendar);
}

Instant At(const std::string& text) {
  auto instant = ParseInstant(text);
  EXPECT_TRUE(instant.has_value()) << text;
  return instant.value_or(Instant{});
}

CivilTime Civil(const std::string& text) {
  auto time = ParseWrittenTime(text);
  EXPECT_TRUE(time && std::holds_alternative<CivilTime>(*time)) << text;
  return time ? std::get<CivilTime>(*time) : CivilTime{};
}

std::string FindingsText(const Diagnostics& findings) {
  std::string out;
  for (const Diagnostic& finding : findings) {
    out += fmt::format("{}[{}]: {}\n", finding.severity == Severity::kError ? "error" : "warning",
                       finding.code, finding.message);
  }
  return out;
}

}  // namespace lockkeeper::testing
