#include "reconciler/core/time/schedule_calendar.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include "reconciler/core/time/compiled_calendar.h"
#include "reconciler/core/time/open_timeline.h"
#include "reconciler/core/time/schedule_item.h"

namespace lockkeeper {
namespace {

/// A part of the time line whose open intervals are known: all that end after `from` and begin before `to`.
struct Stretch {
  Instant from;
  Instant to;
  std::vector<Interval> open;
};

/// How far a stretch reaches: some intervals, or the first one that ends so much later. Each stretch is twice
/// as long as the one before, so that one question is cheap and many are too.
constexpr size_t kStretchIntervalsMin = 16;
constexpr size_t kStretchIntervalsMax = 512;
constexpr Seconds kStretchSpan = std::chrono::days{400};
/// Stretches kept for one kind of change; the oldest makes room.
constexpr size_t kStretchesMax = 8;

/// What calendars answer for; the time line's last second stands for all that is later.
Instant OnTimeLine(Instant at) { return std::clamp(at, kTimeLineBegin, kTimeLineEnd - Seconds{1}); }

/// The timeline of one kind of change and what is known of it.
struct KnownTimeline {
  OpenTimeline timeline;
  std::vector<Stretch> stretches;
  size_t next_replaced = 0;
  size_t stretch_intervals = kStretchIntervalsMin;

  const Stretch& StretchAt(Instant at) {
    for (const Stretch& stretch : stretches) {
      if (stretch.from <= at && at < stretch.to) return stretch;
    }
    Stretch stretch{.from = at, .to = at, .open = {}};
    while (stretch.open.size() < stretch_intervals && stretch.to - at < kStretchSpan) {
      auto interval = timeline.FirstEndingAfter(stretch.to);
      stretch.to = interval ? interval->end : Instant::max();
      if (!interval) break;
      stretch.from = std::min(stretch.from, interval->start);
      stretch.open.push_back(*interval);
      if (stretch.to >= kTimeLineEnd) break;
    }
    stretch_intervals = std::min(2 * stretch_intervals, kStretchIntervalsMax);
    if (stretches.size() < kStretchesMax) return stretches.emplace_back(std::move(stretch));
    Stretch& oldest = stretches[next_replaced++ % kStretchesMax];
    oldest = std::move(stretch);
    return oldest;
  }

  /// The first open interval that ends after `at`.
  std::optional<Interval> FirstEndingAfter(Instant at) {
    const Stretch& stretch = StretchAt(at);
    auto found = std::ranges::upper_bound(stretch.open, at, {}, &Interval::end);
    if (found == stretch.open.end()) return std::nullopt;
    return *found;
  }
};

}  // namespace

struct ScheduleCalendar::Impl {
  std::vector<ScheduleItem> windows;
  std::vector<ScheduleItem> exclusions;
  std::vector<CompiledCalendar> calendars;
  ChangeScopes every_scope = kEveryScope;  ///< what all exclusions block
  std::mutex mutex;                        ///< of what follows
  std::array<std::unique_ptr<KnownTimeline>, 256> timelines;

  /// Changes that the same exclusions block share one timeline.
  uint8_t TimelineIndex(ChangeScopes change) const {
    const bool excludes = !exclusions.empty() || !std::ranges::all_of(calendars, &CompiledCalendar::allows);
    if (!excludes) return 0;
    return (change & every_scope) != 0 ? every_scope : change;
  }

  /// Call with the mutex held.
  KnownTimeline& TimelineOf(ChangeScopes change) {
    std::unique_ptr<KnownTimeline>& known = timelines[TimelineIndex(change)];
    if (known) return *known;
    std::vector<const IntervalSource*> open;
    std::vector<const IntervalSource*> closed;
    open.reserve(windows.size());
    for (const ScheduleItem& item : windows) open.push_back(&item.runs);
    for (const ScheduleItem& item : exclusions) {
      if ((item.scope & change) != 0) closed.push_back(&item.runs);
    }
    for (const CompiledCalendar& calendar : calendars) {
      if (!calendar.allows && change == 0) continue;
      // Also where it lists nothing: a calendar without events opens nothing, and does not open everything.
      auto& sources = calendar.allows ? open : closed;
      sources.push_back(&calendar.listed);
      for (const ScheduleItem& item : calendar.recurring) sources.push_back(&item.runs);
    }
    known = std::make_unique<KnownTimeline>(KnownTimeline{.timeline = {open, closed}, .stretches = {}});
    return *known;
  }

