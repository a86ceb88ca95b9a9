#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconciler/core/time/zone.h"
#include "tests/core/time_testing.h"

namespace lockkeeper {
namespace {

using testing::At;
using testing::Civil;

struct MappingRow {
  const char* zone;
  const char* wall;
  const char* start;
  const char* end;
};

class ZoneMapping : public ::testing::TestWithParam<MappingRow> {};

TEST_P(ZoneMapping, OfStartsAndEnds) {
  auto zone = Zone::Load(GetParam().zone);
  ASSERT_TRUE(zone.has_value());
  EXPECT_EQ(FormatInstant(zone->Start(Civil(GetParam().wall))), GetParam().start);
  EXPECT_EQ(FormatInstant(zone->End(Civil(GetParam().wall))), GetParam().end);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, ZoneMapping,
    ::testing::Values(
        MappingRow{"UTC", "2024-03-31T02:30:00", "2024-03-31T02:30:00Z", "2024-03-31T02:30:00Z"},
        // The clock goes from 02:00 to 03:00 at 01:00Z: everything between is the first instant after.
        MappingRow{"Europe/Stockholm", "2024-03-31T01:59:59", "2024-03-31T00:59:59Z", "2024-03-31T00:59:59Z"},
        MappingRow{"Europe/Stockholm", "2024-03-31T02:00:00", "2024-03-31T01:00:00Z", "2024-03-31T01:00:00Z"},
        MappingRow{"Europe/Stockholm", "2024-03-31T02:59:59", "2024-03-31T01:00:00Z", "2024-03-31T01:00:00Z"},
        MappingRow{"Europe/Stockholm", "2024-03-31T03:00:00", "2024-03-31T01:00:00Z", "2024-03-31T01:00:00Z"},
        // And back from 03:00 to 02:00 at 01:00Z: a start is the first of the two, an end the last.
        MappingRow{"Europe/Stockholm", "2024-10-27T02:00:00", "2024-10-27T00:00:00Z", "2024-10-27T01:00:00Z"},
        MappingRow{"Europe/Stockholm", "2024-10-27T02:59:59", "2024-10-27T00:59:59Z", "2024-10-27T01:59:59Z"},
        MappingRow{"Europe/Stockholm", "2024-10-27T03:00:00", "2024-10-27T02:00:00Z", "2024-10-27T02:00:00Z"},
        MappingRow{"Europe/Stockholm", "2060-03-28T02:30:00", "2060-03-28T01:00:00Z", "2060-03-28T01:00:00Z"},
        MappingRow{"Europe/Dublin", "2023-10-29T01:30:00", "2023-10-29T00:30:00Z", "2023-10-29T01:30:00Z"},
        MappingRow{"Australia/Lord_Howe", "2024-10-06T02:15:00", "2024-10-05T15:30:00Z",
                   "2024-10-05T15:30:00Z"},
        MappingRow{"Australia/Lord_Howe", "2024-04-07T01:45:00", "2024-04-06T14:45:00Z",
                   "2024-04-06T15:15:00Z"},
        MappingRow{"America/Santiago", "2024-09-08T00:30:00", "2024-09-08T04:00:00Z", "2024-09-08T04:00:00Z"},
        MappingRow{"America/Santiago", "2024-04-06T23:00:00", "2024-04-07T02:00:00Z", "2024-04-07T03:00:00Z"},
        MappingRow{"Pacific/Apia", "2011-12-30T12:00:00", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z"},
        MappingRow{"Asia/Kolkata", "1969-12-31T23:59:59", "1969-12-31T18:29:59Z", "1969-12-31T18:29:59Z"}));

/// LastStart and LastEnd undo Start and End around every change.
TEST(Zone, LastStartAndLastEndAreInverse) {
  for (const char* name :
       {"Europe/Stockholm", "Australia/Lord_Howe", "America/Santiago", "Pacific/Apia", "Asia/Gaza"}) {
    SCOPED_TRACE(name);
    auto zone = Zone::Load(name);
    ASSERT_TRUE(zone.has_value());
    for (const char* around :
         {"2024-03-31T01:00:00Z", "2024-10-27T01:00:00Z", "2024-10-05T15:30:00Z", "2024-04-06T15:00:00Z",
          "2024-09-08T04:00:00Z", "2024-04-07T03:00:00Z", "2011-12-30T10:00:00Z"}) {
      for (int64_t offset = -5'400; offset <= 5'400; offset += 300) {
        for (int64_t second : {-1, 0, 1}) {
          const Instant at = At(around) + Seconds{offset + second};
          SCOPED_TRACE(FormatInstant(at));
          const CivilTime started = zone->LastStart(at);
          ASSERT_LE(zone->Start(started), at);
          ASSERT_GT(zone->Start(started + Seconds{1}), at);
          const CivilTime ended = zone->LastEnd(at);
          ASSERT_LE(zone->End(ended), at);
          ASSERT_GT(zone->End(ended + Seconds{1}), at);
        }
      }
    }
  }
}

TEST(Zone, RefusesWhatIsNoNameOfTheDatabase) {
  for (const char* name : {"",
                           "Europe",
                           "Europe/",
                           "/Europe/Berlin",
                           "Europe//Berlin",
                           "Europe/Berln",
                           "europe/berlin",
                           "../../etc/passwd",
                           "/etc/passwd",
                           "/etc/localtime",
                           "/usr/share/zoneinfo/Europe/Berlin",
                           "localtime",
                           "posixrules",
                           "posix/Europe/Berlin",
                           "right/Europe/Berlin",
                           "leapseconds",
                           "zone.tab",
                           "tzdata.zi",
                           "Fixed/UTC+01:00:00",
                           "UTC+1",
                           "UTC0",
                           "CET-1CEST",
                           "file:Europe/Berlin",
                           ":UTC",
                           "Factory",
                           "Europe/Berlin ",
                           " UTC",
                           "Europe/../Europe/Berlin",
                           "+02:00"}) {
    EXPECT_FALSE(IsKnownZone(name)) << name;
    auto zone = Zone::Load(name);
    ASSERT_FALSE(zone.has_value()) << name;
    EXPECT_THAT(zone.error().message, ::testing::HasSubstr("unknown time zone '"));
  }
  EXPECT_FALSE(IsKnownZone(std::string(1'000'000, 'A')));
  EXPECT_FALSE(IsKnownZone(std::string("UTC\0x", 5)));
}

TEST(Zone, KnowsTheNamesOfTheDatabase) {
  for (const char* name :
       {"UTC", "Etc/UTC", "Etc/GMT+5", "GMT+0", "EST5EDT", "America/Port-au-Prince", "Africa/Dar_es_Salaam",
        "America/Argentina/Buenos_Aires", "Antarctica/DumontDUrville", "W-SU", "NZ-CHAT"}) {
    EXPECT_TRUE(IsKnownZone(name)) << name;
  }
}

TEST(Zone, FormatsForPeople) {
  EXPECT_EQ(FormatInZone(At("2021-03-11T07:00:00Z"), "Europe/Stockholm"), "2021-03-11 08:00 CET");
  EXPECT_EQ(FormatInZone(At("2021-07-11T07:00:30Z"), "Europe/Stockholm"), "2021-07-11 09:00:30 CEST");
  EXPECT_EQ(FormatInZone(At("2021-03-11T07:00:00Z"), "Europe/Nowhere"), "2021-03-11 07:00 UTC");
  EXPECT_EQ(FormatInZone(Instant::max(), "UTC"), "never");
}

TEST(Zone, TheDatabaseHasAVersion) {
  EXPECT_THAT(ZoneDatabaseVersion(), ::testing::MatchesRegex("20[0-9][0-9][a-z]+"));
}

}  // namespace
}  // namespace lockkeeper
