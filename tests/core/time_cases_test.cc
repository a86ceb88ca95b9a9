// The cases of the shared folder, where it is there: computed by other programs under the same rules.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/core/time_testing.h"

namespace lockkeeper {
namespace {

using nlohmann::json;
using testing::At;
using testing::FindingsText;
using testing::ScheduleFromJson;

std::vector<json> ReadCases(const std::string& name) {
  std::vector<json> out;
  std::ifstream file{std::string{LK_SHARED} + "/cases/" + name};
  for (std::string line; std::getline(file, line);) out.push_back(json::parse(line));
  return out;
}

/// Nulls of the cases mean "not before the horizon".
json InstantBefore(std::optional<Instant> instant, Instant horizon) {
  if (!instant || *instant >= horizon) return nullptr;
  return FormatInstant(*instant);
}

json Intervals(const ScheduleCalendar& calendar, Instant from, Instant to) {
  json out = json::array();
  for (const Interval& interval : calendar.Intervals(from, to, kEveryScope)) {
    out.push_back({FormatInstant(interval.start), FormatInstant(interval.end)});
  }
  return out;
}

void CheckQuery(const ScheduleCalendar& calendar, const json& query, Instant horizon) {
  SCOPED_TRACE(query.dump());
  const Instant at = At(query["t"]);
  EXPECT_EQ(calendar.Open(at, kEveryScope), query["open"].get<bool>());
  auto around = calendar.Around(at, kEveryScope);
  ASSERT_EQ(around.has_value(), query["open"].get<bool>());
  const auto closes = around ? std::optional{around->interval.end} : std::nullopt;
  EXPECT_EQ(InstantBefore(closes, horizon), query["closes"]);
  EXPECT_EQ(InstantBefore(calendar.NextOpen(at, kEveryScope), horizon), query["nextOpen"]);
}

TEST(TimeCases, WindowsAreExact) {
  const auto cases = ReadCases("windows.jsonl");
  if (cases.empty()) GTEST_SKIP() << "no shared folder with cases beside the project";
  for (const json& row : cases) {
    SCOPED_TRACE(row["id"].get<std::string>());
    auto schedule = ScheduleFromJson(row["spec"]);
    ASSERT_TRUE(schedule.has_value()) << schedule.error().message;
    Diagnostics findings;
    auto calendar = ScheduleCalendar::Compile(*schedule, findings);
    ASSERT_TRUE(calendar.has_value()) << FindingsText(findings);
    EXPECT_EQ(Intervals(*calendar, At(row["from"]), At(row["to"])), row["open"]) << row["spec"];
    for (const json& query : row["queries"]) CheckQuery(*calendar, query, At(row["horizon"]));
    if (HasFailure()) FAIL() << row["spec"];
  }
}

TEST(TimeCases, InvalidSchedulesAreRefusedByName) {
  const auto cases = ReadCases("invalid.jsonl");
  if (cases.empty()) GTEST_SKIP() << "no shared folder with cases beside the project";
  for (const json& row : cases) {
    SCOPED_TRACE(row.dump());
    const std::string why = row["why"];
    const bool is_rule = why.find('=') != std::string::npos;
    std::string message;
    if (auto schedule = ScheduleFromJson(row["spec"])) {
      Diagnostics findings;
      EXPECT_FALSE(ScheduleCalendar::Compile(*schedule, findings).has_value());
      ASSERT_EQ(findings.size(), 1U);
      EXPECT_EQ(findings[0].severity, Severity::kError);
      message = findings[0].message;
    } else {
      message = schedule.error().message;
    }
    EXPECT_THAT(message, ::testing::StartsWith("spec."));
    EXPECT_THAT(message, ::testing::HasSubstr(is_rule ? ".recurrence: '" + why + "'" : why + ":"));
  }
}

}  // namespace
}  // namespace lockkeeper
