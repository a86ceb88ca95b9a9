#include "reconciler/core/time/listed_times.h"

#include <algorithm>
#include <utility>

namespace lockkeeper {

ListedTimes::ListedTimes(std::vector<NamedTime> times, std::vector<std::string> names)
    : times_(std::move(times)), names_(std::move(names)) {
  std::ranges::stable_sort(times_, {}, [](const NamedTime& time) { return time.interval; });
  reach_.reserve(times_.size());
  for (const NamedTime& time : times_) {
    const Interval& interval = time.interval;
    reach_.push_back(reach_.empty() ? interval.end : std::max(reach_.back(), interval.end));
    if (!merged_.empty() && interval.start <= merged_.back().end) {
      merged_.back().end = std::max(merged_.back().end, interval.end);
    } else {
      merged_.push_back(interval);
    }
  }
}

std::optional<Interval> ListedTimes::FirstEndingAfter(Instant time) const {
  auto found = std::ranges::upper_bound(merged_, time, {}, &Interval::end);
  if (found == merged_.end()) return std::nullopt;
  return *found;
}

std::optional<Interval> ListedTimes::LastStartingBefore(Instant time) const {
  auto after = std::ranges::lower_bound(merged_, time, {}, &Interval::start);
  if (after == merged_.begin()) return std::nullopt;
  return *(after - 1);
}

const std::string* ListedTimes::NameAt(Instant at) const {
  auto after =
      std::ranges::upper_bound(times_, at, {}, [](const NamedTime& time) { return time.interval.start; });
  for (auto index = after - times_.begin(); index > 0 && reach_[static_cast<size_t>(index - 1)] > at;
       --index) {
    const NamedTime& time = times_[static_cast<size_t>(index - 1)];
    if (time.interval.end > at) return &names_[time.name];
  }
  return nullptr;
}

}  // namespace lockkeeper
