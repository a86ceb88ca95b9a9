#include "reconciler/core/release/way.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "schemas/assert.h"

namespace lockkeeper {
namespace {

/// A limit as a person wrote it, saturated: versions count in uint64_t.
bool Within(uint64_t low, uint64_t high, const std::optional<int>& limit) {
  if (!limit) return true;
  return *limit >= 0 && high - low <= static_cast<uint64_t>(*limit);
}

const char* NameOf(ReleaseState state) {
  switch (state) {
    case ReleaseState::kActive:
      return "active";
    case ReleaseState::kDeprecated:
      return "deprecated";
    case ReleaseState::kWip:
      return "wip";
    case ReleaseState::kPreview:
      return "preview";
  }
  return "";
}

bool SameMinor(const Version& a, const Version& b) { return a.major == b.major && a.minor == b.minor; }

/// The search for a way, and for the reason where there is none.
class Way {
 public:
  explicit Way(const WayQuestion& question)
      : q_(question), releases_(question.releases), target_(question.releases[question.target]) {}

  std::optional<NoWay> TargetState() const;
  std::optional<NoWay> BlockedFromHere() const { return Barred(q_.from, target_, Direction::kDown); }
  std::expected<Hop, NoWay> Find();

 private:
  enum class Direction { kUp, kDown };

  const Version& VersionOf(size_t i) const { return releases_[i].name.version; }
  /// A version in the style of the target's name.
  std::string Styled(const Version& version) const { return target_.name.prefix + version.str(); }

  /// Which rule of `to` forbids the hop; nullopt: none.
  std::optional<NoWay> Barred(const Version& from, const CatalogEntry& to, Direction direction) const;
  const CatalogEntry::Block* BlockOf(const Version& from, const CatalogEntry& to) const;
  bool Bars(const Version& from, const CatalogEntry& to) const;
  bool Allowed(const Version& from, size_t to) const;

  /// Nobody is taken over a release that is not meant for everybody.
  bool MayPass(size_t i) const {
    return releases_[i].release->state == ReleaseState::kActive && VersionOf(i).prerelease.empty();
  }

  std::vector<size_t> ReachedFrom() const;
  NoWay Explain() const;
  NoWay Missing(const Version& last) const;

