#include "reconciler/core/plan/joint_windows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace lockkeeper {
namespace {

/// FNV-1a: the same on every machine and in every version.
uint64_t HashName(std::string_view name) {
  uint64_t hash = 0xcbf29ce484222325ULL;
  for (char byte : name) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3ULL;
  return hash;
}

}  // namespace

Seconds SpreadDelay(std::string_view cluster, Seconds spread) {
  if (spread <= Seconds{0}) return Seconds{0};
  return Seconds{static_cast<Seconds::rep>(HashName(cluster) % static_cast<uint64_t>(spread.count()))};
}

std::string JointWindows::WhyNotNow(Instant at, Seconds runway) const {
  auto around = Around(at);
  if (!around) return WhyClosed(at);
  bool fits = around->interval.end == Instant::max() || at + runway <= around->interval.end;
  if (fits) return "the starts of this window are spread, and this cluster's turn comes later";
  return fmt::format("window '{}' of schedule {} closes {}, and less than the runway of {} is left",
                     around->window, around->schedule, FormatInstant(around->interval.end),
                     FormatDuration(runway));
}

std::optional<JointWindow> JointWindows::Around(Instant at) const {
  JointWindow joint{.interval = {Instant::min(), Instant::max()}};
  for (const NamedCalendar& c : calendars_) {
    auto open = c.calendar->Around(at, change_);
    if (!open) return std::nullopt;
    joint.interval.start = std::max(joint.interval.start, open->interval.start);
    bool closes_first = joint.schedule.empty() || open->interval.end < joint.interval.end;
    if (closes_first) {
      joint.interval.end = open->interval.end;
      joint.schedule = c.name;
      joint.window = open->name;
    }
  }
  return joint;
}

std::optional<Instant> JointWindows::NextJointOpen(Instant from, int& steps) const {
  Instant candidate = from;
  size_t agreed = 0;
  // Go round until every calendar is open at the same candidate; each disagreement moves it forward.
  for (size_t i = 0; agreed < calendars_.size(); i = (i + 1) % calendars_.size()) {
    if (++steps > kSearchSteps) return std::nullopt;
    auto open = calendars_[i].calendar->NextOpen(candidate, change_);
    if (!open) return std::nullopt;
    if (*open == candidate) {
      ++agreed;
    } else {
      candidate = *open;
      agreed = 1;
    }
  }
  return candidate;
}

std::optional<Instant> JointWindows::FirstStart(Instant from, Seconds runway, Seconds delay) const {
  int steps = 0;
  Instant search = from;
  while (true) {
    auto open = NextJointOpen(search, steps);
    if (!open) return std::nullopt;
    auto window = Around(*open);
    if (!window) return std::nullopt;
    Interval joint = window->interval;
    if (joint.end == Instant::max() && joint.start == Instant::min()) return open;
    Instant last_start = joint.end == Instant::max() ? Instant::max() : joint.end - runway;
    // A window of exactly the runway's length has one instant to start at; one without runway must not start
    // at its end.
    bool fits = runway > Seconds{0} ? *open <= last_start : *open < joint.end;
    if (fits) {
      Instant spread_start = joint.start == Instant::min() ? *open : joint.start + delay;
      if (runway == Seconds{0} && last_start != Instant::max()) last_start -= Seconds{1};
      Instant start = std::max(*open, std::min(spread_start, last_start));
      return start;
    }
    search = joint.end;
  }
}

std::string JointWindows::WhyClosed(Instant at) const {
  // A freeze says more than that it is not yet evening, so exclusions come first.
  std::string exclusions;
  std::string windows;
  for (const NamedCalendar& c : calendars_) {
    if (c.calendar->Open(at, change_)) continue;
    if (auto exclusion = c.calendar->ExclusionAt(at, change_)) {
      exclusions += fmt::format("exclusion '{}' of schedule {} is in force; ", *exclusion, c.name);
    } else {
      windows += fmt::format("outside every window of schedule {}; ", c.name);
    }
  }
  std::string all = exclusions + windows;
  if (all.empty()) return "less than the runway is left of this window";
  all.resize(all.size() - 2);
  return all;
}

}  // namespace lockkeeper