  std::optional<Interval> FirstEndingAfter(Instant at, ChangeScopes change) {
    std::lock_guard lock{mutex};
    return TimelineOf(change).FirstEndingAfter(OnTimeLine(at));
  }
};

ScheduleCalendar::ScheduleCalendar(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ScheduleCalendar::~ScheduleCalendar() = default;
ScheduleCalendar::ScheduleCalendar(ScheduleCalendar&&) noexcept = default;
ScheduleCalendar& ScheduleCalendar::operator=(ScheduleCalendar&&) noexcept = default;

std::optional<ScheduleCalendar> ScheduleCalendar::Compile(const MaintenanceSchedule& schedule,
                                                          const CalendarFiles& files, Diagnostics& findings) {
  const std::string& file = schedule.origin.file;
  bool failed = false;
  auto refuse = [&](Mark mark, std::string code, std::string message) {
    failed = true;
    if (mark == Mark{}) mark = schedule.origin.mark;
    findings.push_back({file, mark, Severity::kError, std::move(code), std::move(message)});
  };
  std::optional<Zone> zone;
  if (auto loaded = Zone::Load(schedule.time_zone.value)) {
    zone = std::move(*loaded);
  } else {
    refuse(schedule.time_zone.mark, "unknown-time-zone", "spec.timeZone: " + loaded.error().message);
  }
  auto impl = std::make_unique<Impl>();
  auto compile = [&](const std::vector<WindowItem>& items, bool exclusion, std::vector<ScheduleItem>& out) {
    for (size_t i = 0; i < items.size(); ++i) {
      auto item = CompileItem(items[i], {.file = file, .field = ItemField(exclusion, i)}, zone, findings);
      failed = failed || !item;
      if (item) out.push_back(std::move(*item));
    }
  };
  compile(schedule.windows, false, impl->windows);
  compile(schedule.exclusions, true, impl->exclusions);
  for (size_t i = 0; i < schedule.calendars.size(); ++i) {
    const ItemPlace place{.file = file, .field = fmt::format("spec.calendars[{}]", i)};
    auto calendar = CompileCalendar(schedule.calendars[i], place, files, zone, findings);
    failed = failed || !calendar;
    if (calendar) impl->calendars.push_back(std::move(*calendar));
  }
  if (failed) return std::nullopt;
  for (const ScheduleItem& item : impl->exclusions) impl->every_scope &= item.scope;
  return ScheduleCalendar{std::move(impl)};
}

bool ScheduleCalendar::Open(Instant at, ChangeScopes change) const {
  auto interval = impl_->FirstEndingAfter(at, change);
  return interval && interval->start <= OnTimeLine(at);
}

std::optional<OpenWindow> ScheduleCalendar::Around(Instant at, ChangeScopes change) const {
  auto interval = impl_->FirstEndingAfter(at, change);
  if (!interval || interval->start > OnTimeLine(at)) return std::nullopt;
  return OpenWindow{.interval = *interval, .name = WindowAt(at).value_or("")};
}

std::optional<Instant> ScheduleCalendar::NextOpen(Instant at, ChangeScopes change) const {
  auto interval = impl_->FirstEndingAfter(at, change);
  if (!interval) return std::nullopt;
  return std::max(interval->start, at);
}

std::vector<Interval> ScheduleCalendar::Intervals(Instant from, Instant to, ChangeScopes change) const {
  std::vector<Interval> out;
  to = std::min(to, kTimeLineEnd);
  for (Instant at = OnTimeLine(from); at < to && out.size() < kIntervalsMax;) {
    auto interval = impl_->FirstEndingAfter(at, change);
    if (!interval || interval->start >= to) break;
    const Interval clipped{.start = std::max(interval->start, at), .end = std::min(interval->end, to)};
    at = clipped.end;
    if (!out.empty() && out.back().end == clipped.start) {
      out.back().end = clipped.end;
    } else {
      out.push_back(clipped);
    }
  }
  return out;
}

namespace {

/// The name of the first item that is in force at `at`.
template <class Filter>
std::optional<std::string> NameAt(const std::vector<ScheduleItem>& items, Instant at, Filter filter) {
  at = OnTimeLine(at);
  for (const ScheduleItem& item : items) {
    if (!filter(item)) continue;
    auto run = item.runs.FirstEndingAfter(at);
    if (run && run->start <= at) return item.name;
  }
  return std::nullopt;
}

std::optional<std::string> EventAt(const std::vector<CompiledCalendar>& calendars, Instant at, bool allows) {
  for (const CompiledCalendar& calendar : calendars) {
    if (calendar.allows != allows) continue;
    if (const std::string* name = calendar.listed.NameAt(OnTimeLine(at))) return *name;
    if (auto name = NameAt(calendar.recurring, at, [](const ScheduleItem&) { return true; })) return name;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> ScheduleCalendar::ExclusionAt(Instant at, ChangeScopes change) const {
  auto name =
      NameAt(impl_->exclusions, at, [&](const ScheduleItem& item) { return (item.scope & change) != 0; });
  return name || change == 0 ? name : EventAt(impl_->calendars, at, false);
}

std::optional<std::string> ScheduleCalendar::WindowAt(Instant at) const {
  auto name = NameAt(impl_->windows, at, [](const ScheduleItem&) { return true; });
  return name ? name : EventAt(impl_->calendars, at, true);
}

bool ScheduleCalendar::CalendarIsOver(size_t index, Instant at) const {
  const CompiledCalendar& calendar = impl_->calendars[index];
  return !calendar.listed.FirstEndingAfter(at) &&
         std::ranges::none_of(calendar.recurring, [&](const ScheduleItem& item) {
           return item.runs.FirstEndingAfter(at).has_value();
         });
}

}  // namespace lockkeeper
