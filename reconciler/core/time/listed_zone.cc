#include "reconciler/core/time/listed_zone.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "reconciler/core/time/zone_rules.h"

namespace lockkeeper {
namespace {

CivilTime Wall(Instant at, Seconds offset) { return CivilTime{at.time_since_epoch() + offset}; }
Instant AtOffset(CivilTime time, Seconds offset) { return Instant{time.time_since_epoch() - offset}; }

struct ListedChange {
  Instant at;
  Seconds before;
  Seconds offset;
  std::string abbreviation;
  /// What the clock skips, or shows twice, around the change.
  CivilTime OddFrom() const { return Wall(at, std::min(before, offset)); }
  CivilTime OddUntil() const { return Wall(at, std::max(before, offset)); }
};

/// The first entry stands for all time before the second: its `at` means nothing.
class ListedRules final : public ZoneRules {
 public:
  explicit ListedRules(std::vector<ListedChange> changes) : changes_(std::move(changes)) {}

  CivilTime Shown(Instant instant) const override { return Wall(instant, ChangeAt(instant).offset); }

  WallMapping Map(CivilTime time) const override {
    auto after =
        std::ranges::upper_bound(changes_.begin() + 1, changes_.end(), time, {}, &ListedChange::OddFrom);
    const ListedChange& change = *(after - 1);
    const Instant last = AtOffset(time, change.offset);
    const bool is_odd = after - 1 != changes_.begin() && time < change.OddUntil();
    if (!is_odd) return {.first = last, .change = last, .last = last};
    const WallKind kind = change.before < change.offset ? WallKind::kSkipped : WallKind::kRepeated;
    return {.kind = kind, .first = AtOffset(time, change.before), .change = change.at, .last = last};
  }

  std::string Abbreviation(Instant instant) const override {
    const ListedChange& change = ChangeAt(instant);
    if (!change.abbreviation.empty()) return change.abbreviation;
    const int64_t minutes = std::chrono::abs(change.offset).count() / 60;
    return fmt::format("{}{:02}{:02}", change.offset < Seconds{0} ? '-' : '+', minutes / 60, minutes % 60);
  }

 private:
  const ListedChange& ChangeAt(Instant instant) const {
    return *(std::ranges::upper_bound(changes_.begin() + 1, changes_.end(), instant, {}, &ListedChange::at) -
             1);
  }

  std::vector<ListedChange> changes_;
};

}  // namespace

Result<Zone> MakeListedZone(std::string name, ZoneChange before, std::vector<ZoneChange> changes) {
  std::ranges::stable_sort(changes, {}, &ZoneChange::at);
  std::vector<ListedChange> kept{{before.at, before.offset, before.offset, std::move(before.abbreviation)}};
  for (ZoneChange& change : changes) {
    if (kept.size() > 1 && kept.back().at == change.at) kept.pop_back();
    const Seconds offset = kept.back().offset;
    if (change.offset != offset)
      kept.push_back({change.at, offset, change.offset, std::move(change.abbreviation)});
  }
  for (size_t i = 0; i < kept.size(); ++i) {
    if (std::chrono::abs(kept[i].offset) > kZoneOffsetMax) {
      return Invalid(fmt::format("it has an offset of more than {} hours from UTC",
                                 kZoneOffsetMax / std::chrono::hours{1}));
    }
    if (i > 1 && kept[i].at - kept[i - 1].at < kZoneChangeDistanceMin) {
      return Invalid(fmt::format("its clock changes at {} and again at {}, which is too soon",
                                 FormatInstant(kept[i - 1].at), FormatInstant(kept[i].at)));
    }
  }
  return Zone{std::move(name), std::make_shared<const ListedRules>(std::move(kept))};
}

}  // namespace lockkeeper
