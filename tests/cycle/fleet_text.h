#pragma once

#include <fmt/format.h>

#include <string>

#include "reconciler/core/status/status_file.h"
#include "reconciler/core/status/task_file.h"
#include "reconciler/cycle/fleet_reader.h"
#include "tests/schemas/inventory_tree.h"

namespace lockkeeper {

inline std::string Describe(const Mark& mark) { return fmt::format("{}:{}", mark.line, mark.column); }
inline std::string Describe(const Origin& origin) {
  return fmt::format("{}#{}:{}", origin.file, origin.document, Describe(origin.mark));
}

inline std::string DescribeSettings(const FleetSettings& settings) {
  std::string text = fmt::format("fleet {} at {} manifests {} releases {} status {} limit {}\n",
                                 settings.name.str(), Describe(settings.origin),
                                 fmt::join(settings.manifests, ","), fmt::join(settings.releases, ","),
                                 settings.status.path, settings.limits.open_merge_requests);
  for (const InventoryRule& rule : settings.inventory) {
    text += fmt::format("  rule {} at {} include {}\n", rule.name, Describe(rule.mark),
                        fmt::join(rule.include, ","));
  }
  return text;
}

inline std::string DescribeObjects(const Fleet& fleet) {
  std::string text;
  for (const ClusterUpgrade& upgrade : fleet.upgrades) {
    text += fmt::format("upgrade {} at {} to {} {}\n", upgrade.name.str(), Describe(upgrade.origin),
                        upgrade.release.name.value, upgrade.spec_hash);
  }
  for (const MaintenanceSchedule& schedule : fleet.schedules) {
    text += fmt::format("schedule {} at {} in {}\n", schedule.name.str(), Describe(schedule.origin),
                        schedule.time_zone.value);
  }
  for (const Release& release : fleet.releases) {
    text += fmt::format("release {} at {}\n", release.name, Describe(release.origin));
  }
  for (const UpgradePlan& plan : fleet.plans)
    text += fmt::format("plan {} at {} {}\n", plan.name.str(), Describe(plan.origin), plan.hash);
  for (const UpgradePolicy& policy : fleet.policies) {
    text += fmt::format("policy {} at {} range {}\n", policy.name.str(), Describe(policy.origin),
                        policy.range.value);
  }
  for (const ClusterLock& lock : fleet.locks) {
    text += fmt::format("lock {} at {} until {} for {}\n", lock.name.str(), Describe(lock.origin),
                        FormatInstant(lock.expires_at), lock.reason);
  }
  for (const UpgradeApproval& approval : fleet.approvals) {
    text +=
        fmt::format("approval {} at {} of {} by {} author {}\n", approval.name.str(),
                    Describe(approval.origin), approval.upgrade.value.str(), approval.by, approval.author);
  }
  for (const MaintenanceTask& task : fleet.tasks) {
    text += fmt::format("task {} at {} {}\n", task.name.str(), Describe(task.origin), task.recurrence.value);
  }
  for (const BrokenObject& broken : fleet.broken) {
    text += fmt::format("broken {} {} at {} matchers {}: {}\n", broken.kind, broken.name.str(),
                        Describe(broken.origin), broken.match.matchers.size(), broken.message);
  }
  for (const std::string& file : fleet.unreadable_files) text += fmt::format("unreadable {}\n", file);
  for (const std::string& file : fleet.unreadable_guards) text += fmt::format("unreadable guard {}\n", file);
  for (const auto& [path, calendar] : fleet.calendars) {
    text += fmt::format("calendar {} {} events: {}\n", path, calendar.events.size(), calendar.problem);
    text += Describe(calendar.findings);
    for (const CalendarEvent& event : calendar.events)
      text += fmt::format("  {} {} {}\n", Describe(event.mark), FormatCivil(event.start.wall), event.summary);
  }
  return text;
}

/// All that a state says, as text to compare.
inline std::string Describe(const FleetState& state) {
  const Fleet& fleet = state.fleet;
  std::string text = fmt::format("commit {}\n", fleet.commit);
  text += fleet.settings ? DescribeSettings(*fleet.settings) : "no settings\n";
  std::vector<Cluster> clusters(fleet.clusters.begin(), fleet.clusters.end());
  text += Describe(clusters);
  for (const Cluster& cluster : clusters) text += DescribeLabels(cluster);
  if (fleet.inventory_incomplete) text += "incomplete\n";
  text += DescribeObjects(fleet);
  for (const auto& [name, record] : state.book)
    text += fmt::format("status {}\n{}", name.str(), FormatStatusFile(record));
  for (const auto& [name, why] : state.broken_status)
    text += fmt::format("broken status {}: {}\n", name.str(), why);
  for (const auto& [key, record] : state.tasks.book)
    text += fmt::format("{}\n{}", TaskFilePath(key), FormatTaskFile(key, record));
  for (const auto& [name, why] : state.tasks.broken) text += fmt::format("broken {}: {}\n", name, why);
  return text + Describe(fleet.diagnostics);
}

}  // namespace lockkeeper
