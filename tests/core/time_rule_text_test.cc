#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconciler/core/time/recurrence_rule.h"

namespace lockkeeper {
namespace {

using ::testing::HasSubstr;

TEST(RuleText, ReadsEveryPart) {
  auto rule = ParseRecurrenceRule(
      "FREQ=MONTHLY;INTERVAL=2;COUNT=10;WKST=SU;BYMONTH=12,1;BYMONTHDAY=-1,+3,31;"
      "BYDAY=+2TU,-1FR,MO;BYHOUR=22,0;BYMINUTE=30;BYSECOND=05;BYSETPOS=-1,1");
  ASSERT_TRUE(rule.has_value()) << rule.error().message;
  EXPECT_EQ(rule->frequency, Frequency::kMonthly);
  EXPECT_EQ(rule->interval, 2);
  EXPECT_EQ(rule->count, 10);
  EXPECT_EQ(rule->week_start, 0);
  EXPECT_EQ(rule->months, (std::vector{1, 12}));
  EXPECT_EQ(rule->month_days, (std::vector{-1, 3, 31}));
  EXPECT_EQ(rule->days, (std::vector<RuleDay>{{0, 1}, {2, 2}, {-1, 5}}));
  EXPECT_EQ(rule->hours, (std::vector{0, 22}));
  EXPECT_EQ(rule->minutes, std::vector{30});
  EXPECT_EQ(rule->seconds, std::vector{5});
  EXPECT_EQ(rule->positions, (std::vector{-1, 1}));
}

TEST(RuleText, CaseOrderAndPrefixDoNotMatter) {
  auto plain = ParseRecurrenceRule("FREQ=WEEKLY;UNTIL=20250101T000000Z;BYDAY=MO,TU");
  ASSERT_TRUE(plain.has_value());
  for (const char* text : {"rrule:freq=weekly;until=20250101t000000z;byday=mo,tu",
                           "RRULE:BYDAY=TU,MO;UNTIL=20250101T000000Z;FREQ=WEEKLY",
                           "Freq=Weekly;ByDay=Mo,Tu;Until=20250101T000000Z;WKST=MO;INTERVAL=0001"}) {
    auto rule = ParseRecurrenceRule(text);
    ASSERT_TRUE(rule.has_value()) << rule.error().message;
    EXPECT_EQ(*rule, *plain) << text;
  }
}

TEST(RuleText, UntilIsAnInstantOrWallClock) {
  auto instant = ParseRecurrenceRule("FREQ=DAILY;UNTIL=20240229T235959Z");
  ASSERT_TRUE(instant.has_value());
  EXPECT_EQ(FormatInstant(std::get<Instant>(*instant->until)), "2024-02-29T23:59:59Z");
  auto civil = ParseRecurrenceRule("FREQ=DAILY;UNTIL=20240229T235959");
  ASSERT_TRUE(civil.has_value());
  EXPECT_EQ(FormatCivil(std::get<CivilTime>(*civil->until)), "2024-02-29T23:59:59");
}

TEST(RuleText, AcceptsWhatRfc5545Allows) {
  for (const char* text :
       {"FREQ=DAILY;INTERVAL=99999999999999999999", "FREQ=DAILY;COUNT=10000", "FREQ=DAILY;BYSECOND=60",
        "FREQ=MONTHLY;BYDAY=-53MO", "FREQ=YEARLY;BYDAY=53SU,-53SU", "FREQ=YEARLY;BYYEARDAY=366,-366",
        "FREQ=YEARLY;BYWEEKNO=53,-53;BYDAY=MO", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYMONTHDAY=31,-31", "FREQ=YEARLY;BYYEARDAY=100;BYMONTH=4;BYMONTHDAY=10;BYDAY=MO",
        "FREQ=WEEKLY;BYMONTH=1;BYSETPOS=1", "FREQ=DAILY;BYHOUR=1,2;BYSETPOS=366",
        "FREQ=MONTHLY;BYMONTHDAY=1;BYDAY=1MO"}) {
    auto rule = ParseRecurrenceRule(text);
    EXPECT_TRUE(rule.has_value()) << rule.error().message;
  }
}

struct RefusedRow {
  const char* text;
  const char* says;
};

class RefusedRule : public ::testing::TestWithParam<RefusedRow> {};

TEST_P(RefusedRule, SaysWhatToWrite) {
  auto rule = ParseRecurrenceRule(GetParam().text);
  ASSERT_FALSE(rule.has_value()) << GetParam().text;
  EXPECT_EQ(rule.error().kind, ErrorKind::kInvalid);
  EXPECT_THAT(rule.error().message, HasSubstr(GetParam().says)) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Rows, RefusedRule,
    ::testing::Values(
        RefusedRow{"", "FREQ is missing"}, RefusedRow{"RRULE:", "empty part"},
        RefusedRow{"DAILY", "'DAILY' has no value"}, RefusedRow{"INTERVAL=2", "FREQ is missing"},
        RefusedRow{"FREQ=FORTNIGHTLY", "FREQ=FORTNIGHTLY is not known"},
        RefusedRow{"FREQ=HOURLY;INTERVAL=6", "write the times of day instead"},
        RefusedRow{"FREQ=MINUTELY", "FREQ=MINUTELY is not supported"},
        RefusedRow{"FREQ=SECONDLY", "BYHOUR=0,6,12,18"}, RefusedRow{"FREQ=DAILY;", "empty part"},
        RefusedRow{"FREQ=DAILY;;COUNT=1", "empty part"}, RefusedRow{"FREQ=", "'FREQ=' has no value"},
        RefusedRow{"FREQ=DAILY;COUNT", "'COUNT' has no value"},
        RefusedRow{"FREQ=DAILY;FREQ=DAILY", "FREQ is there twice"},
        RefusedRow{"FREQ=DAILY;BYHOUR=1;BYHOUR=2", "BYHOUR is there twice"},
        RefusedRow{"FREQ=DAILY;BYHOUR=1,1", "BYHOUR: 1 is there twice"},
        RefusedRow{"FREQ=WEEKLY;BYDAY=MO,MO", "BYDAY: 'MO' is there twice"},
        RefusedRow{"FREQ=DAILY;X-FOO=1", "'X-FOO' is not a part"},
        RefusedRow{"FREQ=DAILY;BYEASTER=0", "'BYEASTER'"},
        RefusedRow{"FREQ=DAILY; COUNT=2", "' COUNT' is not a part"},
        RefusedRow{"RSCALE=GREGORIAN;FREQ=YEARLY", "RSCALE (RFC 7529) is not supported"},
        RefusedRow{"FREQ=MONTHLY;SKIP=FORWARD", "SKIP (RFC 7529)"},
        RefusedRow{"FREQ=DAILY;INTERVAL=0", "INTERVAL=0"},
        RefusedRow{"FREQ=DAILY;INTERVAL=-1", "INTERVAL=-1"},
        RefusedRow{"FREQ=DAILY;INTERVAL=1.5", "INTERVAL=1.5"},
        RefusedRow{"FREQ=DAILY;INTERVAL=+2", "INTERVAL=+2"}, RefusedRow{"FREQ=DAILY;COUNT=0", "COUNT=0"},
        RefusedRow{"FREQ=DAILY;COUNT=10001", "more than 10000; write UNTIL"},
        RefusedRow{"FREQ=DAILY;COUNT=99999999999999999999", "more than 10000"},
        RefusedRow{"FREQ=DAILY;COUNT=2;UNTIL=20250101T000000Z", "COUNT and UNTIL exclude each other"},
        RefusedRow{"FREQ=DAILY;UNTIL=20250101", "UNTIL=20250101T235959Z"},
        RefusedRow{"FREQ=DAILY;UNTIL=tomorrow", "UNTIL=TOMORROW is not a time that exists"},
        RefusedRow{"FREQ=DAILY;UNTIL=20250230T000000Z", "UNTIL=20250230T000000Z"},
        RefusedRow{"FREQ=DAILY;UNTIL=20250101T240000Z", "not a time that exists"},
        RefusedRow{"FREQ=DAILY;UNTIL=2025-01-01T00:00:00Z", "write it as 20251231T235959"},
        RefusedRow{"FREQ=DAILY;BYHOUR=24", "BYHOUR: '24' is not a number from 0 to 23"},
        RefusedRow{"FREQ=DAILY;BYHOUR=-1", "BYHOUR: '-1'"},
        RefusedRow{"FREQ=DAILY;BYHOUR=001", "BYHOUR: '001'"},
        RefusedRow{"FREQ=DAILY;BYHOUR=1,", "BYHOUR: '' is not a number"},
        RefusedRow{"FREQ=DAILY;BYMINUTE=60", "BYMINUTE: '60'"},
        RefusedRow{"FREQ=DAILY;BYSECOND=61", "BYSECOND: '61'"},
        RefusedRow{"FREQ=YEARLY;BYMONTH=0", "BYMONTH: '0'"},
        RefusedRow{"FREQ=YEARLY;BYMONTH=13", "BYMONTH: '13'"},
        RefusedRow{"FREQ=YEARLY;BYMONTH=-1", "BYMONTH: '-1'"},
        RefusedRow{"FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY: '0'"},
        RefusedRow{"FREQ=MONTHLY;BYMONTHDAY=-32", "BYMONTHDAY: '-32'"},
        RefusedRow{"FREQ=YEARLY;BYYEARDAY=367", "BYYEARDAY: '367'"},
        RefusedRow{"FREQ=YEARLY;BYYEARDAY=0", "BYYEARDAY: '0'"},
        RefusedRow{"FREQ=YEARLY;BYWEEKNO=54;BYDAY=MO", "BYWEEKNO: '54'"},
        RefusedRow{"FREQ=YEARLY;BYDAY=54MO", "BYDAY: the number in '54MO'"},
        RefusedRow{"FREQ=YEARLY;BYDAY=0MO", "BYDAY: the number in '0MO'"},
        RefusedRow{"FREQ=WEEKLY;BYDAY=XX", "BYDAY: 'XX' is not a day"},
        RefusedRow{"FREQ=WEEKLY;BYDAY=M", "BYDAY: 'M'"},
        RefusedRow{"FREQ=WEEKLY;BYDAY=MONDAY", "BYDAY: 'MONDAY'"},
        RefusedRow{"FREQ=WEEKLY;WKST=2MO", "WKST=2MO"},
        RefusedRow{"FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0", "BYSETPOS: '0'"},
        RefusedRow{"FREQ=MONTHLY;BYDAY=MO;BYSETPOS=367", "BYSETPOS: '367'"},
        RefusedRow{"FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS picks"},
        RefusedRow{"FREQ=DAILY;WKST=SU;BYSETPOS=1", "BYSETPOS picks"},
        RefusedRow{"FREQ=DAILY;BYDAY=2MO", "FREQ=MONTHLY and FREQ=YEARLY only"},
        RefusedRow{"FREQ=WEEKLY;BYDAY=-1FR", "FREQ=MONTHLY and FREQ=YEARLY only"},
        RefusedRow{"FREQ=WEEKLY;BYMONTHDAY=3", "BYMONTHDAY is not allowed with FREQ=WEEKLY"},
        RefusedRow{"FREQ=DAILY;BYYEARDAY=3", "BYYEARDAY is allowed with FREQ=YEARLY only"},
        RefusedRow{"FREQ=MONTHLY;BYYEARDAY=3", "BYYEARDAY is allowed with FREQ=YEARLY only"},
        RefusedRow{"FREQ=MONTHLY;BYWEEKNO=3;BYDAY=MO", "BYWEEKNO is allowed with FREQ=YEARLY only"},
        RefusedRow{"FREQ=YEARLY;BYMONTHDAY=1", "add BYMONTH, or write FREQ=MONTHLY"},
        RefusedRow{"FREQ=YEARLY;BYYEARDAY=9;BYMONTHDAY=9", "add BYMONTH"},
        RefusedRow{"FREQ=YEARLY;BYWEEKNO=20", "add the days, such as BYDAY=MO"},
        RefusedRow{"FREQ=YEARLY;BYWEEKNO=3;BYDAY=1MO", "not allowed beside BYWEEKNO"},
        RefusedRow{"FREQ=YEARLY;INTERVAL=2;BYWEEKNO=20;BYDAY=MO", "BYWEEKNO with INTERVAL"},
        RefusedRow{"FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;BYSETPOS=1", "BYWEEKNO with BYSETPOS"},
        RefusedRow{"FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;BYMONTH=5", "BYWEEKNO with BYMONTH"},
        RefusedRow{"FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;BYMONTHDAY=5", "BYWEEKNO with BYMONTHDAY"},
        RefusedRow{"FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;BYYEARDAY=5", "BYWEEKNO with BYYEARDAY"}));

TEST(RuleText, EveryProblemIsTold) {
  auto rule = ParseRecurrenceRule("FREQ=DAILY;BYHOUR=24;BYMINUTE=99;FOO=1");
  ASSERT_FALSE(rule.has_value());
  for (const char* part : {"BYHOUR: '24'", "BYMINUTE: '99'", "'FOO'"})
    EXPECT_THAT(rule.error().message, HasSubstr(part));
}

TEST(RuleText, MessagesAreShortAndPrintableForAnyInput) {
  for (const std::string& text :
       {std::string(100'000, ';'), "FREQ=" + std::string(10'000, 'A'),
        std::string("FREQ=\x1b[31m\xff\x00", 11), "FREQ=DAILY;BYHOUR=" + std::string(16'000, ',')}) {
    auto rule = ParseRecurrenceRule(text);
    ASSERT_FALSE(rule.has_value());
    EXPECT_LT(rule.error().message.size(), 2'000U);
    for (char c : rule.error().message) EXPECT_TRUE(c >= 0x20 && c <= 0x7e);
  }
}

}  // namespace
}  // namespace lockkeeper