  const WayQuestion& q_;
  std::span<const CatalogEntry> releases_;
  const CatalogEntry& target_;
  size_t first_ = 0;  ///< the first release above `from`
};

const CatalogEntry::Block* Way::BlockOf(const Version& from, const CatalogEntry& to) const {
  for (const CatalogEntry::Block& block : to.blocked_from) {
    if (!block.range.Contains(from)) continue;
    if (!block.rule->match || q_.selects(*block.rule->match)) return &block;
  }
  return nullptr;
}

bool Way::Allowed(const Version& from, size_t to) const {
  return WithinSkip(from, VersionOf(to), q_.skip) && !Bars(from, releases_[to]);
}

bool Way::Bars(const Version& from, const CatalogEntry& to) const {
  if (to.upgrades_from && !to.upgrades_from->Contains(from)) return true;
  return BlockOf(from, to) != nullptr;
}

std::optional<NoWay> Way::Barred(const Version& from, const CatalogEntry& to, Direction direction) const {
  if (direction == Direction::kUp && to.upgrades_from && !to.upgrades_from->Contains(from)) {
    return NoWay{"upgrades-from",
                 fmt::format("release {} upgrades only from {} (spec.upgradesFrom), not from {}",
                             to.release->name, to.release->upgrades_from.value, Styled(from))};
  }
  const CatalogEntry::Block* block = BlockOf(from, to);
  if (block == nullptr) return std::nullopt;
  std::string message = fmt::format("release {} is blocked from {} (spec.blockedFrom {})", to.release->name,
                                    Styled(from), block->rule->range.value);
  if (!block->rule->reason.empty()) message += ": " + block->rule->reason;
  if (!block->rule->url.empty()) message += fmt::format(" ({})", block->rule->url);
  return NoWay{"blocked-from", std::move(message)};
}

std::optional<NoWay> Way::TargetState() const {
  ReleaseState state = target_.release->state;
  if (state == ReleaseState::kActive || state == ReleaseState::kPreview) return std::nullopt;
  std::string message = fmt::format("release {} has state {}", target_.release->name, NameOf(state));
  if (state == ReleaseState::kWip) message += " and is not to be run yet";
  if (state == ReleaseState::kDeprecated) {
    const CatalogEntry* newest = nullptr;
    for (size_t i = 0; i < releases_.size(); ++i) {
      if (MayPass(i) && SameMinor(VersionOf(i), target_.name.version)) newest = &releases_[i];
    }
    if (newest != nullptr) {
      message += fmt::format("; the newest active release of {}.{} is {}", target_.name.version.major,
                             target_.name.version.minor, newest->release->name);
    }
  }
  return NoWay{"release-state", std::move(message)};
}

std::expected<Hop, NoWay> Way::Find() {
  if (Allowed(q_.from, q_.target)) return Hop{target_.release, target_.name, 0};
  auto above = std::ranges::upper_bound(
      releases_, q_.from, {}, [](const CatalogEntry& e) -> const Version& { return e.name.version; });
  first_ = static_cast<size_t>(above - releases_.begin());

  // Backwards from the target: who can reach it, and in how many hops when each goes as far as it can.
  struct Stop {
    size_t release;
    uint64_t major;
    uint64_t minor;
    int remaining;
  };
  std::vector<Stop> stops;  // from high to low
  auto add = [&](size_t release, int remaining) {
    stops.push_back({release, VersionOf(release).major, VersionOf(release).minor, remaining});
  };
  add(q_.target, 0);
  auto next_of = [&](const Version& from) -> const Stop* {
    // Across majors the minor is free, so what is in reach is two runs: other majors, and the own one's low
    // minors.
    auto major_too_far = [&](const Stop& to) { return !Within(from.major, to.major, q_.skip.major); };
    auto another_major = [&](const Stop& to) { return to.major != from.major; };
    auto minor_too_far = [&](const Stop& to) { return !Within(from.minor, to.minor, q_.skip.minor); };
    auto near = std::partition_point(stops.begin(), stops.end(), major_too_far);
    auto own = std::partition_point(near, stops.end(), another_major);
    auto own_near = std::partition_point(own, stops.end(), minor_too_far);
    auto allowed = [&](const Stop& to) { return !Bars(from, releases_[to.release]); };
    if (auto stop = std::find_if(near, own, allowed); stop != own) return &*stop;
    auto stop = std::find_if(own_near, stops.end(), allowed);
    return stop == stops.end() ? nullptr : &*stop;
  };
  for (size_t i = q_.target; i-- > first_;) {
    if (!MayPass(i)) continue;
    if (const Stop* next = next_of(VersionOf(i))) add(i, next->remaining + 1);
  }
  const Stop* next = next_of(q_.from);
  if (next == nullptr) return std::unexpected(Explain());
  return Hop{releases_[next->release].release, releases_[next->release].name, next->remaining};
}

std::vector<size_t> Way::ReachedFrom() const {
  std::vector<size_t> reached;
  for (size_t i = first_; i < q_.target; ++i) {
    if (!MayPass(i)) continue;
    const Version& to = VersionOf(i);
    bool found = Allowed(q_.from, i);
    // From high to low; past the first one that is too far within a major, so are all the lower ones of that
    // major.
    auto lower_major = [&](size_t k) { return VersionOf(k).major < to.major; };
    auto own = std::ranges::partition_point(reached, lower_major);
    for (auto k = reached.end(); !found && k != own;) {
      const Version& from = VersionOf(*--k);
      if (!WithinSkip(from, to, q_.skip)) break;
      found = !Bars(from, releases_[i]);
    }
    for (auto k = own; !found && k != reached.begin();) {
      const Version& from = VersionOf(*--k);
      if (!WithinSkip(from, to, q_.skip)) break;
      found = !Bars(from, releases_[i]);
    }
    if (found) reached.push_back(i);
  }
  return reached;
}

NoWay Way::Explain() const {
  // The furthest release that can be reached is where the way breaks off.
  const std::vector<size_t> reached = ReachedFrom();
  const Version& last = reached.empty() ? q_.from : VersionOf(reached.back());
  std::string where;
  if (!reached.empty()) {
    where = fmt::format("the way from {} to {} ends at {}: ", Styled(q_.from), target_.release->name,
                        releases_[reached.back()].release->name);
  }
  // What is in reach of it and barred is in the way: the target, else the newest.
  for (size_t i = q_.target + 1; i-- > first_;) {
    bool usable = i == q_.target || MayPass(i);
    if (!usable || VersionOf(i) <= last || !WithinSkip(last, VersionOf(i), q_.skip)) continue;
    auto barred = Barred(last, releases_[i], Direction::kUp);
    LK_ASSERT(barred.has_value());
    barred->message = where + barred->message;
    return *std::move(barred);
  }
  NoWay missing = Missing(last);
  missing.message = where + missing.message;
  return missing;
}

NoWay Way::Missing(const Version& last) const {
  const Version& to = target_.name.version;
  bool majors = last.major != to.major;
  const int limit = std::max(0, majors ? q_.skip.major.value_or(0) : q_.skip.minor.value_or(0));
  const char* unit = majors ? "major" : "minor";
  if (limit == 0) {
    return {"hop-missing",
            fmt::format("a bump from {} to {} goes to another {}, and maxSkip {{{}: 0}} allows none",
                        Styled(last), target_.release->name, unit, unit)};
  }
  // The furthest that could have been gone to; it lies below the target, or that would have been in reach.
  Version wanted;
  wanted.major = majors ? last.major + static_cast<uint64_t>(limit) : last.major;
  wanted.minor = majors ? 0 : last.minor + static_cast<uint64_t>(limit);
  std::string series = majors ? fmt::format("{}{}.x", target_.name.prefix, wanted.major)
                              : fmt::format("{}{}.{}.x", target_.name.prefix, wanted.major, wanted.minor);
  std::string unusable;
  for (size_t i = q_.target; i-- > first_;) {
    const Version& version = VersionOf(i);
    if (version.major != wanted.major || (!majors && version.minor != wanted.minor)) continue;
    ReleaseState state = releases_[i].release->state;
    unusable = fmt::format("; {} is {}", releases_[i].release->name,
                           state == ReleaseState::kActive ? "a prerelease" : NameOf(state));
    break;
  }
  return {
      "hop-missing",
      fmt::format(
          "the catalog has no active release of {} to go over from {} to {}: one bump goes at most {} {}{} "
          "further (maxSkip){}",
          series, Styled(last), target_.release->name, limit, unit, limit == 1 ? "" : "s", unusable)};
}

}  // namespace

bool WithinSkip(const Version& from, const Version& to, const MaxSkip& skip) {
  if (from.major != to.major) return Within(from.major, to.major, skip.major);
  return Within(from.minor, to.minor, skip.minor);
}

std::expected<Hop, NoWay> FirstHop(const WayQuestion& question) {
  Way way(question);
  const CatalogEntry& target = question.releases[question.target];
  Hop straight{target.release, target.name, 0};
  if (question.from == target.name.version) return straight;
  if (auto state = way.TargetState()) return std::unexpected(*std::move(state));
  if (question.from > target.name.version) {
    if (auto blocked = way.BlockedFromHere()) return std::unexpected(*std::move(blocked));
    return straight;
  }
  return way.Find();
}

std::expected<Hop, NoWay> NextHopWithoutCatalog(const Version& from, const ReleaseName& target,
                                                const MaxSkip& skip) {
  if (from >= target.version || WithinSkip(from, target.version, skip)) return Hop{nullptr, target, 0};
  bool majors = from.major != target.version.major;
  int limit = std::max(0, majors ? skip.major.value_or(0) : skip.minor.value_or(0));
  uint64_t furthest = (majors ? from.major : from.minor) + static_cast<uint64_t>(limit);
  std::string series = majors ? fmt::format("{}{}.x", target.prefix, furthest)
                              : fmt::format("{}{}.{}.x", target.prefix, from.major, furthest);
  return std::unexpected(
      NoWay{"hop-missing",
            fmt::format("{}{} to {} is too far for one bump (maxSkip {{{}: {}}}), and there is no catalog "
                        "that names a release "
                        "of {} to go over; name the releases' folder in the Fleet's spec.releases, or choose "
                        "a nearer target",
                        target.prefix, from.str(), target.str(), majors ? "major" : "minor", limit, series)});
}

std::optional<NoWay> CheckProvider(const ReleaseName& target, std::string_view cluster_provider) {
  if (target.provider.empty() || cluster_provider.empty() || target.provider == cluster_provider)
    return std::nullopt;
  return NoWay{"provider",
               fmt::format("release {} is for provider {}, and the cluster's provider label says {}",
                           target.str(), target.provider, cluster_provider)};
}

}  // namespace lockkeeper
