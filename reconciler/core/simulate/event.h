#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "reconciler/core/plan/decision.h"
#include "reconciler/core/status/record.h"
#include "reconciler/core/status/task_record.h"
#include "schemas/instant.h"

namespace lockkeeper {

enum class EventKind : uint8_t {
  kBump,  ///< the refs go from one release to another
  kEnd,   ///< the cluster's part in the upgrade comes to its outcome
  kHold,  ///< a gate holds it, or another one than before
  kTask,  ///< a task falls due, is overdue, changes something or cannot
};

/// One change of the record of one cluster, as a pass writes it.
struct Event {
  Instant at;
  ObjectName upgrade;  ///< of kTask: the task
  std::string cluster;
  EventKind kind = EventKind::kBump;
  Outcome outcome = Outcome::kNone;  ///< of kEnd
  Verdict verdict = Verdict::kPass;  ///< of kHold
  std::string gate;                  ///< of kHold
  TaskStep task = TaskStep::kOpen;   ///< of kTask
  std::string from;                  ///< what runs, or ran before the upgrade began
  std::string to;       ///< of a bump the release that it goes to, else that of the last bump, or the target
  std::string message;  ///< for people
};

/// `bump`; `wait` or `blocked`; of what ends its outcome: `success`, `skipped`, ...; of a task `due`,
/// `overdue`, `changed` or `refused`.
std::string_view Name(const Event& event);

/// What carrying out a plan changes, in the order of the plan. `book` is the status afterwards.
std::vector<Event> EventsOf(const Plan& plan, const StatusBook& book);

}  // namespace lockkeeper
