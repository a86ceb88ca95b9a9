#include "reconciler/core/time/recurrence_rule.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>

namespace lockkeeper {
namespace {

using Problems = std::vector<std::string>;

/// A part as it may be shown: short, and without bytes that a terminal or JSON would choke on.
std::string Shown(std::string_view text) {
  constexpr size_t kShownMax = 60;
  std::string out{text.substr(0, kShownMax)};
  for (char& c : out) {
    if (c < 0x20 || c > 0x7e) c = '?';
  }
  if (text.size() > kShownMax) out += "...";
  return out;
}

std::string UpperCase(std::string_view text) {
  std::string out{text};
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  while (true) {
    size_t end = text.find(separator);
    out.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

/// Digits only, saturating far above every limit.
std::optional<int> Unsigned(std::string_view text) {
  constexpr int kSaturated = 1'000'000'000;
  if (text.empty()) return std::nullopt;
  int value = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value >= kSaturated / 10 ? kSaturated : value * 10 + (c - '0');
  }
  return value;
}

std::optional<int> WeekdayNumber(std::string_view text) {
  static constexpr std::array<std::string_view, 7> kNames{"SU", "MO", "TU", "WE", "TH", "FR", "SA"};
  auto found = std::ranges::find(kNames, text);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<int>(found - kNames.begin());
}

/// A list of numbers and its limits; RFC 5545 writes at most as many digits as the largest value has.
struct NumberList {
  std::string_view name;
  std::vector<int> RecurrenceRule::* field;
  int min;
  int max;
  bool may_be_negative;
};

constexpr std::array<NumberList, 8> kNumberLists{{
    {"BYMONTH", &RecurrenceRule::months, 1, 12, false},
    {"BYWEEKNO", &RecurrenceRule::weeks, 1, 53, true},
    {"BYYEARDAY", &RecurrenceRule::year_days, 1, 366, true},
    {"BYMONTHDAY", &RecurrenceRule::month_days, 1, 31, true},
    {"BYHOUR", &RecurrenceRule::hours, 0, 23, false},
    {"BYMINUTE", &RecurrenceRule::minutes, 0, 59, false},
    {"BYSECOND", &RecurrenceRule::seconds, 0, 60, false},
    {"BYSETPOS", &RecurrenceRule::positions, 1, 366, true},
}};

void ReadNumberList(const NumberList& list, std::string_view value, RecurrenceRule& rule,
                    Problems& problems) {
  std::vector<int>& out = rule.*list.field;
  for (std::string_view item : Split(value, ',')) {
    std::string_view digits = item;
    bool negative = false;
    if (list.may_be_negative && !item.empty() && (item[0] == '+' || item[0] == '-')) {
      negative = item[0] == '-';
      digits.remove_prefix(1);
    }
    auto number = Unsigned(digits);
    if (!number || *number < list.min || *number > list.max || digits.size() > (list.max > 99 ? 3 : 2)) {
      problems.push_back(fmt::format("{}: '{}' is not a number from {} to {}{}", list.name, Shown(item),
                                     list.min, list.max,
                                     list.may_be_negative ? " (or negative, from the end)" : ""));
      return;
    }
    int found = negative ? -*number : *number;
    if (std::ranges::find(out, found) != out.end()) {
      problems.push_back(fmt::format("{}: {} is there twice; write it once", list.name, found));
      return;
    }
    out.push_back(found);
  }
  std::ranges::sort(out);
}

void ReadDays(std::string_view value, RecurrenceRule& rule, Problems& problems) {
  for (std::string_view item : Split(value, ',')) {
    auto weekday = WeekdayNumber(item.size() < 2 ? item : item.substr(item.size() - 2));
    if (!weekday) {
      problems.push_back(
          fmt::format("BYDAY: '{}' is not a day; write MO, TU, WE, TH, FR, SA or SU, where the rule is "
                      "MONTHLY or YEARLY also 2TU or -1FR",
                      Shown(item)));
      return;
    }
    RuleDay day{.ordinal = 0, .weekday = *weekday};
    std::string_view digits = item.substr(0, item.size() - 2);
    if (!digits.empty()) {
      bool negative = digits[0] == '-';
      if (negative || digits[0] == '+') digits.remove_prefix(1);
      auto number = Unsigned(digits);
      if (!number || *number < 1 || *number > 53 || digits.size() > 2) {
        problems.push_back(
            fmt::format("BYDAY: the number in '{}' must be from 1 to 53 or -1 to -53", Shown(item)));
        return;
      }
      day.ordinal = negative ? -*number : *number;
    }
    if (std::ranges::find(rule.days, day) != rule.days.end()) {
      problems.push_back(fmt::format("BYDAY: '{}' is there twice; write it once", Shown(item)));
      return;
    }
    rule.days.push_back(day);
  }
  std::ranges::sort(rule.days, {}, [](const RuleDay& day) { return std::pair{day.weekday, day.ordinal}; });
}

void ReadFrequency(std::string_view value, RecurrenceRule& rule, Problems& problems) {
  if (value == "DAILY") {
    rule.frequency = Frequency::kDaily;
  } else if (value == "WEEKLY") {
    rule.frequency = Frequency::kWeekly;
  } else if (value == "MONTHLY") {
    rule.frequency = Frequency::kMonthly;
  } else if (value == "YEARLY") {
    rule.frequency = Frequency::kYearly;
  } else if (value == "HOURLY" || value == "MINUTELY" || value == "SECONDLY") {
    problems.push_back(fmt::format(
        "FREQ={} is not supported, because programs disagree about it when the clock changes; write the "
        "times of day instead, such as FREQ=DAILY;BYHOUR=0,6,12,18;BYMINUTE=0,30",
        value));
  } else {
    problems.push_back(
        fmt::format("FREQ={} is not known; write DAILY, WEEKLY, MONTHLY or YEARLY", Shown(value)));
  }
}

/// `20251231T235959` and the same with Z. Nullopt: the form or the date is wrong.
std::optional<WrittenTime> ReadUntilTime(std::string_view value) {
  bool utc = value.ends_with('Z');
  if (utc) value.remove_suffix(1);
  if (value.size() != 15 || value[8] != 'T') return std::nullopt;
  std::string iso =
      fmt::format("{}-{}-{}T{}:{}:{}{}", value.substr(0, 4), value.substr(4, 2), value.substr(6, 2),
                  value.substr(9, 2), value.substr(11, 2), value.substr(13, 2), utc ? "Z" : "");
  auto time = ParseWrittenTime(iso);
  if (!time) return std::nullopt;
  return *time;
}

void ReadUntil(std::string_view value, RecurrenceRule& rule, Problems& problems) {
  rule.until = ReadUntilTime(value);
  if (rule.until) return;
  if (value.size() == 8 && Unsigned(value)) {
    problems.push_back(
        fmt::format("UNTIL={0} is a mere date, and programs disagree whether that day still counts; write "
                    "UNTIL={0}T235959 (wall clock) or UNTIL={0}T235959Z (UTC)",
                    value));
    return;
  }
  problems.push_back(
      fmt::format("UNTIL={} is not a time that exists; write it as 20251231T235959 (wall clock) or "
                  "20251231T235959Z (UTC)",
                  Shown(value)));
}

void ReadInterval(std::string_view value, RecurrenceRule& rule, Problems& problems) {
  auto number = Unsigned(value);
  if (!number || *number == 0) {
    problems.push_back(fmt::format("INTERVAL={} is not a whole number of 1 or more", Shown(value)));
    return;
  }
  rule.interval = std::min(*number, kRuleIntervalMax);
}

void ReadCount(std::string_view value, RecurrenceRule& rule, Problems& problems) {
  auto number = Unsigned(value);
  if (!number || *number == 0) {
    problems.push_back(
        fmt::format("COUNT={} is not a whole number from 1 to {}", Shown(value), kRuleCountMax));
  } else if (*number > kRuleCountMax) {
    problems.push_back(
        fmt::format("COUNT={} is more than {}; write UNTIL instead", Shown(value), kRuleCountMax));
  } else {
    rule.count = number;
  }
}

void ReadPart(std::string_view name, std::string_view value, RecurrenceRule& rule, Problems& problems) {
  if (auto list = std::ranges::find(kNumberLists, name, &NumberList::name); list != kNumberLists.end()) {
    ReadNumberList(*list, value, rule, problems);
  } else if (name == "FREQ") {
    ReadFrequency(value, rule, problems);
  } else if (name == "INTERVAL") {
    ReadInterval(value, rule, problems);
  } else if (name == "COUNT") {
    ReadCount(value, rule, problems);
  } else if (name == "UNTIL") {
    ReadUntil(value, rule, problems);
  } else if (name == "BYDAY") {
    ReadDays(value, rule, problems);
  } else if (name == "WKST") {
    auto weekday = WeekdayNumber(value);
    if (!weekday) problems.push_back(fmt::format("WKST={} is not a day such as MO or SU", Shown(value)));
    rule.week_start = weekday.value_or(1);
  } else if (name == "RSCALE" || name == "SKIP") {
    problems.push_back(
        fmt::format("{} (RFC 7529) is not supported: rules run on the Gregorian calendar and skip days "
                    "that do not exist; leave it out",
                    name));
  } else {
    problems.push_back(fmt::format("'{}' is not a part of an RRULE", Shown(name)));
  }
}

void CheckWeeks(const RecurrenceRule& rule, Problems& problems) {
  if (rule.weeks.empty()) return;
  if (rule.frequency != Frequency::kYearly) problems.push_back("BYWEEKNO is allowed with FREQ=YEARLY only");
  if (rule.days.empty()) {
    problems.push_back(
        "BYWEEKNO without BYDAY is read differently by programs; add the days, such as BYDAY=MO");
  }
  if (std::ranges::any_of(rule.days, [](const RuleDay& day) { return day.ordinal != 0; })) {
    problems.push_back(
        "BYDAY with a number is not allowed beside BYWEEKNO; write the day alone, such as BYDAY=MO");
  }
  if (rule.interval > 1) {
    problems.push_back(
        "BYWEEKNO with INTERVAL is read differently by programs; write one yearly rule, with UNTIL or "
        "exdates");
  }
  auto beside = [&](bool there, std::string_view name) {
    if (!there) return;
    problems.push_back(
        fmt::format("BYWEEKNO with {} is read differently by programs; choose the weeks by BYWEEKNO and "
                    "BYDAY alone, or the days without BYWEEKNO",
                    name));
  };
  beside(!rule.positions.empty(), "BYSETPOS");
  beside(!rule.months.empty(), "BYMONTH");
  beside(!rule.month_days.empty(), "BYMONTHDAY");
  beside(!rule.year_days.empty(), "BYYEARDAY");
}

/// What RFC 5545 forbids, and SPEC 3 refuses, about parts that are each right alone.
void CheckTogether(const RecurrenceRule& rule, Problems& problems) {
  const bool yearly = rule.frequency == Frequency::kYearly;
  const bool has_ordinals =
      std::ranges::any_of(rule.days, [](const RuleDay& day) { return day.ordinal != 0; });
  CheckWeeks(rule, problems);
  if (has_ordinals && !yearly && rule.frequency != Frequency::kMonthly) {
    problems.push_back("BYDAY with a number, such as 2MO, is allowed with FREQ=MONTHLY and FREQ=YEARLY only");
  }
  if (!rule.month_days.empty() && rule.frequency == Frequency::kWeekly) {
    problems.push_back("BYMONTHDAY is not allowed with FREQ=WEEKLY; write FREQ=MONTHLY or FREQ=DAILY");
  }
  if (!rule.month_days.empty() && yearly && rule.months.empty() && rule.weeks.empty()) {
    problems.push_back(
        "FREQ=YEARLY with BYMONTHDAY but without BYMONTH is read differently by programs; add BYMONTH, or "
        "write FREQ=MONTHLY");
  }
  if (!rule.year_days.empty() && !yearly) problems.push_back("BYYEARDAY is allowed with FREQ=YEARLY only");
  if (!rule.positions.empty() && rule.months.empty() && rule.weeks.empty() && rule.year_days.empty() &&
      rule.month_days.empty() && rule.days.empty() && rule.hours.empty() && rule.minutes.empty() &&
      rule.seconds.empty()) {
    problems.push_back(
        "BYSETPOS picks from what other BY... parts make and is not allowed alone; add one, such as "
        "BYDAY=MO,TU,WE,TH,FR");
  }
}

}  // namespace

Result<RecurrenceRule> ParseRecurrenceRule(std::string_view text) {
  auto refused = [&](const Problems& problems) {
    return Invalid(fmt::format("'{}' is not a recurrence rule (RFC 5545 RRULE): {}", Shown(text),
                               fmt::join(problems, "; ")));
  };
  if (text.size() > kRuleBytesMax) return refused({fmt::format("it is longer than {} bytes", kRuleBytesMax)});
  const std::string upper = UpperCase(text);
  std::string_view rest = upper;
  if (rest.starts_with("RRULE:")) rest.remove_prefix(6);

  RecurrenceRule rule;
  Problems problems;
  std::set<std::string_view> seen;
  for (std::string_view part : Split(rest, ';')) {
    const size_t equals = part.find('=');
    if (part.empty()) {
      problems.push_back(
          "it has an empty part; write NAME=VALUE parts with one ';' between them and none at the end");
    } else if (equals == std::string_view::npos || equals + 1 == part.size()) {
      problems.push_back(fmt::format("'{}' has no value; write NAME=VALUE", Shown(part)));
    } else if (!seen.insert(part.substr(0, equals)).second) {
      problems.push_back(fmt::format("{} is there twice; write it once", Shown(part.substr(0, equals))));
    } else {
      ReadPart(part.substr(0, equals), part.substr(equals + 1), rule, problems);
    }
    constexpr size_t kProblemsMax = 10;
    if (problems.size() > kProblemsMax) return refused(problems);
  }
  if (!seen.contains("FREQ"))
    problems.push_back("FREQ is missing; write FREQ=DAILY, WEEKLY, MONTHLY or YEARLY");
  if (seen.contains("COUNT") && seen.contains("UNTIL")) {
    problems.push_back("COUNT and UNTIL exclude each other; write one of them");
  }
  // A frequency that was not read would make misleading complaints of the rest.
  if (problems.empty()) CheckTogether(rule, problems);
  if (!problems.empty()) return refused(problems);
  return rule;
}

}  // namespace lockkeeper
