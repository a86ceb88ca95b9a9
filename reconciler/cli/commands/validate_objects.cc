#include "reconciler/cli/commands/validate_objects.h"

#include <fmt/format.h>

#include <algorithm>

namespace lockkeeper {

void JudgeTask(const MaintenanceTask& task, const TaskCalendar& calendar, Diagnostics& findings) {
  auto first = calendar.starts().NextAtOrAfter(calendar.start());
  if (first == calendar.start()) return;
  auto warn = [&](Mark mark, std::string code, std::string message) {
    findings.push_back({task.origin.file, mark, Severity::kWarning, std::move(code), std::move(message)});
  };
  if (!first) {
    return warn(task.recurrence.mark, "never-recurs",
                fmt::format("spec.recurrence: '{}' never produces a date at or after startTime {}",
                            task.recurrence.value, FormatCivil(calendar.start())));
  }
  warn(task.start.mark, "start-not-in-rule",
       fmt::format("spec.startTime: {} is not a date of '{}'; the first one is {}",
                   FormatCivil(calendar.start()), task.recurrence.value, FormatCivil(*first)));
}

void JudgeApprovals(const Fleet& fleet, Diagnostics& findings) {
  for (const UpgradeApproval& approval : fleet.approvals) {
    const ObjectName& name = approval.upgrade.value;
    auto is_named = [&](const auto& object) { return object.name == name; };
    if (std::ranges::any_of(fleet.upgrades, is_named)) continue;
    auto is_broken = [&](const BrokenObject& o) { return o.kind == "ClusterUpgrade" && o.name == name; };
    if (std::ranges::any_of(fleet.broken, is_broken)) continue;
    findings.push_back(
        {approval.origin.file, approval.upgrade.mark, Severity::kWarning, "unknown-upgrade",
         fmt::format("spec.upgrade: there is no ClusterUpgrade {}, so nothing is approved", name.str())});
  }
}

}  // namespace lockkeeper
