#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "schemas/error.h"
#include "schemas/instant.h"

namespace lockkeeper {

enum class Frequency : uint8_t { kDaily, kWeekly, kMonthly, kYearly };

/// One entry of BYDAY. `weekday` counts from Sunday = 0; `ordinal` 0 means every such day.
struct RuleDay {
  int ordinal = 0;
  int weekday = 0;
  bool operator==(const RuleDay&) const = default;
};

/// What an RRULE says, checked but not yet completed from a start time. Lists are sorted and hold no value
/// twice.
struct RecurrenceRule {
  Frequency frequency = Frequency::kDaily;
  int interval = 1;  ///< at most kRuleIntervalMax: more never recurs before the year 10000
  std::optional<int> count;
  std::optional<WrittenTime> until;
  int week_start = 1;  ///< WKST, Monday by default
  std::vector<int> months;
  std::vector<int> weeks;
  std::vector<int> year_days;
  std::vector<int> month_days;
  std::vector<RuleDay> days;
  std::vector<int> hours;
  std::vector<int> minutes;
  std::vector<int> seconds;
  std::vector<int> positions;
  bool operator==(const RecurrenceRule&) const = default;
};

inline constexpr int kRuleIntervalMax = 4'000'000;
inline constexpr int kRuleCountMax = 10'000;
inline constexpr size_t kRuleBytesMax = 16'384;

/// Reads an RRULE of RFC 5545 3.3.10 as SPEC 3 limits it. Upper or lower case, `RRULE:` may stand in front.
/// kInvalid lists every problem with the part that has it and what to write instead.
Result<RecurrenceRule> ParseRecurrenceRule(std::string_view text);

}  // namespace lockkeeper
