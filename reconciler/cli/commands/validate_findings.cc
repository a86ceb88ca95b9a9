#include "reconciler/cli/commands/validate_findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <map>

#include "reconciler/cli/commands/validate_changes.h"
#include "reconciler/cli/commands/validate_objects.h"
#include "reconciler/core/match/compiled_match.h"
#include "reconciler/core/plan/fleet_model.h"
#include "reconciler/core/reach/reach.h"

namespace lockkeeper {
namespace {

void Warn(const Origin& origin, Mark mark, std::string code, std::string message, Diagnostics& findings) {
  findings.push_back({.file = origin.file,
                      .mark = mark == Mark{} ? origin.mark : mark,
                      .severity = Severity::kWarning,
                      .code = std::move(code),
                      .message = std::move(message)});
}

void JudgeZones(Instant now, Diagnostics& findings) {
  const std::string version = ZoneDatabaseVersion();
  int published = 0;
  std::from_chars(version.data(), version.data() + version.size(), published);
  const std::chrono::year_month_day today{std::chrono::floor<std::chrono::days>(now)};
  // The version says the year alone: it is older than a year for certain once a whole one lies between.
  const bool is_old = published != 0 && static_cast<int>(today.year()) > published + 1;
  if (published != 0 && !is_old) return;
  findings.push_back({.file = "tzdata",
                      .severity = Severity::kWarning,
                      .code = "old-time-zones",
                      .message = fmt::format(
                          "the time zone database of this machine is {}; clocks may have been changed by "
                          "law since: update the package tzdata",
                          published == 0 ? "of an unknown version" : version + ", more than a year old")});
}

/// What a match selects, and what it would select if one condition were enough.
struct Selection {
  size_t all = 0;
  size_t any = 0;
};

void JudgeMatch(const ClusterMatch& match, EmptyMatch empty, const MatchPlace& place, const Fleet& fleet,
                Diagnostics& findings) {
  if (match.empty() || fleet.clusters.empty() || fleet.inventory_incomplete) return;
  Diagnostics reported;
  auto compiled = CompiledMatch::Compile(match, empty, place.origin.file, reported);
  if (!compiled) return;
  Selection selection;
  for (const Cluster& cluster : fleet.clusters) {
    selection.all += compiled->Selects(cluster.labels) ? 1 : 0;
    selection.any += compiled->SelectsAny(cluster.labels) ? 1 : 0;
  }
  if (selection.all != 0) return;
  if (compiled->has_several_conditions() && selection.any != 0) {
    Warn(place.origin, match.mark, "matchers-exclude-each-other",
         fmt::format("{}: all of them must hold, and no cluster has them all; {} would have one "
                     "of them. For one "
                     "or the other write a single matcher with isRegex: true and value: a|b",
                     place.field, selection.any),
         findings);
  } else {
    Warn(place.origin, match.mark, "selects-no-cluster",
         fmt::format("{}: no cluster of the inventory has these labels; 'lockkeeper clusters -o json' shows "
                     "the labels",
                     place.field),
         findings);
  }
}

void JudgeUpgrades(const Fleet& fleet, Diagnostics& findings) {
  const bool fleet_verifies = fleet.settings && !fleet.settings->checks_after.empty();
  for (const ClusterUpgrade& upgrade : fleet.upgrades) {
    JudgeMatch(upgrade.match, EmptyMatch::kNothing, {upgrade.origin, "spec.matchers"}, fleet, findings);
    if (fleet_verifies || !upgrade.checks_after.empty()) continue;
    Warn(upgrade.origin, {}, "nothing-verified",
         fmt::format("spec.checks.after: upgrade {} has no checks, so nothing is verified: its outcome will "
                     "be 'unverified', "
                     "which counts as done",
                     upgrade.name.str()),
         findings);
  }
}

void JudgeClusters(const FleetModel& model, Diagnostics& findings) {
  for (uint32_t i = 0; i < model.fleet().clusters.size(); ++i) {
    const Cluster& cluster = model.cluster(i);
    if (cluster.schedule_names.empty()) continue;
    const ScheduleSet governing = model.Governing(i, std::nullopt);
    if (governing.named_problem.empty()) continue;
    findings.push_back({cluster.file.str(), cluster.mark, Severity::kError, "unknown-schedule",
                        fmt::format("cluster {}: {}", cluster.name, governing.named_problem)});
  }
}

void JudgeSettings(const FleetSettings& settings, Diagnostics& findings) {
  if (settings.inventory.empty()) {
    Warn(settings.origin, {}, "empty-inventory",
         "spec.inventory: it has no rule, so no cluster is found; 'lockkeeper profiles' lists the shapes "
         "that need no rule of "
         "one's own",
         findings);
  }
  const bool by_request = settings.delivery.mode.value == DeliveryMode::kMergeRequest;
  if (!by_request || !settings.status.branch.value.empty()) return;
  Warn(settings.origin, settings.delivery.mode.mark, "status-on-the-branch",
       "spec.status.branch: the status files are committed to the branch itself, which fails where it is "
       "protected; name a "
       "branch for them there",
       findings);
}

/// What plans, policies, locks and tasks say wrong, whatever clusters there are.
template <class Objects>
void JudgeOthers(const Objects& objects, Diagnostics& findings) {
  ForEachMatch(objects, [&](const ClusterMatch& match, EmptyMatch empty, const MatchPlace& place) {
    (void)CompiledMatch::Compile(match, empty, place.origin.file, findings);
  });
  for (const MaintenanceTask& task : objects.tasks) {
    auto calendar = TaskCalendar::Compile(task, findings);
    if (calendar) JudgeTask(task, *calendar, findings);
  }
}

}  // namespace

Diagnostics JudgeFleet(const FleetState& state, Instant now) {
  const Fleet& fleet = state.fleet;
  Diagnostics findings = fleet.diagnostics;
  // The objects can be judged without the Fleet, as if it said nothing.
  Fleet judged = fleet;
  if (!judged.settings) judged.settings.emplace();
  const FleetModel model = FleetModel::Build(judged);
  findings.insert(findings.end(), model.findings().begin(), model.findings().end());
  for (const ScheduleModel& schedule : model.schedules()) {
    if (schedule.calendar) LintSchedule(*schedule.schedule, *schedule.calendar, now, findings);
    JudgeMatch(schedule.schedule->match, EmptyMatch::kEverythingIfWritten,
               {schedule.schedule->origin, "spec.matchers"}, fleet, findings);
  }
  JudgeOthers(fleet, findings);
  ForEachMatch(fleet, [&](const ClusterMatch& match, EmptyMatch empty, const MatchPlace& place) {
    JudgeMatch(match, empty, place, fleet, findings);
  });
  JudgeApprovals(fleet, findings);
  if (fleet.settings) JudgePolicies(model, findings);
  if (fleet.settings) JudgeTaskChanges(model, findings);
  JudgeUpgrades(fleet, findings);
  JudgeClusters(model, findings);
  if (fleet.settings) {
    JudgeSettings(*fleet.settings, findings);
    std::ranges::move(JudgeReach(model, state.book, state.broken_status, now), std::back_inserter(findings));
  }
  if (!model.schedules().empty() || !fleet.tasks.empty()) JudgeZones(now, findings);
  SortDiagnostics(findings);
  return findings;
}

namespace {

/// Objects of one kind and name in two files. Within one file the decoder reports them.
class Names {
 public:
  void Add(std::string_view kind, const std::string& name, const Origin& origin, Diagnostics& findings) {
    auto [first, added] = first_.try_emplace(fmt::format("{} {}", kind, name), origin);
    if (added || first->second.file == origin.file) return;
    findings.push_back({origin.file, origin.mark, Severity::kError, "duplicate-object",
                        fmt::format("metadata.name: {} {} is there already: {}:{}", kind, name,
                                    first->second.file, first->second.mark.line)});
  }

