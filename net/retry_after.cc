#include "net/retry_after.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace lockkeeper {
namespace {

constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr size_t kDateLength = std::string_view("Sun, 06 Nov 1994 08:49:37 GMT").size();

std::string_view Trimmed(std::string_view text) {
  const size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
}

std::optional<int> Number(std::string_view text) {
  int number = 0;
  if (!std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc() ? std::optional(number) : std::nullopt;
}

// IMF-fixdate; the two obsolete forms have not been sent for decades.
std::optional<std::chrono::sys_seconds> ParseDate(std::string_view text) {
  if (text.size() != kDateLength || text.substr(3, 2) != ", " || text[7] != ' ' || text[11] != ' ' ||
      text[16] != ' ' || text[19] != ':' || text[22] != ':' || text.substr(25) != " GMT")
    return std::nullopt;
  const auto month = std::ranges::find(kMonths, text.substr(8, 3));
  const auto day = Number(text.substr(5, 2));
  const auto year = Number(text.substr(12, 4));
  const auto hour = Number(text.substr(17, 2));
  const auto minute = Number(text.substr(20, 2));
  const auto second = Number(text.substr(23, 2));
  if (month == kMonths.end() || !day || !year || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{
      std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(month - kMonths.begin()) + 1),
      std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second);
}

}  // namespace

std::optional<std::chrono::seconds> ParseRetryAfter(std::string_view value, std::string_view date) {
  value = Trimmed(value);
  if (value.empty()) return std::nullopt;
  if (std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; })) {
    const auto seconds = Number(value);
    // So many digits are a long time, not nonsense.
    return std::min(kRetryAfterMax, seconds ? std::chrono::seconds(*seconds) : kRetryAfterMax);
  }
  const auto until = ParseDate(value);
  const auto from = ParseDate(Trimmed(date));
  if (!until || !from) return std::nullopt;
  return std::clamp(*until - *from, std::chrono::seconds(0), kRetryAfterMax);
}

}  // namespace lockkeeper
