#include "reconciler/cli/output/time_text.h"

#include <fmt/format.h>

#include <array>

#include "reconciler/core/time/schedule_calendar.h"

namespace lockkeeper {
namespace {

std::string Counted(int64_t count, std::string_view unit) {
  return fmt::format("{} {}{}", count, unit, count == 1 ? "" : "s");
}

std::string Rounded(int64_t seconds) {
  constexpr int64_t kMinute = 60;
  constexpr int64_t kHour = 3600;
  constexpr int64_t kDay = 86400;
  if (seconds < 2 * kMinute) return Counted(seconds, "second");
  if (seconds < 2 * kHour) return Counted(seconds / kMinute, "minute");
  if (seconds < 2 * kDay) return Counted(seconds / kHour, "hour");
  if (seconds < 100 * kDay) return Counted(seconds / kDay, "day");
  if (seconds < 730 * kDay) return Counted(seconds / (30 * kDay), "month");
  return Counted(seconds / (365 * kDay), "year");
}

}  // namespace

std::string UtcText(Instant at) { return FormatInZone(at, "UTC"); }

std::string RelativeText(Instant at, Instant now) {
  if (at == Instant::max()) return "never";
  if (at == now) return "now";
  return at > now ? "in " + Rounded((at - now).count()) : Rounded((now - at).count()) + " ago";
}

std::string WhenText(Instant at, Instant now) {
  if (at == Instant::max()) return "never";
  return fmt::format("{} ({})", UtcText(at), RelativeText(at, now));
}

std::string WhenText(Instant at, Instant now, const std::string& zone) {
  if (at == Instant::max() || zone.empty() || zone == "UTC") return WhenText(at, now);
  const std::string there = FormatInZone(at, zone);
  std::string utc = UtcText(at);
  constexpr size_t kDateBytes = 11;
  if (there.substr(0, kDateBytes) == utc.substr(0, kDateBytes)) utc.erase(0, kDateBytes);
  return fmt::format("{}, {} ({})", there, utc, RelativeText(at, now));
}

std::string Weekday(std::string_view text) {
  constexpr size_t kDateBytes = 10;
  constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  auto date = ParseDate(text.substr(0, kDateBytes));
  return date ? std::string(kDays[std::chrono::weekday(*date).c_encoding()]) : "";
}

std::string LengthText(Seconds length) {
  struct Unit {
    int64_t seconds;
    std::string_view name;
  };
  std::string out;
  int64_t rest = length.count();
  int parts = 0;
  for (Unit unit : {Unit{86400, "day"}, Unit{3600, "hour"}, Unit{60, "minute"}, Unit{1, "second"}}) {
    if (rest < unit.seconds || parts == 2) continue;
    out += fmt::format("{}{}", out.empty() ? "" : " ", Counted(rest / unit.seconds, unit.name));
    rest %= unit.seconds;
    ++parts;
  }
  return out.empty() ? "no time" : out;
}

}  // namespace lockkeeper