 private:
  std::map<std::string, Origin> first_;
};

}  // namespace

Diagnostics JudgeManifests(const std::vector<DecodedFile>& files, const CalendarFiles& calendars,
                           Instant now) {
  Diagnostics findings;
  Names names;
  bool any_zone = false;
  for (const DecodedFile& file : files) {
    findings.insert(findings.end(), file.diagnostics.begin(), file.diagnostics.end());
    for (const FleetSettings& fleet : file.fleets)
      names.Add("Fleet", fleet.name.str(), fleet.origin, findings);
    for (const Release& release : file.releases) names.Add("Release", release.name, release.origin, findings);
    auto add = [&](const char* kind, const auto& objects) {
      for (const auto& object : objects) names.Add(kind, object.name.str(), object.origin, findings);
    };
    add("UpgradePlan", file.plans);
    add("UpgradePolicy", file.policies);
    add("ClusterLock", file.locks);
    add("UpgradeApproval", file.approvals);
    add("MaintenanceTask", file.tasks);
    JudgeOthers(file, findings);
    any_zone = any_zone || !file.tasks.empty();
    for (const ClusterUpgrade& upgrade : file.upgrades) {
      names.Add("ClusterUpgrade", upgrade.name.str(), upgrade.origin, findings);
      (void)CompiledMatch::Compile(upgrade.match, EmptyMatch::kNothing, upgrade.origin.file, findings);
    }
    for (const MaintenanceSchedule& schedule : file.schedules) {
      any_zone = true;
      names.Add("MaintenanceSchedule", schedule.name.str(), schedule.origin, findings);
      (void)CompiledMatch::Compile(schedule.match, EmptyMatch::kEverythingIfWritten, schedule.origin.file,
                                   findings);
      auto calendar = ScheduleCalendar::Compile(schedule, calendars, findings);
      if (calendar) LintSchedule(schedule, *calendar, now, findings);
    }
  }
  if (any_zone) JudgeZones(now, findings);
  SortDiagnostics(findings);
  return findings;
}

}  // namespace lockkeeper
