// Gate 15: the maintenance window.

#include <fmt/format.h>

#include <algorithm>

#include "reconciler/core/plan/gates.h"
#include "reconciler/core/plan/joint_windows.h"
#include "reconciler/core/plan/min_interval.h"
#include "reconciler/core/plan/ways.h"

namespace lockkeeper {
namespace {

/// SPEC 2.3 spread: this cluster's part of it. Clusters that move together have the first one's.
Seconds DelayOf(const PlanContext& context, const Contender& c) {
  Seconds spread{0};
  for (uint32_t s : c.schedules->schedules)
    spread = std::max(spread, context.model.schedules()[s].schedule->spread);
  if (spread <= Seconds{0}) return Seconds{0};
  const auto& group = context.model.SharedWith(c.cluster);
  const Cluster& named = group.empty() ? context.cluster(c) : context.model.cluster(group.front());
  return SpreadDelay(named.name, spread);
}

JointWindows JointOf(const PlanContext& context, const Contender& c) {
  std::vector<NamedCalendar> calendars;
  for (uint32_t s : c.schedules->schedules) {
    const ScheduleModel& model = context.model.schedules()[s];
    calendars.push_back({model.schedule->name.str(), &*model.calendar});
  }
  return {std::move(calendars), ChangeOf(context, c)};
}

GateResult JudgeUnscheduled(const PlanContext& context, const Contender& c) {
  switch (context.model.settings().unscheduled) {
    case Unscheduled::kOpen:
      return Pass(context.Speaks(c) ? "no schedule governs this cluster, and the Fleet says unscheduled: Open"
                                    : "");
    case Unscheduled::kClosed:
      return Blocked("no schedule governs this cluster, and the Fleet says unscheduled: Closed");
    case Unscheduled::kRequireStartTime:
      break;
  }
  if (context.manifest(c).start_time) {
    return Pass(context.Speaks(c) ? "no schedule governs this cluster; the upgrade's startTime decides" : "");
  }
  return Wait("no schedule governs this cluster, and the upgrade has no startTime; give it one of them");
}

WindowKey KeyOf(const PlanContext& context, const Contender& c) {
  return {c.schedules, ChangeOf(context, c), RunwayOf(context, c), DelayOf(context, c)};
}

std::optional<Instant> FirstStart(PlanContext& context, const Contender& c, const WindowKey& key,
                                  Instant from) {
  auto known = context.starts.find({key, from});
  if (known != context.starts.end()) return known->second;
  std::optional<Instant> start;
  WindowKey undelayed = key;
  undelayed.delay = Seconds{0};
  // Without an opening there is none with a delay either.
  if (key.delay == Seconds{0} || FirstStart(context, c, undelayed, from)) {
    start = JointOf(context, c).FirstStart(from, key.runway, key.delay);
  }
  context.starts.emplace(std::pair{key, from}, start);
  return start;
}

GateResult AskSchedules(PlanContext& context, const Contender& c, const WindowKey& key) {
  JointWindows joint = JointOf(context, c);
  auto start = FirstStart(context, c, key, context.now());
  if (!start) {
    return Blocked(fmt::format("{}, and the schedules never open again together for long enough",
                               joint.WhyNotNow(context.now(), key.runway)));
  }
  if (*start > context.now()) return WaitUntil(*start, joint.WhyNotNow(context.now(), key.runway));
  auto around = joint.Around(context.now());
  GateResult passes;
  if (around->interval.end != Instant::max()) {
    // With a runway the last instant to start at is inside, without one it is the second before the end.
    passes.changes_at =
        key.runway > Seconds{0} ? around->interval.end - key.runway + Seconds{1} : around->interval.end;
    passes.message = fmt::format("window '{}' of schedule {} is open until {}", around->window,
                                 around->schedule, FormatInstant(around->interval.end));
  } else {
    passes.message = fmt::format("schedule {} is open", around->schedule);
  }
  return passes;
}

}  // namespace

ChangeScopes ChangeOf(const PlanContext& context, const Contender& c) {
  if (c.way->hop.empty()) return kEveryScope;
  bool release_moves_nodes = c.way->release == nullptr ||
                             c.way->release->disruption.value_or(Disruption::kNodes) == Disruption::kNodes;
  bool nodes = std::ranges::any_of(context.cluster(c).refs, [&](const Ref& ref) {
    if (!InScope(ref.role, context.manifest(c).scope)) return false;
    return ref.role == RefRole::kNodes || (ref.role == RefRole::kRelease && release_moves_nodes);
  });
  auto bits = static_cast<unsigned>(c.way->change);
  if (nodes) bits |= static_cast<unsigned>(ChangeScope::kNodes);
  return static_cast<ChangeScopes>(bits);
}

namespace {

GateResult JudgeSchedules(PlanContext& context, const Contender& c) {
  if (!c.schedules->broken.empty()) return Blocked(c.schedules->broken);
  if (c.schedules->schedules.empty()) return JudgeUnscheduled(context, c);
  WindowKey key = KeyOf(context, c);
  auto known = context.windows.find(key);
  if (known == context.windows.end())
    known = context.windows.emplace(key, AskSchedules(context, c, key)).first;
  GateResult result = known->second;
  if (result.verdict == Verdict::kPass && !context.Speaks(c)) result.message.clear();
  return result;
}

}  // namespace

GateResult JudgeWindow(PlanContext& context, const Contender& c) {
  GateResult result = JudgeSchedules(context, c);
  const Override* o = OverrideInForce(context, c);
  if (result.verdict == Verdict::kPass || o == nullptr) return result;
  GateResult passes = Pass(fmt::format("overridden by {} until {}: {} ({})", o->by, FormatInstant(o->until),
                                       o->reason, result.message));
  passes.changes_at = o->until;
  return passes;
}

const Override* OverrideUsed(PlanContext& context, const Contender& c) {
  const Override* o = OverrideInForce(context, c);
  if (o == nullptr) return nullptr;
  bool needed = context.manifest(c).notice_period || IntervalEnd(context, c) ||
                JudgeSchedules(context, c).verdict != Verdict::kPass;
  return needed ? o : nullptr;
}

std::optional<Instant> WindowPassesFrom(PlanContext& context, const Contender& c, Instant from) {
  const auto& override_ = context.manifest(c).override_;
  if (override_ && override_->windows && from < override_->until) return from;
  if (!c.schedules->broken.empty()) return std::nullopt;
  if (c.schedules->schedules.empty()) {
    bool may = context.model.settings().unscheduled == Unscheduled::kOpen ||
               (context.model.settings().unscheduled == Unscheduled::kRequireStartTime &&
                context.manifest(c).start_time);
    return may ? std::optional{from} : std::nullopt;
  }
  return FirstStart(context, c, KeyOf(context, c), from);
}

std::optional<WindowRecord> CurrentWindow(const PlanContext& context, const Contender& c) {
  if (c.schedules->schedules.empty() || !c.schedules->broken.empty()) return std::nullopt;
  auto around = JointOf(context, c).Around(context.now());
  if (!around) return std::nullopt;
  return WindowRecord{around->schedule, around->window, around->interval.start, around->interval.end};
}

}  // namespace lockkeeper
