#include "reconciler/core/time/zone.h"

#include <absl/time/civil_time.h>
#include <absl/time/time.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "reconciler/core/time/schedule_calendar.h"
#include "reconciler/core/time/zone_rules.h"

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

class DatabaseRules final : public ZoneRules {
 public:
  explicit DatabaseRules(absl::TimeZone zone) : zone_(zone) {}

  CivilTime Shown(Instant instant) const override { return FromAbsl(zone_.At(ToAbsl(instant)).cs); }
  WallMapping Map(CivilTime time) const override {
    const auto mapped = zone_.At(ToAbsl(time));
    using enum WallKind;
    const WallKind kind = mapped.kind == absl::TimeZone::TimeInfo::UNIQUE    ? kUnique
                          : mapped.kind == absl::TimeZone::TimeInfo::SKIPPED ? kSkipped
                                                                             : kRepeated;
    return {.kind = kind,
            .first = FromAbsl(mapped.pre),
            .change = FromAbsl(mapped.trans),
            .last = FromAbsl(mapped.post)};
  }
  std::string Abbreviation(Instant instant) const override {
    return absl::FormatTime("%Z", ToAbsl(instant), zone_);
  }

 private:
  absl::TimeZone zone_;
};

}  // namespace

Zone::Zone(std::string name, std::shared_ptr<const ZoneRules> rules)
    : name_(std::move(name)), rules_(std::move(rules)) {}

Result<Zone> Zone::Load(const std::string& name) {
  absl::TimeZone zone;
  if (!LooksLikeZoneName(name) || !absl::LoadTimeZone(name, &zone)) {
    return Invalid(
        fmt::format("unknown time zone '{}'; write a name of the IANA time zone database, such as UTC, "
                    "Europe/Stockholm or America/New_York",
                    Shown(name)));
  }
  return Zone{name, std::make_shared<const DatabaseRules>(zone)};
}

CivilTime Zone::Civil(Instant instant) const { return rules_->Shown(instant); }

Instant Zone::Start(CivilTime time) const {
  const WallMapping mapped = rules_->Map(time);
  return mapped.kind == WallKind::kSkipped ? mapped.change : mapped.first;
}

Instant Zone::End(CivilTime time) const {
  const WallMapping mapped = rules_->Map(time);
  return mapped.kind == WallKind::kSkipped ? mapped.change : mapped.last;
}

CivilTime Zone::LastStart(Instant at_or_before) const {
  const CivilTime shown = rules_->Shown(at_or_before);
  const WallMapping mapped = rules_->Map(shown);
  if (mapped.kind != WallKind::kRepeated || at_or_before < mapped.change) return shown;
  // In the second pass all of the repeated hour has started, up to what the wall showed before it went back.
  return rules_->Shown(mapped.change - Seconds{1});
}

CivilTime Zone::LastEnd(Instant at_or_before) const {
  const CivilTime shown = rules_->Shown(at_or_before);
  const WallMapping mapped = rules_->Map(shown);
  if (mapped.kind != WallKind::kRepeated || at_or_before >= mapped.change) return shown;
  // In the first pass nothing of the repeated hour has ended.
  return rules_->Shown(mapped.change) - Seconds{1};
}

std::string Zone::Format(Instant instant) const {
  if (instant == Instant::max()) return "never";
  const bool whole_minute = instant.time_since_epoch().count() % 60 == 0;
  const std::string civil = FormatCivil(rules_->Shown(instant));
  return fmt::format("{} {} {}", civil.substr(0, 10), civil.substr(11, whole_minute ? 5 : 8),
                     rules_->Abbreviation(instant));
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
