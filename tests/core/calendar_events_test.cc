// Calendars of a schedule: what events mean, what is refused, and what files of well-known programs say.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "schemas/calendar/decode_calendar.h"
#include "tests/core/time_testing.h"

namespace lockkeeper {
namespace {

using ::testing::AllOf;
using testing::At;
using testing::FindingsText;
using ::testing::HasSubstr;

constexpr const char* kPath = "calendars/c.ics";

std::string Wrapped(const std::string& components) {
  return "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:test\n" + components + "END:VCALENDAR\n";
}
std::string Event(const std::string& properties) { return "BEGIN:VEVENT\n" + properties + "END:VEVENT\n"; }

MaintenanceSchedule ScheduleOf(const std::string& zone, bool allows) {
  MaintenanceSchedule schedule;
  schedule.name.name = "test";
  schedule.origin = {.file = "upgrades/s.yaml", .document = 0, .mark = {1, 1}};
  schedule.time_zone.value = zone;
  schedule.calendars.push_back({.name = "cal", .path = {kPath, {7, 5}}, .allows = allows});
  return schedule;
}

std::optional<ScheduleCalendar> Compile(const std::string& text, Diagnostics& findings,
                                        const std::string& zone = "Europe/Stockholm", bool allows = true) {
  CalendarFiles files;
  files.emplace(kPath, DecodeCalendar(kPath, text));
  return ScheduleCalendar::Compile(ScheduleOf(zone, allows), files, findings);
}

/// What opens in [from, to), an interval a line: `2026-03-02T08:00:00Z/2026-03-02T09:30:00Z cal: summary`.
std::string Opens(const ScheduleCalendar& calendar, const std::string& from, const std::string& to) {
  std::string out;
  for (const Interval& interval : calendar.Intervals(At(from), At(to), kEveryScope)) {
    out += fmt::format("{}/{} {}\n", FormatInstant(interval.start), FormatInstant(interval.end),
                       calendar.WindowAt(interval.start).value_or("-"));
  }
  return out;
}

struct EventRow {
  const char* name;
  const char* components;
  const char* from;
  const char* to;
  const char* open;
};
void PrintTo(const EventRow& row, std::ostream* out) { *out << row.name; }

class CalendarEvents : public ::testing::TestWithParam<EventRow> {};

/// An Allow calendar, in a schedule of Stockholm's time.
TEST_P(CalendarEvents, AreOpenWhenTheyTakePlace) {
  const EventRow& row = GetParam();
  Diagnostics findings;
  auto calendar = Compile(Wrapped(row.components), findings);
  ASSERT_TRUE(calendar.has_value()) << FindingsText(findings);
  EXPECT_EQ(Opens(*calendar, row.from, row.to), row.open) << FindingsText(findings);
}

constexpr const char* kYear = "2026-01-01T00:00:00Z";
constexpr const char* kYearEnd = "2027-01-01T00:00:00Z";

const EventRow kRows[] = {
    {"a_day_without_end_is_one_day", "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20260329\nEND:VEVENT\n", kYear,
     kYearEnd, "2026-03-28T23:00:00Z/2026-03-29T22:00:00Z cal\n"},
    {"the_end_of_days_is_outside",
     "BEGIN:VEVENT\nSUMMARY:Two days\nDTSTART;VALUE=DATE:20260601\nDTEND;VALUE=DATE:20260603\nEND:VEVENT\n",
     kYear, kYearEnd, "2026-05-31T22:00:00Z/2026-06-02T22:00:00Z cal: Two days\n"},
    {"a_date_without_value", "BEGIN:VEVENT\nDTSTART:20260601\nDURATION:P2D\nEND:VEVENT\n", kYear, kYearEnd,
     "2026-05-31T22:00:00Z/2026-06-02T22:00:00Z cal\n"},
    {"utc", "BEGIN:VEVENT\nDTSTART:20260601T080000Z\nDTEND:20260601T093000Z\nEND:VEVENT\n", kYear, kYearEnd,
     "2026-06-01T08:00:00Z/2026-06-01T09:30:00Z cal\n"},
    {"utc_recurs_in_utc",
     "BEGIN:VEVENT\nDTSTART:20260327T080000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=2\nEND:VEVENT\n", kYear,
     kYearEnd,
     "2026-03-27T08:00:00Z/2026-03-27T09:00:00Z cal\n2026-04-03T08:00:00Z/2026-04-03T09:00:00Z cal\n"},
    {"floating_is_of_the_schedule",
     "BEGIN:VEVENT\nDTSTART:20260327T080000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=2\nEND:VEVENT\n", kYear,
     kYearEnd,
     "2026-03-27T07:00:00Z/2026-03-27T08:00:00Z cal\n2026-04-03T06:00:00Z/2026-04-03T07:00:00Z cal\n"},
    {"an_iana_zone_needs_no_definition",
     "BEGIN:VEVENT\nDTSTART;TZID=America/New_York:20260601T080000\nDTEND;TZID=America/"
     "New_York:20260601T090000\n"
     "END:VEVENT\n",
     kYear, kYearEnd, "2026-06-01T12:00:00Z/2026-06-01T13:00:00Z cal\n"},
    {"an_iana_zone_behind_a_vendor",
     "BEGIN:VEVENT\nDTSTART;TZID=/vendor.example/20260101_1/America/Argentina/"
     "Salta:20260601T080000\nDURATION:PT1H\n"
     "END:VEVENT\n",
     kYear, kYearEnd, "2026-06-01T11:00:00Z/2026-06-01T12:00:00Z cal\n"},
    {"a_location_says_what_an_id_means",
     "BEGIN:VTIMEZONE\nTZID:My office\nX-LIC-LOCATION:Asia/Tokyo\nBEGIN:STANDARD\nDTSTART:19700101T000000\n"
     "TZOFFSETFROM:+0000\nTZOFFSETTO:+0000\nEND:STANDARD\nEND:VTIMEZONE\n"
     "BEGIN:VEVENT\nDTSTART;TZID=My office:20260601T080000\nDURATION:PT1H\nEND:VEVENT\n",
     kYear, kYearEnd, "2026-05-31T23:00:00Z/2026-06-01T00:00:00Z cal\n"},
    {"start_and_end_in_two_zones",
     "BEGIN:VEVENT\nDTSTART;TZID=Europe/Berlin:20260601T080000\nDTEND;TZID=America/New_York:20260601T080000\n"
     "END:VEVENT\n",
     kYear, kYearEnd, "2026-06-01T06:00:00Z/2026-06-01T12:00:00Z cal\n"},
    {"lengths_are_of_the_wall",
     "BEGIN:VEVENT\nDTSTART;TZID=Europe/Stockholm:20260327T220000\nDURATION:PT8H\nRRULE:FREQ=DAILY;COUNT=3\n"
     "END:VEVENT\n",
     kYear, kYearEnd,
     "2026-03-27T21:00:00Z/2026-03-28T05:00:00Z cal\n2026-03-28T21:00:00Z/2026-03-29T04:00:00Z cal\n"
     "2026-03-29T20:00:00Z/2026-03-30T04:00:00Z cal\n"},
    {"the_until_of_days_is_a_day",
     "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20260601\nRRULE:FREQ=DAILY;UNTIL=20260603;INTERVAL=2\nEND:VEVENT\n",
     kYear, kYearEnd,
     "2026-05-31T22:00:00Z/2026-06-01T22:00:00Z cal\n2026-06-02T22:00:00Z/2026-06-03T22:00:00Z cal\n"},
    {"an_exdate_takes_one_away",
     "BEGIN:VEVENT\nDTSTART:20260601T080000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=4\n"
     "EXDATE:20260602T080000Z\nEXDATE;TZID=Europe/Stockholm:20260603T100000\nEND:VEVENT\n",
     kYear, kYearEnd,
     "2026-06-01T08:00:00Z/2026-06-01T09:00:00Z cal\n2026-06-04T08:00:00Z/2026-06-04T09:00:00Z cal\n"},
    {"an_exdate_of_days",
     "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20260601\nRRULE:FREQ=WEEKLY;COUNT=3\nEXDATE;VALUE=DATE:20260608\n"
     "END:VEVENT\n",
     kYear, kYearEnd,
     "2026-05-31T22:00:00Z/2026-06-01T22:00:00Z cal\n2026-06-14T22:00:00Z/2026-06-15T22:00:00Z cal\n"},
    {"an_exdate_takes_an_rdate_away",
     "BEGIN:VEVENT\nDTSTART:20260601T080000Z\nDURATION:PT1H\nRDATE:20260602T080000Z,20260603T080000Z\n"
     "EXDATE:20260602T080000Z\nEND:VEVENT\n",
     kYear, kYearEnd,
     "2026-06-01T08:00:00Z/2026-06-01T09:00:00Z cal\n2026-06-03T08:00:00Z/2026-06-03T09:00:00Z cal\n"},
    {"rdates_with_periods",
     "BEGIN:VEVENT\nDTSTART:20260601T080000Z\nDURATION:PT1H\n"
     "RDATE;VALUE=PERIOD:20260602T080000Z/20260602T100000Z,20260603T080000Z/PT3H\nEND:VEVENT\n",
     "2026-06-02T00:00:00Z", kYearEnd,
     "2026-06-02T08:00:00Z/2026-06-02T10:00:00Z cal\n2026-06-03T08:00:00Z/2026-06-03T11:00:00Z cal\n"},
    {"a_moved_occurrence",
     "BEGIN:VEVENT\nUID:u\nSUMMARY:Weekly\nDTSTART:20260601T080000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT="
     "3\n"
     "END:VEVENT\n"
     "BEGIN:VEVENT\nUID:u\nSUMMARY:Moved\nRECURRENCE-ID:20260608T080000Z\nDTSTART:20260609T120000Z\nDURATION:"
     "PT2H\n"
     "END:VEVENT\n",
     kYear, kYearEnd,
     "2026-06-01T08:00:00Z/2026-06-01T09:00:00Z cal: Weekly\n2026-06-09T12:00:00Z/2026-06-09T14:00:00Z cal: "
     "Moved\n"
     "2026-06-15T08:00:00Z/2026-06-15T09:00:00Z cal: Weekly\n"},
    {"a_cancelled_occurrence",
     "BEGIN:VEVENT\nUID:u\nRECURRENCE-ID:20260608T080000Z\nSTATUS:CANCELLED\nDTSTART:20260608T080000Z\nEND:"
     "VEVENT\n"
     "BEGIN:VEVENT\nUID:u\nDTSTART:20260601T080000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=3\nEND:VEVENT\n",
     kYear, kYearEnd,
     "2026-06-01T08:00:00Z/2026-06-01T09:00:00Z cal\n2026-06-15T08:00:00Z/2026-06-15T09:00:00Z cal\n"},
    {"the_newest_version_counts",
     "BEGIN:VEVENT\nUID:u\nSEQUENCE:2\nDTSTART:20260602T080000Z\nDURATION:PT1H\nEND:VEVENT\n"
     "BEGIN:VEVENT\nUID:u\nSEQUENCE:1\nDTSTART:20260601T080000Z\nDURATION:PT1H\nEND:VEVENT\n",
     kYear, kYearEnd, "2026-06-02T08:00:00Z/2026-06-02T09:00:00Z cal\n"},
    {"cancelled_is_not_counted_and_transparent_is",
     "BEGIN:VEVENT\nSTATUS:CANCELLED\nDTSTART:20260601T080000Z\nDURATION:PT1H\nEND:VEVENT\n"
     "BEGIN:VEVENT\nTRANSP:TRANSPARENT\nDTSTART:20260602T080000Z\nDURATION:PT1H\nEND:VEVENT\n",
     kYear, kYearEnd, "2026-06-02T08:00:00Z/2026-06-02T09:00:00Z cal\n"},
    {"several_calendars_in_one_file",
     "BEGIN:VEVENT\nDTSTART:20260601T080000Z\nDURATION:PT1H\nEND:VEVENT\nEND:VCALENDAR\n\nBEGIN:VCALENDAR\n"
     "BEGIN:VEVENT\nDTSTART:20260602T080000Z\nDURATION:PT1H\nEND:VEVENT\n",
     kYear, kYearEnd,
     "2026-06-01T08:00:00Z/2026-06-01T09:00:00Z cal\n2026-06-02T08:00:00Z/2026-06-02T09:00:00Z cal\n"},
    {"no_events_open_nothing", "", kYear, kYearEnd, ""},
    {"what_takes_no_time_opens_nothing", "BEGIN:VEVENT\nDTSTART:20260601T080000Z\nEND:VEVENT\n", kYear,
     kYearEnd, ""},
};

INSTANTIATE_TEST_SUITE_P(Rows, CalendarEvents, ::testing::ValuesIn(kRows),
                         [](const auto& row) { return std::string{row.param.name}; });

struct RefusedRow {
  const char* name;
  const char* text;     ///< of the whole file
  const char* finding;  ///< `line: error[code]: part of the message`
};
void PrintTo(const RefusedRow& row, std::ostream* out) { *out << row.name; }

class CalendarRefused : public ::testing::TestWithParam<RefusedRow> {};

TEST_P(CalendarRefused, ClosesTheScheduleAndSaysWhere) {
  Diagnostics findings;
  EXPECT_FALSE(Compile(GetParam().text, findings).has_value());
  std::string all;
  for (const Diagnostic& d : findings) all += fmt::format("{}\n", FormatDiagnostic(d));
  EXPECT_THAT(all, HasSubstr(GetParam().finding));
}

#define LK_ICS(components) "BEGIN:VCALENDAR\n" components "END:VCALENDAR\n"
#define LK_EVENT(properties) LK_ICS("BEGIN:VEVENT\nSUMMARY:E\n" properties "END:VEVENT\n")

const RefusedRow kRefused[] = {
    {"empty", "", "c.ics:1:1: error[bad-calendar]: it is no iCalendar file"},
    {"something_else", "<html>\n<p>moved</p>", "c.ics:1:1: error[bad-calendar]: it is no iCalendar file"},
    {"a_pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:1\n",
     "c.ics:1:1: error[bad-calendar]: it is a pointer of Git LFS"},
    {"cut_off", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260601T080000Z\n",
     "c.ics:1:1: error[bad-calendar]: END:VEVENT is missing"},
    {"crossed", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n",
     "c.ics:3:1: error[bad-calendar]: 'END:VCALENDAR' where END:VEVENT must come first"},
    {"outside", "BEGIN:VCALENDAR\nEND:VCALENDAR\nDTSTART:20260601\n",
     "c.ics:3:1: error[bad-calendar]: only BEGIN:VCALENDAR"},
    {"no_line", LK_EVENT("DTSTART:20260601\nAll hands\n"),
     "c.ics:5:1: error[bad-calendar]: the ':' in front of the value is missing"},
    {"open_quote", LK_EVENT("DTSTART;TZID=\"Europe/Berlin:20260601\n"),
     "c.ics:4:1: error[bad-calendar]: a quote of parameter TZID is not closed"},
    {"a_message", LK_ICS("METHOD:CANCEL\n"), "c.ics:2:1: error[bad-calendar]: METHOD:CANCEL makes a message"},
    {"no_start", LK_EVENT(""), "c.ics:2:1: error[bad-calendar]: VEVENT 'E': DTSTART: it is missing"},
    {"two_starts", LK_EVENT("DTSTART:20260601\nDTSTART:20260602\n"),
     "c.ics:5:1: error[bad-calendar]: VEVENT 'E': DTSTART: it is there twice"},
    {"no_such_day", LK_EVENT("DTSTART:20260230\n"),
     "c.ics:4:1: error[bad-calendar]: VEVENT 'E': DTSTART: '20260230' is no time"},
    {"no_such_form", LK_EVENT("DTSTART:2026-06-01\n"), "DTSTART: '2026-06-01' is no time"},
    {"end_before_start", LK_EVENT("DTSTART:20260601T080000\nDTEND:20260601T070000\n"),
     "c.ics:5:1: error[bad-event]: VEVENT 'E': DTEND: 2026-06-01T07:00:00 is not after DTSTART "
     "2026-06-01T08:00:00"},
    {"no_day_at_all", LK_EVENT("DTSTART;VALUE=DATE:20260601\nDTEND;VALUE=DATE:20260601\n"),
     "DTEND is the first day that is free again"},
    {"a_day_to_a_time", LK_EVENT("DTSTART;VALUE=DATE:20260601\nDTEND:20260601T070000\n"),
     "DTEND: it must be a date where DTSTART is one"},
    {"end_and_duration", LK_EVENT("DTSTART:20260601\nDTEND:20260602\nDURATION:P1D\n"),
     "DTEND: DURATION is there as well"},
    {"bad_duration", LK_EVENT("DTSTART:20260601\nDURATION:-P1D\n"), "DURATION: '-P1D' is no duration"},
    {"hours_of_a_day", LK_EVENT("DTSTART:20260601\nDURATION:PT5H\n"),
     "DURATION: an event that begins on a date lasts whole days"},
    {"refused_rule", LK_EVENT("DTSTART:20260601T080000\nDURATION:PT1H\nRRULE:FREQ=HOURLY\n"),
     "c.ics:6:1: error[bad-recurrence]: VEVENT 'E': RRULE: 'FREQ=HOURLY'"},
    {"until_of_a_time_is_a_date",
     LK_EVENT("DTSTART:20260601T080000\nDURATION:PT1H\nRRULE:FREQ=DAILY;UNTIL=20260701\n"),
     "UNTIL=20260701 is a mere date"},
    {"exrule", LK_EVENT("DTSTART:20260601\nRRULE:FREQ=DAILY\nEXRULE:FREQ=WEEKLY\n"),
     "c.ics:6:1: error[bad-calendar]: VEVENT 'E': EXRULE"},
    {"this_and_future", LK_EVENT("UID:u\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260601\nDTSTART:20260601\n"),
     "RANGE=THISANDFUTURE is not supported"},
    {"unknown_zone", LK_EVENT("DTSTART;TZID=W. Europe Standard Time:20260601T080000\nDURATION:PT1H\n"),
     "c.ics:4:1: error[unknown-time-zone]: VEVENT 'E': TZID: 'W. Europe Standard Time'"},
    {"a_zone_of_another_calendar",
     "BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:Office\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+"
     "0100\nTZOFFSETTO:+0100\nEND:STANDARD\nEND:VTIMEZONE\nEND:VCALENDAR\n" LK_EVENT(
         "DTSTART;TZID=Office:20260601T080000\nDURATION:PT1H\n"),
     "TZID: 'Office'"},
    {"a_zone_with_a_bad_rule",
     LK_ICS("BEGIN:VTIMEZONE\nTZID:Office\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+"
            "0100\nTZOFFSETTO:+0100\nRRULE:FREQ=HOURLY\nEND:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT\nDTSTART;"
            "TZID=Office:20260601T080000\nDURATION:PT1H\nEND:VEVENT\n"),
     "c.ics:12:1: error[unknown-time-zone]: VEVENT: TZID: 'Office' cannot be used, as its VTIMEZONE in line "
     "2 has errors: line 8:"},
    {"an_observance_without_offset",
     LK_ICS("BEGIN:VTIMEZONE\nTZID:Office\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETTO:+0100\nEND:"
            "STANDARD\nEND:VTIMEZONE\n"),
     "c.ics:4:1: error[bad-calendar]: VTIMEZONE 'Office': STANDARD or DAYLIGHT: it needs"},
    {"the_same_event_twice",
     LK_ICS("BEGIN:VEVENT\nUID:u\nDTSTART:20260601\nEND:VEVENT\nBEGIN:VEVENT\nUID:u\nDTSTART:20260602\nEND:"
            "VEVENT\n"),
     "c.ics:6:1: error[duplicate-event]"},
    {"an_rdate_of_another_form",
     LK_EVENT("DTSTART:20260601T080000Z\nDURATION:PT1H\nRDATE;VALUE=DATE:20260602\n"),
     "RDATE: it must be a date where DTSTART is one"},
};

INSTANTIATE_TEST_SUITE_P(Rows, CalendarRefused, ::testing::ValuesIn(kRefused),
                         [](const auto& row) { return std::string{row.param.name}; });

std::string ReadData(const std::string& name) {
  std::ifstream file{std::string{LK_TEST_DATA} + "/calendars/" + name, std::ios::binary};
  EXPECT_TRUE(file.good()) << name;
  return {std::istreambuf_iterator<char>{file}, {}};
}

TEST(CalendarGolden, AGoogleCalendar) {
  Diagnostics findings;
  auto calendar = Compile(ReadData("google.ics"), findings, "UTC");
  ASSERT_TRUE(calendar.has_value()) << FindingsText(findings);
  EXPECT_EQ(FindingsText(findings), "");
  // All-day events are of the schedule's zone; the moved Monday is a Tuesday; the cancelled one is gone.
  EXPECT_EQ(Opens(*calendar, "2026-03-23T00:00:00Z", "2026-04-28T00:00:00Z"),
            "2026-03-23T08:00:00Z/2026-03-23T09:30:00Z cal: Trading opens, no bumps\n"
            "2026-03-31T12:00:00Z/2026-03-31T13:30:00Z cal: Trading opens late, no bumps\n"
            "2026-04-20T07:00:00Z/2026-04-20T08:30:00Z cal: Trading opens, no bumps\n"
            "2026-04-27T07:00:00Z/2026-04-27T08:30:00Z cal: Trading opens, no bumps\n");
  EXPECT_EQ(Opens(*calendar, "2026-06-23T00:00:00Z", "2027-12-31T00:00:00Z"),
            "2026-06-29T07:00:00Z/2026-06-29T08:30:00Z cal: Trading opens, no bumps\n"
            "2026-12-24T00:00:00Z/2026-12-27T00:00:00Z cal: Christmas\n"
            "2027-12-24T00:00:00Z/2027-12-27T00:00:00Z cal: Christmas\n");
}

TEST(CalendarGolden, AnOutlookCalendar) {
  Diagnostics findings;
  auto calendar = Compile(ReadData("outlook.ics"), findings, "UTC");
  ASSERT_TRUE(calendar.has_value()) << FindingsText(findings);
  EXPECT_EQ(FindingsText(findings), "");
  // By the VTIMEZONE's own rules, since the name is none of the IANA database.
  EXPECT_EQ(Opens(*calendar, "2026-03-26T00:00:00Z", "2026-04-10T00:00:00Z"),
            "2026-03-26T08:00:00Z/2026-03-26T10:00:00Z cal: Wartungsfenster\n"
            "2026-04-02T07:00:00Z/2026-04-02T09:00:00Z cal: Wartungsfenster\n"
            "2026-04-09T07:00:00Z/2026-04-09T09:00:00Z cal: Wartungsfenster\n");
}

TEST(CalendarGolden, AnAppleCalendar) {
  Diagnostics findings;
  auto calendar = Compile(ReadData("apple.ics"), findings, "America/New_York");
  ASSERT_TRUE(calendar.has_value()) << FindingsText(findings);
  EXPECT_EQ(FindingsText(findings), "");
  EXPECT_EQ(Opens(*calendar, kYear, kYearEnd),
            "2026-03-07T03:00:00Z/2026-03-07T11:00:00Z cal: Night shift\n"
            "2026-03-10T12:00:00Z/2026-03-10T13:30:00Z cal: Floating breakfast\n"
            "2026-04-18T02:00:00Z/2026-04-18T03:00:00Z cal: Night shift\n"
            "2026-04-19T02:00:00Z/2026-04-19T03:30:00Z cal: Night shift\n"
            "2026-05-02T02:00:00Z/2026-05-02T10:30:00Z cal: Night shift\n"
            "2026-06-06T02:00:00Z/2026-06-06T10:00:00Z cal: Night shift\n"
            "2026-07-02T04:00:00Z/2026-07-03T04:00:00Z cal: Independence Day (observed) ; 🎆 fireworks\n");
}

TEST(ScheduleCalendars, DenyClosesWhateverTheChangeIs) {
  Diagnostics findings;
  auto calendar = Compile(Wrapped(Event("SUMMARY:Freeze\nDTSTART:20260601T080000Z\nDURATION:PT1H\n")),
                          findings, "UTC", false);
  ASSERT_TRUE(calendar.has_value()) << FindingsText(findings);
  for (ChangeScopes change : {kEveryScope, static_cast<ChangeScopes>(ChangeScope::kPatch)}) {
    EXPECT_TRUE(calendar->Open(At("2026-06-01T07:59:59Z"), change));
    EXPECT_FALSE(calendar->Open(At("2026-06-01T08:00:00Z"), change));
    EXPECT_EQ(calendar->NextOpen(At("2026-06-01T08:00:00Z"), change), At("2026-06-01T09:00:00Z"));
    EXPECT_EQ(calendar->ExclusionAt(At("2026-06-01T08:30:00Z"), change), "cal: Freeze");
  }
  EXPECT_FALSE(calendar->ExclusionAt(At("2026-06-01T09:00:00Z"), kEveryScope).has_value());
  EXPECT_TRUE(calendar->CalendarIsOver(0, At("2026-06-01T09:00:00Z")));
  EXPECT_FALSE(calendar->CalendarIsOver(0, At("2026-06-01T08:59:59Z")));
}

TEST(ScheduleCalendars, AFileThatIsNotThereClosesTheSchedule) {
  Diagnostics findings;
  EXPECT_FALSE(ScheduleCalendar::Compile(ScheduleOf("UTC", false), {}, findings).has_value());
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].mark, (Mark{7, 5}));
  EXPECT_EQ(findings[0].file, "upgrades/s.yaml");
  EXPECT_THAT(findings[0].message, AllOf(HasSubstr("spec.calendars[0].path"), HasSubstr(kPath)));
}

