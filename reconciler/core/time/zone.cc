#include "reconciler/core/time/zone.h"

#include <absl/time/civil_time.h>
#include <absl/time/time.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "reconciler/core/time/schedule_calendar.h"

namespace lockkeeper {
namespace {

constexpr absl::CivilSecond kCivilEpoch{};

absl::CivilSecond ToAbsl(CivilTime time) { return kCivilEpoch + time.time_since_epoch().count(); }
CivilTime FromAbsl(absl::CivilSecond time) { return CivilTime{Seconds{time - kCivilEpoch}}; }
absl::Time ToAbsl(Instant instant) { return absl::FromUnixSeconds(instant.time_since_epoch().count()); }
Instant FromAbsl(absl::Time time) { return Instant{Seconds{absl::ToUnixSeconds(time)}}; }

/// The loader would also take absolute paths, `localtime`, `posix/...` and fixed offsets. Names of the
/// database are made of parts that begin with a capital: `America/Port-au-Prince`, `Etc/GMT+5`.
bool LooksLikeZoneName(std::string_view name) {
  constexpr size_t kNameMax = 64;
  if (name.size() > kNameMax || name.starts_with("Fixed/") || name == "UTC0" || name == "Factory")
    return false;
  bool at_start = true;
  for (char c : name) {
    const bool capital = c >= 'A' && c <= 'Z';
    const bool other = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '+';
    if (at_start ? !capital : !(capital || other || c == '/')) return false;
    at_start = c == '/';
  }
  return !at_start;
}

std::string Shown(std::string_view name) {
  std::string out{name.substr(0, 64)};
  std::ranges::replace_if(out, [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return out;
}

}  // namespace

struct Zone::Rules {
  absl::TimeZone zone;
};

Zone::Zone(std::string name, std::shared_ptr<const Rules> rules)
    : name_(std::move(name)), rules_(std::move(rules)) {}

Result<Zone> Zone::Load(const std::string& name) {
  absl::TimeZone zone;
  if (!LooksLikeZoneName(name) || !absl::LoadTimeZone(name, &zone)) {
    return Invalid(
        fmt::format("unknown time zone '{}'; write a name of the IANA time zone database, such as UTC, "
                    "Europe/Stockholm or America/New_York",
                    Shown(name)));
  }
  return Zone{name, std::make_shared<const Rules>(zone)};
}

CivilTime Zone::Civil(Instant instant) const { return FromAbsl(rules_->zone.At(ToAbsl(instant)).cs); }

Instant Zone::Start(CivilTime time) const {
  const auto mapped = rules_->zone.At(ToAbsl(time));
  return FromAbsl(mapped.kind == absl::TimeZone::TimeInfo::SKIPPED ? mapped.trans : mapped.pre);
}

Instant Zone::End(CivilTime time) const {
  const auto mapped = rules_->zone.At(ToAbsl(time));
  return FromAbsl(mapped.kind == absl::TimeZone::TimeInfo::SKIPPED ? mapped.trans : mapped.post);
}

CivilTime Zone::LastStart(Instant at_or_before) const {
  const absl::Time instant = ToAbsl(at_or_before);
  const absl::CivilSecond shown = rules_->zone.At(instant).cs;
  const auto mapped = rules_->zone.At(shown);
  if (mapped.kind != absl::TimeZone::TimeInfo::REPEATED || instant < mapped.trans) return FromAbsl(shown);
  // In the second pass all of the repeated hour has started, up to what the wall showed before it went back.
  return FromAbsl(rules_->zone.At(mapped.trans - absl::Seconds(1)).cs);
}

CivilTime Zone::LastEnd(Instant at_or_before) const {
  const absl::Time instant = ToAbsl(at_or_before);
  const absl::CivilSecond shown = rules_->zone.At(instant).cs;
  const auto mapped = rules_->zone.At(shown);
  if (mapped.kind != absl::TimeZone::TimeInfo::REPEATED || instant >= mapped.trans) return FromAbsl(shown);
  // In the first pass nothing of the repeated hour has ended.
  return FromAbsl(rules_->zone.At(mapped.trans).cs - 1);
}

std::string Zone::Format(Instant instant) const {
  if (instant == Instant::max()) return "never";
  const bool whole_minute = instant.time_since_epoch().count() % 60 == 0;
  return absl::FormatTime(whole_minute ? "%Y-%m-%d %H:%M %Z" : "%Y-%m-%d %H:%M:%S %Z", ToAbsl(instant),
                          rules_->zone);
}

std::string ZoneDatabaseVersion() {
  // Nobody changes the environment of this process after its start.
  const char* folder = std::getenv("TZDIR");  // NOLINT(concurrency-mt-unsafe)
  std::ifstream file{std::string{folder == nullptr ? "/usr/share/zoneinfo" : folder} + "/tzdata.zi"};
  constexpr std::string_view kMarker = "# version ";
  std::string line;
  if (!std::getline(file, line) || !line.starts_with(kMarker)) return "";
  return line.substr(kMarker.size());
}

std::string FormatInZone(Instant at, const std::string& zone) {
  auto loaded = Zone::Load(zone);
  if (!loaded) loaded = Zone::Load("UTC");
  return loaded->Format(at);
}

bool IsKnownZone(const std::string& zone) { return Zone::Load(zone).has_value(); }

}  // namespace lockkeeper
