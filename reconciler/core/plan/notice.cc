#include "reconciler/core/plan/notice.h"

#include <fmt/format.h>

#include <algorithm>

#include "reconciler/core/plan/endings.h"
#include "reconciler/core/plan/gates.h"
#include "reconciler/core/status/status_file.h"

namespace lockkeeper {
namespace {

/// Time alone, or what has an end, stands between it and its start. Not while another upgrade moves the
/// cluster: only when that is done is it known from where this one goes, and so when it may.
bool IsAnnounceable(const PlanContext& context, const Contender& c) {
  if (c.phase != Phase::kWaiting || IsMovedByRival(context, c)) return false;
  return std::ranges::none_of(c.results, [](const auto& entry) {
    return entry.first != Gate::kNotice && entry.second.verdict == Verdict::kBlocked;
  });
}

struct Announceable {
  std::vector<std::string> names;
  std::vector<const Contender*> contenders;
};

Announceable Find(const PlanContext& context, uint32_t upgrade) {
  Announceable found;
  const Contender* first = context.FirstOf(upgrade);
  for (size_t n = 0; n < context.model.upgrades()[upgrade].clusters.size(); ++n) {
    if (!IsAnnounceable(context, first[n])) continue;
    found.contenders.push_back(&first[n]);
    found.names.push_back(context.cluster(first[n]).name);
  }
  return found;
}

/// The first opening of one of them at or after `from`.
std::optional<Instant> FirstOpening(PlanContext& context, const Announceable& found, Instant from) {
  std::optional<Instant> first;
  for (const Contender* c : found.contenders) {
    const auto& start = context.manifest(*c).start_time;
    auto opening = WindowPassesFrom(context, *c, start ? std::max(from, *start) : from);
    if (opening && (!first || *opening < *first)) first = opening;
    if (first && *first == from) break;
  }
  return first;
}

/// The reminder that is due, or comes next, of those that were not sent.
std::optional<Seconds> NextReminder(const PlanContext& context, uint32_t upgrade,
                                    const NoticeRecord& notice) {
  std::optional<Seconds> next;
  for (Seconds before : context.model.upgrades()[upgrade].upgrade->reminders) {
    bool sent = std::ranges::find(notice.reminders, before) != notice.reminders.end();
    // One that the notice itself came too late for says nothing new.
    bool pointless = notice.planned - before <= notice.sent_at;
    if (sent || pointless || context.now() >= notice.planned) continue;
    if (!next || before > *next) next = before;
  }
  return next;
}

/// Beside the upgrade's status.
std::string PathOf(const PlanContext& context, const ObjectName& upgrade) {
  std::string path = StatusFilePath(upgrade);
  path.resize(path.size() - std::string_view{".yaml"}.size());
  return context.model.settings().status.path + path + ".notice.md";
}

void Remind(PlanContext& context, uint32_t u, const NoticeRecord& notice, Plan& plan) {
  const ObjectName& name = context.model.upgrades()[u].upgrade->name;
  NoticeRecord as_sent = notice;
  std::optional<Seconds> last;
  while (auto next = NextReminder(context, u, as_sent)) {
    const Instant due = notice.planned - *next;
    if (due > context.now()) {
      if (!plan.next_wake || due < *plan.next_wake) plan.next_wake = due;
      break;
    }
    plan.transitions.emplace_back(ReminderSent{name, *next});
    as_sent.reminders.push_back(*next);
    last = next;
  }
  // Of several that nobody sent in time one message is enough.
  if (last) {
    plan.documents.push_back(
        {PathOf(context, name), NoticeText(context, u, notice, notice.planned - context.now()), name});
  }
}

}  // namespace

Announcement JudgeAnnouncement(PlanContext& context, uint32_t u) {
  Announcement announcement;
  const UpgradeModel& upgrade = context.model.upgrades()[u];
  const Seconds period = *upgrade.upgrade->notice_period;
  auto record = context.input.book.find(upgrade.upgrade->name);
  const NoticeRecord* last =
      record != context.input.book.end() && record->second.notice ? &*record->second.notice : nullptr;
  if (last != nullptr && upgrade.target && last->to_release == upgrade.target->str())
    announcement.valid = last;
  if (!upgrade.target || !MayRecord(context, upgrade)) return announcement;

  const Announceable found = Find(context, u);
  if (found.contenders.empty()) return announcement;
  const auto opening = FirstOpening(context, found, context.now() + period);
  // What was announced still holds for these clusters, and a notice of now would not let them start earlier.
  if (announcement.valid != nullptr && std::ranges::includes(last->clusters, found.names) &&
      (!opening || *opening >= last->planned)) {
    return announcement;
  }
  announcement.valid = nullptr;
  if (!opening) {
    announcement.problem = "there is no opening that could be announced";
    return announcement;
  }
  const auto& deadline = upgrade.upgrade->start_deadline;
  if (deadline && *opening >= *deadline) {
    announcement.problem = fmt::format("a notice of now would be for {}, and the startDeadline is {}",
                                       FormatInstant(*opening), FormatInstant(*deadline));
    return announcement;
  }
  announcement.fresh =
      NoticeSent{upgrade.upgrade->name, *opening, upgrade.target->str(), std::move(found.names)};
  return announcement;
}

GateResult JudgeNotice(PlanContext& context, const Contender& c) {
  const auto& period = context.manifest(c).notice_period;
  if (!period) return Pass(context.Speaks(c) ? "no notice is required" : "");
  if (c.phase != Phase::kWaiting) return Pass();
  auto known = context.announcements.find(c.upgrade);
  if (known == context.announcements.end()) {
    known = context.announcements.emplace(c.upgrade, JudgeAnnouncement(context, c.upgrade)).first;
  }
  const Announcement& announcement = known->second;
  const std::string& name = context.cluster(c).name;
  GateResult result;
  if (announcement.fresh && std::ranges::binary_search(announcement.fresh->clusters, name)) {
    result = WaitUntil(announcement.fresh->planned,
                       fmt::format("announced now for {}, with a notice of {}",
                                   FormatInstant(announcement.fresh->planned), FormatDuration(*period)));
  } else if (announcement.valid != nullptr &&
             std::ranges::binary_search(announcement.valid->clusters, name)) {
    const NoticeRecord& notice = *announcement.valid;
    std::string message =
        fmt::format("announced at {} for {}", FormatInstant(notice.sent_at), FormatInstant(notice.planned));
    // A period that has become longer since counts as it is now.
    const Instant free = std::max(notice.planned, notice.sent_at + *period);
    if (free > notice.planned)
      message += fmt::format(", and the noticePeriod is {} now", FormatDuration(*period));
    if (context.now() >= free) return Pass(context.Speaks(c) ? std::move(message) : "");
    result = WaitUntil(free, std::move(message));
  } else {
    result = Wait(!announcement.problem.empty()
                      ? announcement.problem
                      : fmt::format("not announced yet: a notice of {} is sent once no other gate is blocked",
                                    FormatDuration(*period)));
  }
  if (const Override* o = OverrideInForce(context, c)) {
    GateResult passes = Pass(fmt::format("overridden by {} until {}: {} ({})", o->by, FormatInstant(o->until),
                                         o->reason, result.message));
    passes.changes_at = o->until;
    return passes;
  }
  return result;
}

void Announce(PlanContext& context, Plan& plan) {
  for (const auto& [u, announcement] : context.announcements) {
    const UpgradeModel& upgrade = context.model.upgrades()[u];
    if (!MayRecord(context, upgrade)) continue;
    if (announcement.fresh) {
      const NoticeSent& fresh = *announcement.fresh;
      plan.transitions.emplace_back(fresh);
      const NoticeRecord notice{context.now(), fresh.planned, fresh.to_release, fresh.clusters, {}};
      plan.documents.push_back({PathOf(context, upgrade.upgrade->name),
                                NoticeText(context, u, notice, std::nullopt), upgrade.upgrade->name});
      // It wakes for its own reminders only once it is recorded.
      if (auto next = NextReminder(context, u, notice)) {
        const Instant due = notice.planned - *next;
        if (!plan.next_wake || due < *plan.next_wake) plan.next_wake = due;
      }
    } else if (announcement.valid != nullptr) {
      Remind(context, u, *announcement.valid, plan);
    }
  }
}

}  // namespace lockkeeper
