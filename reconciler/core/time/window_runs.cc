#include "reconciler/core/time/window_runs.h"

#include <algorithm>

#include "schemas/assert.h"

namespace lockkeeper {
namespace {

constexpr Seconds kSecond{1};
constexpr CivilTime kFarCivil{std::chrono::local_days{std::chrono::year{kLastCivilYear + 1} / 1 / 1}};

}  // namespace

std::vector<CivilRange> MergedRanges(std::vector<CivilRange> ranges) {
  std::ranges::sort(ranges, {}, &CivilRange::first);
  std::vector<CivilRange> out;
  for (const CivilRange& range : ranges) {
    if (!out.empty() && range.first <= out.back().last + kSecond) {
      out.back().last = std::max(out.back().last, range.last);
    } else {
      out.push_back(range);
    }
  }
  return out;
}

WindowRuns::WindowRuns(Zone zone, Recurrence starts, Seconds length, std::vector<CivilRange> removed)
    : zone_(std::move(zone)),
      starts_(std::move(starts)),
      length_(length),
      removed_(MergedRanges(std::move(removed))) {
  LK_ASSERT(length_ > Seconds{0});
  const std::vector<int>& times = starts_.times_of_day();
  if (times.size() > 1) {
    blocks_.resize(times.size());
    for (size_t begin = 0; begin < times.size();) {
      size_t end = begin + 1;
      while (end < times.size() && times[end] - times[end - 1] <= length_.count()) ++end;
      std::fill(blocks_.begin() + static_cast<ptrdiff_t>(begin),
                blocks_.begin() + static_cast<ptrdiff_t>(end), Block{times[begin], times[end - 1]});
      begin = end;
    }
  }
  if (starts_.GapsAtMost(length_)) {
    auto first = starts_.NextAtOrAfter(CivilTime::min());
    auto last = starts_.LastAtOrBefore(kFarCivil);
    if (first && last) endless_ = CivilRange{*first, *last};
  }
}

std::optional<CivilTime> WindowRuns::NextKept(CivilTime at_or_after) const {
  auto start = starts_.NextAtOrAfter(at_or_after);
  if (!start || removed_.empty()) return start;
  auto range = std::ranges::lower_bound(removed_, *start, {}, &CivilRange::last);
  for (; range != removed_.end() && start && range->first <= *start; ++range) {
    if (*start <= range->last) start = starts_.NextAtOrAfter(range->last + kSecond);
  }
  return start;
}

std::optional<CivilTime> WindowRuns::LastKept(CivilTime at_or_before) const {
  auto start = starts_.LastAtOrBefore(at_or_before);
  if (!start || removed_.empty()) return start;
  auto range = std::ranges::upper_bound(removed_, *start, {}, &CivilRange::first);
  while (start && range != removed_.begin()) {
    --range;
    if (*start > range->last) break;
    start = starts_.LastAtOrBefore(range->first - kSecond);
  }
  return start;
}

std::optional<WindowRuns::Block> WindowRuns::BlockOf(CivilTime start) const {
  if (blocks_.empty()) return std::nullopt;
  const std::vector<int>& times = starts_.times_of_day();
  const auto time = start - std::chrono::floor<std::chrono::days>(start);
  auto found = std::ranges::lower_bound(times, static_cast<int>(time.count()));
  LK_ASSERT(found != times.end());
  return blocks_[static_cast<size_t>(found - times.begin())];
}

/// A later start of the same run that is known without looking at those between.
CivilTime WindowRuns::LeapForward(CivilTime start) const {
  CivilTime target = start;
  if (endless_) {
    target = endless_->last;
  } else if (auto block = BlockOf(start)) {
    target = std::chrono::floor<std::chrono::days>(start) + Seconds{block->last};
  }
  if (target == start) return start;
  auto range = std::ranges::lower_bound(removed_, start, {}, &CivilRange::first);
  if (range != removed_.end() && range->first <= target) target = range->first - kSecond;
  // UNTIL can lie within the block.
  return LastKept(target).value_or(start);
}

CivilTime WindowRuns::LeapBack(CivilTime start) const {
  CivilTime target = start;
  if (endless_) {
    target = endless_->first;
  } else if (auto block = BlockOf(start)) {
    target = std::chrono::floor<std::chrono::days>(start) + Seconds{block->first};
  }
  if (target == start) return start;
  auto range = std::ranges::lower_bound(removed_, start, {}, &CivilRange::last);
  if (range != removed_.begin() && (range - 1)->last >= target) target = (range - 1)->last + kSecond;
  return NextKept(target).value_or(start);
}

CivilTime WindowRuns::LastOfRun(CivilTime start) const {
  while (true) {
    const CivilTime at = LeapForward(start);
    auto next = LastKept(at + length_);
    if (!next || *next <= at) return at;
    start = *next;
  }
}

CivilTime WindowRuns::FirstOfRun(CivilTime start) const {
  while (true) {
    const CivilTime at = LeapBack(start);
    auto previous = NextKept(at - length_);
    if (!previous || *previous >= at) return at;
    start = *previous;
  }
}

Interval WindowRuns::Mapped(CivilTime first, CivilTime last) const {
  const CivilTime end = last + length_;
  Interval out{.start = zone_.Start(first), .end = end >= kFarCivil ? Instant::max() : zone_.End(end)};
  if (out.end >= kTimeLineEnd) out.end = Instant::max();
  return out;
}

std::optional<Interval> WindowRuns::FirstEndingAfter(Instant time) const {
  CivilTime ended = zone_.LastEnd(time);
  while (true) {
    // Of the runs that began so far only that of the last start can go on past `time`; else it is the next
    // one.
    std::optional<CivilTime> first = LastKept(ended);
    std::optional<CivilTime> last;
    if (first && *first + length_ > ended) {
      last = LastOfRun(*first);
      first = FirstOfRun(*first);
    } else {
      first = NextKept(ended + kSecond);
      if (!first) return std::nullopt;
      last = LastOfRun(*first);
    }
    const Interval run = Mapped(*first, *last);
    if (run.start >= kTimeLineEnd) return std::nullopt;
    if (run.start < run.end && run.end > time) return run;
    // A run inside an hour that the clock skips is empty; so are all others in that hour.
    ended = std::max(zone_.LastEnd(std::max(run.end, time)), *last + length_);
  }
}

std::optional<Interval> WindowRuns::LastStartingBefore(Instant time) const {
  CivilTime started = zone_.LastStart(time - kSecond);
  while (true) {
    std::optional<CivilTime> start = LastKept(started);
    if (!start) return std::nullopt;
    const CivilTime first = FirstOfRun(*start);
    const Interval run = Mapped(first, LastOfRun(*start));
    if (run.start < run.end) return run;
    started = std::min(zone_.LastStart(run.start - kSecond), first - kSecond);
  }
}

}  // namespace lockkeeper
