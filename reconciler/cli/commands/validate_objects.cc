#include "reconciler/cli/commands/validate_objects.h"

#include <fmt/format.h>

#include <algorithm>

#include "reconciler/core/time/schedule_item.h"

namespace lockkeeper {

void JudgeTask(const MaintenanceTask& task, Diagnostics& findings) {
  WindowItem item;
  item.start = task.start;
  item.recurrence = task.recurrence;
  item.time_zone = task.time_zone;
  item.mark = task.origin.mark;
  // Only its starts matter here; a window has a length.
  item.duration = Field<Seconds>{Seconds{1}, task.origin.mark};
  const ItemPlace place{.file = task.origin.file, .field = "spec"};
  auto compiled = CompileItem(item, place, std::nullopt, findings);
  if (!compiled) return;
  auto first = compiled->runs.starts().NextAtOrAfter(compiled->start);
  if (first == compiled->start) return;
  auto warn = [&](Mark mark, std::string code, std::string message) {
    findings.push_back({task.origin.file, mark, Severity::kWarning, std::move(code), std::move(message)});
  };
  if (!first) {
    return warn(task.recurrence.mark, "never-recurs",
                fmt::format("spec.recurrence: '{}' never produces a date at or after startTime {}",
                            task.recurrence.value, FormatCivil(compiled->start)));
  }
  warn(task.start.mark, "start-not-in-rule",
       fmt::format("spec.startTime: {} is not a date of '{}'; the first one is {}",
                   FormatCivil(compiled->start), task.recurrence.value, FormatCivil(*first)));
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
