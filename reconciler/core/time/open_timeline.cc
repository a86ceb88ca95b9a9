#include "reconciler/core/time/open_timeline.h"

#include <algorithm>

namespace lockkeeper {
namespace {

constexpr Seconds kSecond{1};
/// Beyond this nobody plans; see FirstEndingAfter.
constexpr Seconds kForEver = std::chrono::days{400};

}  // namespace

OpenTimeline::OpenTimeline(const std::vector<const IntervalSource*>& windows,
                           const std::vector<const IntervalSource*>& exclusions) {
  for (const IntervalSource* runs : windows) windows_.push_back({.runs = runs, .asked = {}, .run = {}});
  for (const IntervalSource* runs : exclusions) exclusions_.push_back({.runs = runs, .asked = {}, .run = {}});
}

const std::optional<Interval>& OpenTimeline::RunOf(Item& item, Instant time) {
  const bool holds = item.known && item.asked <= time && (!item.run || time < item.run->end);
  if (!holds) {
    item.run = item.runs->FirstEndingAfter(time);
    item.asked = time;
    item.known = true;
    --runs_left_;
  }
  return item.run;
}

/// The first open instant at or after `time`: windows and exclusions push it forward in turns.
std::optional<Instant> OpenTimeline::FirstOpen(Instant time) {
  while (runs_left_ > 0) {
    if (!windows_.empty()) {
      Instant opening = Instant::max();
      for (Item& item : windows_) {
        if (const auto& run = RunOf(item, time)) opening = std::min(opening, run->start);
      }
      time = std::max(time, opening);
    }
    if (time >= kTimeLineEnd) return std::nullopt;
    bool excluded = false;
    for (Item& item : exclusions_) {
      const auto& run = RunOf(item, time);
      if (!run || run->start > time) continue;
      time = run->end;
      excluded = true;
      if (time >= kTimeLineEnd) return std::nullopt;
    }
    if (!excluded) return time;
  }
  return std::nullopt;
}

/// The end of the open interval that holds `open`.
Instant OpenTimeline::CloseOf(Instant open) {
  Instant closed_from = Instant::max();
  for (Item& item : exclusions_) {
    if (const auto& run = RunOf(item, open)) closed_from = std::min(closed_from, run->start);
  }
  if (windows_.empty()) return closed_from;
  Instant end = open;
  for (bool grew = true; grew && end < closed_from;) {
    grew = false;
    for (Item& item : windows_) {
      if (end >= kTimeLineEnd) return closed_from;
      const auto& run = RunOf(item, end);
      if (!run || run->start > end) continue;
      end = run->end;
      grew = true;
    }
    if (runs_left_ <= 0 && end - open > kForEver) return closed_from;
    if (runs_left_ <= 0) break;
  }
  return std::min(end, closed_from);
}

/// The start of the open interval that holds `open`.
Instant OpenTimeline::OpeningOf(Instant open) {
  Instant closed_until = kTimeLineBegin;
  for (const Item& item : exclusions_) {
    if (auto run = item.runs->LastStartingBefore(open)) closed_until = std::max(closed_until, run->end);
  }
  if (windows_.empty()) return closed_until;
  Instant start = open;
  for (bool grew = true; grew && start > closed_until;) {
    grew = false;
    for (const Item& item : windows_) {
      // The first run that ends at `start` or later.
      auto run = item.runs->FirstEndingAfter(start - kSecond);
      --runs_left_;
      if (!run || run->start >= start) continue;
      start = run->start;
      grew = true;
    }
    if (runs_left_ <= 0 && open - start > kForEver) return closed_until;
    if (runs_left_ <= 0) break;
  }
  return std::max(start, closed_until);
}

std::optional<Interval> OpenTimeline::FirstEndingAfter(Instant time) {
  // Every item is looked at a few times, however many there are.
  const int runs_max = kRunsMax + 10 * static_cast<int>(windows_.size() + exclusions_.size());
  runs_left_ = runs_max;
  auto open = FirstOpen(time);
  if (!open) return std::nullopt;
  // Later than `time` it is where the interval begins; at `time` it may have begun before.
  runs_left_ = runs_max;
  const Instant start = *open > time ? *open : OpeningOf(*open);
  runs_left_ = runs_max;
  return Interval{.start = start, .end = CloseOf(*open)};
}

}  // namespace lockkeeper