TEST(ScheduleCalendars, WhatTakesNothingAwayIsAWarning) {
  Diagnostics findings;
  auto calendar =
      Compile(Wrapped(Event("UID:u\nSUMMARY:E\nDTSTART:20260601T080000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY\n"
                            "EXDATE:20260602T090000Z,20260603T080000Z\n") +
                      Event("UID:u\nRECURRENCE-ID:20260604T073000Z\nDTSTART:20260604T080000Z\n"
                            "DURATION:PT1H\n")),
              findings);
  ASSERT_TRUE(calendar.has_value());
  EXPECT_EQ(FindingsText(findings),
            "warning[no-such-occurrence]: VEVENT 'E': EXDATE: the event does not begin at "
            "2026-06-02T09:00:00Z, so this "
            "takes no occurrence away\n"
            "warning[no-such-occurrence]: VEVENT 'E': RECURRENCE-ID: the event does not begin at "
            "2026-06-04T07:30:00Z, so this takes no occurrence away\n");
}

/// What costs most of what is allowed: a lot of everything at once.
TEST(ScheduleCalendars, TheLargestFileIsCompiledSoon) {
  std::string exdates = "EXDATE:20260101T000000";
  for (int i = 1; i < 100'000; ++i)
    exdates += fmt::format(",{:04}0{}{:02}T{:02}0000", 1000 + i % 8000, 1 + i % 9, 1 + i % 28, i % 24);
  std::string rules;
  for (size_t i = 0; i < kEventRulesMax; ++i)
    rules += fmt::format("RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;INTERVAL={}\n", 97 + i);
  std::string events = Event("DTSTART:20000229T000000\nDURATION:PT1H\n" + rules + exdates + "\n");
  for (int i = 0; i < 10'000; ++i)
    events += Event(
        fmt::format("DTSTART:2026{:02}{:02}T{:02}0000Z\nDURATION:PT1H\n", 1 + i % 12, 1 + i % 28, i % 24));
  Diagnostics findings;
  auto calendar = Compile(Wrapped(events), findings);
  ASSERT_TRUE(calendar.has_value()) << FindingsText(findings);
  EXPECT_TRUE(calendar->Open(At("2026-01-01T00:30:00Z"), kEveryScope));
  EXPECT_EQ(calendar->NextOpen(At("2030-01-01T00:00:00Z"), kEveryScope), At("2104-02-28T23:00:00Z"));
}

TEST(ScheduleCalendars, ZonesAreCounted) {
  std::string events;
  for (size_t i = 0; i < 70; ++i)
    events += fmt::format(
        "BEGIN:VTIMEZONE\nTZID:Z{0}\nBEGIN:STANDARD\nDTSTART:16010101T000000\nTZOFFSETFROM:+0100\n"
        "TZOFFSETTO:+0100\nEND:STANDARD\nEND:VTIMEZONE\n"
        "BEGIN:VEVENT\nDTSTART;TZID=Z{0}:20260101T000000\nDURATION:PT1H\nEND:VEVENT\n",
        i);
  Diagnostics findings;
  EXPECT_FALSE(Compile(Wrapped(events), findings).has_value());
  EXPECT_THAT(FindingsText(findings), HasSubstr("more than 64 zones"));
}

/// Whoever sends thousands of wrong lines gets the first of them, and soon.
TEST(ScheduleCalendars, FindingsAreBounded) {
  std::string events;
  for (int i = 0; i < 3'000; ++i) events += Event("DTSTART:x\n") + Event("DTSTART:20260601\nRRULE:FREQ=x\n");
  Diagnostics findings;
  EXPECT_FALSE(Compile(Wrapped(events), findings).has_value());
  EXPECT_LE(findings.size(), 2 * kCalendarFindingsMax);
}

}  // namespace
}  // namespace lockkeeper
