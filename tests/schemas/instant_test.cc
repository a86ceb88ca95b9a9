#include "schemas/instant.h"

#include <gtest/gtest.h>

namespace lockkeeper {
namespace {

TEST(Instant, ReadsOffsetsAndWritesUtc) {
  EXPECT_EQ(FormatInstant(*ParseInstant("2021-03-10T07:00:00Z")), "2021-03-10T07:00:00Z");
  EXPECT_EQ(FormatInstant(*ParseInstant("2021-03-10T07:00:00.000+05:30")), "2021-03-10T01:30:00Z");
  EXPECT_EQ(FormatInstant(*ParseInstant("1912-02-29T23:59:59-11:00")), "1912-03-01T10:59:59Z");
}

TEST(Instant, RefusesWhatIsNoInstant) {
  for (const char* text :
       {"", "2021-03-10", "2021-03-10T", "2021-03-10T07:00Z", "2021-02-29T00:00:00Z", "2021-03-10T24:00:00Z",
        "2021-03-10T23:59:60Z", "2021-03-10T07:00:00.5Z", "2021-03-10T07:00:00", "2021-03-10T07:00:00+1:00",
        "2021-03-10T07:00:00Zx", "0000-01-01T00:00:00Z", "tomorrow", "2021-03-10T07:00:00+24:00"}) {
    EXPECT_FALSE(ParseInstant(text).has_value()) << text;
  }
}

TEST(Instant, HoldsToTheYears1To9999InUtc) {
  for (const char* text : {"0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1969-12-31T23:59:59Z"}) {
    EXPECT_EQ(FormatInstant(ParseInstant(text).value()), text);
  }
  EXPECT_FALSE(ParseInstant("0001-01-01T00:00:00+00:01").has_value());
  EXPECT_FALSE(ParseInstant("9999-12-31T23:59:59-00:01").has_value());
  EXPECT_TRUE(IsWritable(ParseInstant("0001-01-01T00:00:00Z").value()));
  EXPECT_FALSE(IsWritable(Instant::max()));
  EXPECT_FALSE(IsWritable(Instant::min()));
}

TEST(Instant, WithoutAnOffsetIsWallClock) {
  auto time = ParseWrittenTime("2021-03-10T07:00:00");
  ASSERT_TRUE(time.has_value());
  EXPECT_EQ(FormatCivil(std::get<CivilTime>(*time)), "2021-03-10T07:00:00");
}

struct DurationRow {
  const char* text;
  int64_t seconds;
  const char* shortest;
};

TEST(Duration, RoundTrips) {
  for (auto row : {DurationRow{"90s", 90, "1m30s"}, DurationRow{"45m", 2700, "45m"},
                   DurationRow{"7d", 604800, "1w"}, DurationRow{"2w", 1209600, "2w"},
                   DurationRow{"1d12h", 129600, "1d12h"}, DurationRow{"10d", 864000, "10d"}}) {
    auto duration = ParseDuration(row.text);
    ASSERT_TRUE(duration.has_value()) << row.text;
    EXPECT_EQ(duration->count(), row.seconds);
    EXPECT_EQ(FormatDuration(*duration), row.shortest);
    EXPECT_EQ(*ParseDuration(FormatDuration(*duration)), *duration);
  }
}

TEST(Duration, RefusesWhatIsNone) {
  for (const char* text :
       {"", "0s", "5", "h", "-1h", "1.5h", "12h1d", "1h1h", "1y", "99999999999999h", "1h "}) {
    EXPECT_FALSE(ParseDuration(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace lockkeeper
