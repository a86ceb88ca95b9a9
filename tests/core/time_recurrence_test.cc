#include <gtest/gtest.h>

#include <ctime>

#include "reconciler/core/time/recurrence.h"
#include "tests/core/time_testing.h"

namespace lockkeeper {
namespace {

using std::chrono::days;
using testing::Civil;

Recurrence Make(const std::string& text, const std::string& start) {
  auto rule = ParseRecurrenceRule(text);
  if (!rule) {
    ADD_FAILURE() << rule.error().message;
    return Recurrence::Once(Civil(start));
  }
  std::optional<CivilTime> until;
  if (rule->until) until = std::get<CivilTime>(*rule->until);
  return Recurrence{std::move(*rule), Civil(start), until};
}

/// The first starts at or after `from`, and `end` after the last one if there is no other.
std::vector<std::string> Starts(const Recurrence& recurrence, const std::string& from, size_t most) {
  std::vector<std::string> out;
  CivilTime at = Civil(from);
  while (out.size() < most) {
    auto next = recurrence.NextAtOrAfter(at);
    if (!next) {
      out.push_back("end");
      break;
    }
    out.push_back(FormatCivil(*next));
    at = *next + Seconds{1};
  }
  return out;
}

struct StartsRow {
  const char* name;
  const char* rule;
  const char* start;
  const char* from;
  std::vector<std::string> expected;
};

class RecurrenceStarts : public ::testing::TestWithParam<StartsRow> {};

TEST_P(RecurrenceStarts, Are) {
  const StartsRow& row = GetParam();
  const Recurrence recurrence = Make(row.rule, row.start);
  EXPECT_EQ(Starts(recurrence, row.from, row.expected.size()), row.expected) << row.rule;
}

// Most of these are the examples of RFC 5545 3.8.5.3, as far as SPEC 3 accepts them; all of them begin at 9
// o'clock.
const StartsRow kRfcRows[] = {
    {"daily_count",
     "FREQ=DAILY;COUNT=3",
     "1997-09-02T09:00:00",
     "1997-01-01T00:00:00",
     {"1997-09-02T09:00:00", "1997-09-03T09:00:00", "1997-09-04T09:00:00", "end"}},
    {"every_other_day",
     "FREQ=DAILY;INTERVAL=2",
     "1997-09-02T09:00:00",
     "1997-11-29T00:00:00",
     {"1997-11-29T09:00:00", "1997-12-01T09:00:00", "1997-12-03T09:00:00"}},
    {"every_day_in_january",
     "FREQ=DAILY;UNTIL=20000131T140000;BYMONTH=1",
     "1998-01-01T09:00:00",
     "1999-01-31T00:00:00",
     {"1999-01-31T09:00:00", "2000-01-01T09:00:00", "2000-01-02T09:00:00"}},
    {"weekly_until",
     "FREQ=WEEKLY;UNTIL=19971007T000000;WKST=SU;BYDAY=TU,TH",
     "1997-09-02T09:00:00",
     "1997-09-25T00:00:00",
     {"1997-09-25T09:00:00", "1997-09-30T09:00:00", "1997-10-02T09:00:00", "end"}},
    {"every_other_week",
     "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000;WKST=SU;BYDAY=MO,WE,FR",
     "1997-09-01T09:00:00",
     "1997-12-08T00:00:00",
     {"1997-12-08T09:00:00", "1997-12-10T09:00:00", "1997-12-12T09:00:00", "1997-12-22T09:00:00", "end"}},
    {"first_friday",
     "FREQ=MONTHLY;COUNT=10;BYDAY=1FR",
     "1997-09-05T09:00:00",
     "1998-04-01T00:00:00",
     {"1998-04-03T09:00:00", "1998-05-01T09:00:00", "1998-06-05T09:00:00", "end"}},
    {"first_and_last_sunday",
     "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
     "1997-09-07T09:00:00",
     "1998-01-01T00:00:00",
     {"1998-01-04T09:00:00", "1998-01-25T09:00:00", "1998-03-01T09:00:00", "1998-03-29T09:00:00",
      "1998-05-03T09:00:00", "1998-05-31T09:00:00", "end"}},
    {"third_to_last_day",
     "FREQ=MONTHLY;BYMONTHDAY=-3",
     "1997-09-28T09:00:00",
     "1998-02-01T00:00:00",
     {"1998-02-26T09:00:00"}},
    {"every_18_months",
     "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15",
     "1997-09-10T09:00:00",
     "1997-09-15T00:00:00",
     {"1997-09-15T09:00:00", "1999-03-10T09:00:00", "1999-03-11T09:00:00", "1999-03-12T09:00:00",
      "1999-03-13T09:00:00", "end"}},
    {"june_and_july",
     "FREQ=YEARLY;COUNT=10;BYMONTH=6,7",
     "1997-06-10T09:00:00",
     "2001-01-01T00:00:00",
     {"2001-06-10T09:00:00", "2001-07-10T09:00:00", "end"}},
    {"every_third_year",
     "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200",
     "1997-01-01T09:00:00",
     "2003-01-01T00:00:00",
     {"2003-01-01T09:00:00", "2003-04-10T09:00:00", "2003-07-19T09:00:00", "2006-01-01T09:00:00", "end"}},
    {"twentieth_monday",
     "FREQ=YEARLY;BYDAY=20MO",
     "1997-05-19T09:00:00",
     "1998-01-01T00:00:00",
     {"1998-05-18T09:00:00", "1999-05-17T09:00:00"}},
    {"monday_of_week_20",
     "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
     "1997-05-12T09:00:00",
     "1997-01-01T00:00:00",
     {"1997-05-12T09:00:00", "1998-05-11T09:00:00", "1999-05-17T09:00:00"}},
    {"thursdays_in_march",
     "FREQ=YEARLY;BYMONTH=3;BYDAY=TH",
     "1997-03-13T09:00:00",
     "1997-03-21T00:00:00",
     {"1997-03-27T09:00:00", "1998-03-05T09:00:00"}},
    {"friday_13th",
     "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
     "1997-09-02T09:00:00",
     "1997-09-02T00:00:00",
     {"1998-02-13T09:00:00", "1998-03-13T09:00:00", "1998-11-13T09:00:00", "1999-08-13T09:00:00",
      "2000-10-13T09:00:00"}},
    {"saturday_after_first_sunday",
     "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
     "1997-09-13T09:00:00",
     "1997-10-01T00:00:00",
     {"1997-10-11T09:00:00", "1997-11-08T09:00:00"}},
    {"election_day",
     "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
     "1996-11-05T09:00:00",
     "1997-01-01T00:00:00",
     {"2000-11-07T09:00:00", "2004-11-02T09:00:00"}},
    {"third_of_tu_we_th",
     "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3",
     "1997-09-04T09:00:00",
     "1997-01-01T00:00:00",
     {"1997-09-04T09:00:00", "1997-10-07T09:00:00", "1997-11-06T09:00:00", "end"}},
    {"second_to_last_workday",
     "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
     "1997-09-29T09:00:00",
     "1997-12-01T00:00:00",
     {"1997-12-30T09:00:00", "1998-01-29T09:00:00"}},
    {"week_begins_monday",
     "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
     "1997-08-05T09:00:00",
     "1997-08-05T00:00:00",
     {"1997-08-05T09:00:00", "1997-08-10T09:00:00", "1997-08-19T09:00:00", "1997-08-24T09:00:00", "end"}},
    {"week_begins_sunday",
     "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
     "1997-08-05T09:00:00",
     "1997-08-05T00:00:00",
     {"1997-08-05T09:00:00", "1997-08-17T09:00:00", "1997-08-19T09:00:00", "1997-08-31T09:00:00", "end"}},
    {"february_30_is_skipped",
     "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5",
     "2007-01-15T09:00:00",
     "2007-01-31T00:00:00",
     {"2007-02-15T09:00:00", "2007-03-15T09:00:00", "2007-03-30T09:00:00", "end"}},
};

const StartsRow kFarRows[] = {
    {"leap_day", "FREQ=YEARLY", "2096-02-29T01:00:00", "2096-03-01T00:00:00", {"2104-02-29T01:00:00"}},
    {"leap_day_every_third_year",
     "FREQ=YEARLY;INTERVAL=3",
     "2020-02-29T00:00:00",
     "2020-03-01T00:00:00",
     {"2032-02-29T00:00:00"}},
    {"leap_day_on_sunday",
     "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU",
     "2080-03-01T00:00:00",
     "2089-01-01T00:00:00",
     {"2128-02-29T00:00:00", "2156-02-29T00:00:00"}},
    {"never_sixth_monday", "FREQ=MONTHLY;BYDAY=6MO", "2024-01-30T00:00:00", "2024-01-01T00:00:00", {"end"}},
    {"never_odd_leap_years",
     "FREQ=YEARLY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=29",
     "2023-01-01T00:00:00",
     "2023-01-01T00:00:00",
     {"end"}},
    {"never_other_weekday",
     "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
     "2024-01-01T00:00:00",
     "2024-01-01T00:00:00",
     {"end"}},
    {"never_position_past_the_day",
     "FREQ=DAILY;BYHOUR=1,2;BYSETPOS=3",
     "2024-01-01T00:00:00",
     "2024-01-01T00:00:00",
     {"end"}},
    {"never_position_past_the_week",
     "FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=3",
     "2024-01-01T00:00:00",
     "2024-01-01T00:00:00",
     {"end"}},
    {"never_position_past_the_month",
     "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6",
     "2024-01-01T00:00:00",
     "2024-01-01T00:00:00",
     {"end"}},
    {"interval_of_days",
     "FREQ=DAILY;INTERVAL=1000000",
     "2024-01-01T00:00:00",
     "2024-01-02T00:00:00",
     {"4761-11-28T00:00:00", "7499-10-25T00:00:00"}},
    {"interval_past_the_end",
     "FREQ=DAILY;INTERVAL=4000000000000000000000",
     "2024-01-01T00:00:00",
     "2024-01-01T00:00:00",
     {"2024-01-01T00:00:00", "end"}},
    {"interval_of_weeks",
     "FREQ=WEEKLY;INTERVAL=100000",
     "2024-01-01T00:00:00",
     "2024-01-02T00:00:00",
     {"3940-07-15T00:00:00"}},
    {"interval_of_months",
     "FREQ=MONTHLY;INTERVAL=1201",
     "2024-01-31T00:00:00",
     "2024-02-01T00:00:00",
     {"2224-03-31T00:00:00"}},
    {"interval_of_years",
     "FREQ=YEARLY;INTERVAL=7000",
     "2024-02-29T00:00:00",
     "2024-03-01T00:00:00",
     {"9024-02-29T00:00:00", "end"}},
    {"week_53",
     "FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO,SU",
     "2020-01-01T00:00:00",
     "2020-01-01T00:00:00",
     {"2020-12-28T00:00:00", "2021-01-03T00:00:00", "2026-12-28T00:00:00", "2027-01-03T00:00:00"}},
    {"week_1_begins_last_year",
     "FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO",
     "2024-02-01T00:00:00",
     "2024-02-01T00:00:00",
     {"2024-12-30T00:00:00", "2025-12-29T00:00:00", "2027-01-04T00:00:00"}},
    {"last_week",
     "FREQ=YEARLY;BYWEEKNO=-1;BYDAY=SU",
     "2020-01-01T00:00:00",
     "2020-06-01T00:00:00",
     {"2021-01-03T00:00:00", "2022-01-02T00:00:00", "2023-01-01T00:00:00", "2023-12-31T00:00:00"}},
    {"week_minus_53_is_rare",
     "FREQ=YEARLY;BYWEEKNO=-53;BYDAY=TH",
     "2019-06-01T00:00:00",
     "2019-06-01T00:00:00",
     {"2020-01-02T00:00:00", "2026-01-01T00:00:00"}},
    {"weeks_from_sunday",
     "FREQ=YEARLY;BYWEEKNO=1;BYDAY=SU;WKST=SU",
     "2023-06-01T00:00:00",
     "2023-06-01T00:00:00",
     {"2023-12-31T00:00:00", "2024-12-29T00:00:00", "2026-01-04T00:00:00"}},
    {"before_1970",
     "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO",
     "1905-03-06T22:00:00",
     "1905-03-07T00:00:00",
     {"1905-03-20T22:00:00"}},
    {"before_1970_asked_later",
     "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO",
     "1905-03-06T22:00:00",
     "2026-03-20T00:00:00",
     {"2026-03-23T22:00:00"}},
    {"the_year_1",
     "FREQ=MONTHLY",
     "0001-01-31T00:00:00",
     "0001-01-01T00:00:00",
     {"0001-01-31T00:00:00", "0001-03-31T00:00:00"}},
    {"the_year_9999",
     "FREQ=DAILY;BYMONTHDAY=-1",
     "2024-01-01T12:00:00",
     "9999-12-01T00:00:00",
     {"9999-12-31T12:00:00"}},
    {"until_is_inclusive",
     "FREQ=DAILY;UNTIL=20240103T120000",
     "2024-01-01T12:00:00",
     "2024-01-02T00:00:00",
     {"2024-01-02T12:00:00", "2024-01-03T12:00:00", "end"}},
    {"until_a_second_early",
     "FREQ=DAILY;UNTIL=20240103T115959",
     "2024-01-01T12:00:00",
     "2024-01-02T00:00:00",
     {"2024-01-02T12:00:00", "end"}},
    {"until_before_the_start",
     "FREQ=DAILY;UNTIL=20230101T000000",
     "2024-01-01T12:00:00",
     "2024-01-01T00:00:00",
     {"end"}},
    {"count_10000_days",
     "FREQ=DAILY;COUNT=10000",
     "2000-01-01T00:00:00",
     "2027-05-17T00:00:00",
     {"2027-05-17T00:00:00", "2027-05-18T00:00:00", "end"}},
    {"count_10000_times",
     "FREQ=DAILY;BYHOUR=1,2,3;COUNT=10000",
     "2000-01-01T02:00:00",
     "2009-02-15T00:00:00",
     {"2009-02-15T01:00:00", "2009-02-15T02:00:00", "end"}},
    {"count_10000_picked",
     "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1;COUNT=10000",
     "2000-01-01T00:00:00",
     "2833-04-01T00:00:00",
     {"2833-04-26T00:00:00", "end"}},
    {"count_past_the_end",
     "FREQ=YEARLY;COUNT=10000",
     "2000-01-01T00:00:00",
     "9999-01-01T00:00:00",
     {"9999-01-01T00:00:00", "10000-01-01T00:00:00", "end"}},
    {"second_60_is_59",
     "FREQ=DAILY;BYSECOND=0,59,60",
     "2024-01-01T00:00:00",
     "2024-01-01T00:00:00",
     {"2024-01-01T00:00:00", "2024-01-01T00:00:59", "2024-01-02T00:00:00"}},
};

INSTANTIATE_TEST_SUITE_P(Rfc5545, RecurrenceStarts, ::testing::ValuesIn(kRfcRows),
                         [](const auto& row) { return std::string{row.param.name}; });
INSTANTIATE_TEST_SUITE_P(Far, RecurrenceStarts, ::testing::ValuesIn(kFarRows),
                         [](const auto& row) { return std::string{row.param.name}; });

/// Rules that make a careless engine walk for ever, and all ways to ask.
TEST(RecurrenceCost, EveryQuestionEndsSoon) {
  for (const char* text : {"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
                           "FREQ=DAILY;INTERVAL=25;BYMONTH=2;BYMONTHDAY=29",
                           "FREQ=DAILY;INTERVAL=2;BYMONTH=12;BYMONTHDAY=31;BYDAY=MO;COUNT=10000",
                           "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2",
                           "FREQ=WEEKLY;INTERVAL=2;BYMONTH=2;BYDAY=MO,TU;BYSETPOS=2;COUNT=10000",
                           "FREQ=MONTHLY;INTERVAL=11;BYDAY=5FR;BYMONTHDAY=31",
                           "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=-366",
                           "FREQ=YEARLY;BYDAY=53MO;BYSETPOS=2;COUNT=10000", "FREQ=DAILY;INTERVAL=3999999",
                           "FREQ=YEARLY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=29"}) {
    SCOPED_TRACE(text);
    constexpr int kRounds = 5;
    const std::clock_t begin = std::clock();
    for (int i = 0; i < kRounds; ++i) {
      const Recurrence recurrence = Make(text, "2023-01-02T00:00:00");
      recurrence.NextAtOrAfter(Civil("2023-01-03T00:00:00"));
      recurrence.NextAtOrAfter(Civil("9990-01-01T00:00:00"));
      recurrence.LastAtOrBefore(Civil("9999-12-31T00:00:00"));
      recurrence.LastAtOrBefore(Civil("2023-01-05T00:00:00"));
      recurrence.GapsAtMost(days{400});
    }
    const double ms = 1000.0 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC / kRounds;
    // Ten times what the slowest takes here, for slower machines and sanitizers.
    EXPECT_LT(ms, 100) << "for all of its questions";
  }
}

}  // namespace
}  // namespace lockkeeper
