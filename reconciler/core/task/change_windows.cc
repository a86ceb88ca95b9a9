#include "reconciler/core/task/change_windows.h"

#include <fmt/format.h>

#include <algorithm>

#include "reconciler/core/plan/joint_windows.h"

namespace lockkeeper {
namespace {

JointWindows JointOf(const FleetModel& model, const ScheduleSet& set) {
  std::vector<NamedCalendar> calendars;
  for (uint32_t s : set.schedules) {
    const ScheduleModel& schedule = model.schedules()[s];
    calendars.push_back({schedule.schedule->name.str(), &*schedule.calendar});
  }
  return {std::move(calendars), kEveryScope};
}

/// What holds the changes of every task, whatever the time.
std::string WhyNever(const FleetSettings& settings) {
  if (settings.delivery.mode.value != DeliveryMode::kCommit)
    return "Fleet: delivery.mode: this version delivers by commit only";
  if (!settings.status.branch.value.empty())
    return "Fleet: status.branch: this version writes the status to the same branch only";
  if (settings.commit.signing.value != "none")
    return "Fleet: commit.signing: this version cannot sign commits";
  return {};
}

const ClusterLock* LongestActive(const std::vector<const ClusterLock*>& locks, Instant at) {
  const ClusterLock* found = nullptr;
  for (const ClusterLock* lock : locks) {
    if (!IsActive(*lock, at)) continue;
    if (found == nullptr || lock->expires_at > found->expires_at) found = lock;
  }
  return found;
}

}  // namespace

const ChangeWindows::Windows& ChangeWindows::WindowsOf(std::optional<uint32_t> cluster) {
  auto [known, is_new] = windows_.try_emplace(cluster);
  Windows& windows = known->second;
  if (!is_new) return windows;
  windows.set = cluster ? model_.Governing(*cluster, std::nullopt) : model_.GoverningAll();
  Seconds spread{0};
  for (uint32_t s : windows.set.schedules) {
    const MaintenanceSchedule& schedule = *model_.schedules()[s].schedule;
    windows.runway = std::max(windows.runway, schedule.runway.value_or(Seconds{0}));
    spread = std::max(spread, schedule.spread);
  }
  if (!cluster) return windows;
  const auto& group = model_.SharedWith(*cluster);
  windows.delay = SpreadDelay(model_.cluster(group.empty() ? *cluster : group.front()).name, spread);
  return windows;
}

std::optional<Instant> ChangeWindows::FirstStart(const Windows& windows, Instant from) {
  const std::pair key{Key{windows.set.schedules, windows.delay}, from};
  auto known = starts_.find(key);
  if (known != starts_.end()) return known->second;
  std::optional<Instant> start;
  // Without an opening there is none with a delay either, and each cluster has its own delay.
  if (windows.delay == Seconds{0} ||
      FirstStart({.runway = windows.runway, .delay = Seconds{0}, .set = windows.set}, from))
    start = JointOf(model_, windows.set).FirstStart(from, windows.runway, windows.delay);
  starts_.emplace(key, start);
  return start;
}

ChangeOpening ChangeWindows::AskSchedules(const Windows& windows,
                                          const std::vector<const ClusterLock*>& locks) {
  const bool is_governed = !windows.set.schedules.empty();
  ChangeOpening opening{.at = now_, .gate = {}, .why = {}};
  // Each round passes the end of a lock at least.
  for (size_t round = 0; opening.at && round <= locks.size(); ++round) {
    if (is_governed) opening.at = FirstStart(windows, *opening.at);
    if (!opening.at) break;
    const ClusterLock* lock = LongestActive(locks, *opening.at);
    if (lock == nullptr) break;
    opening.at = lock->expires_at;
  }
  if (const ClusterLock* lock = LongestActive(locks, now_)) {
    opening.gate = "lock";
    opening.why = fmt::format("locked by {} until {}: {}", lock->name.str(), FormatInstant(lock->expires_at),
                              lock->reason);
  } else if (opening.at != now_) {
    opening.gate = "window";
    if (is_governed) opening.why = JointOf(model_, windows.set).WhyNotNow(now_, windows.runway);
  }
  return opening;
}

ChangeOpening ChangeWindows::Ask(std::optional<uint32_t> cluster) {
  auto never = [](std::string_view gate, std::string why) {
    return ChangeOpening{.at = {}, .gate = std::string{gate}, .why = std::move(why)};
  };
  if (std::string why = WhyNever(model_.settings()); !why.empty()) return never("manifest", std::move(why));
  if (!model_.locks().problem().empty()) return never("lock", model_.locks().problem());
  const Windows& windows = WindowsOf(cluster);
  if (!windows.set.named_problem.empty()) return never("manifest", windows.set.named_problem);
  if (!windows.set.broken.empty()) return never("window", windows.set.broken);
  // A task always has a startTime, which is what RequireStartTime asks for.
  if (windows.set.schedules.empty() && model_.settings().unscheduled == Unscheduled::kClosed)
    return never("window", "no schedule governs this, and the Fleet says unscheduled: Closed");
  return AskSchedules(windows, cluster ? model_.locks().Of(*cluster) : model_.locks().OfAll());
}

const ChangeOpening& ChangeWindows::For(std::optional<uint32_t> cluster) {
  auto known = openings_.find(cluster);
  if (known == openings_.end()) known = openings_.emplace(cluster, Ask(cluster)).first;
  return known->second;
}

std::optional<WindowRecord> ChangeWindows::Current(std::optional<uint32_t> cluster) {
  const Windows& windows = WindowsOf(cluster);
  if (windows.set.schedules.empty()) return std::nullopt;
  auto around = JointOf(model_, windows.set).Around(now_);
  if (!around) return std::nullopt;
  return WindowRecord{around->schedule, around->window, around->interval.start, around->interval.end};
}

}  // namespace lockkeeper
