#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reconciler/core/status/transition.h"

namespace lockkeeper {

struct Contender;
struct Plan;
struct PlanContext;

/// Where the announcement of one upgrade stands (SPEC 2.9).
struct Announcement {
  const NoticeRecord* valid = nullptr;  ///< the recorded one; null: none, or it is void
  std::optional<NoticeSent> fresh;      ///< to be recorded by this plan
  std::string problem;                  ///< why none can be sent, where no start can be announced
};

/// As far as gates other than `conflict`, `notice` and `concurrency` have been asked about all contenders.
Announcement JudgeAnnouncement(PlanContext& context, uint32_t upgrade);

/// Records the notices and reminders that are due, with their messages, and sees that the plan wakes for the
/// next.
void Announce(PlanContext& context, Plan& plan);

/// The message of a notice: scope, date and time in each cluster's zone and in UTC, expected duration, what
/// changes and where that is described, what its readers can do. Markdown. `reminder`: how long before the
/// start it is sent again; absent: it is the notice itself.
std::string NoticeText(PlanContext& context, uint32_t upgrade, const NoticeRecord& notice,
                       std::optional<Seconds> reminder);

}  // namespace lockkeeper
