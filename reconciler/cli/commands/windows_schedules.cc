#include "reconciler/cli/commands/windows_schedules.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <set>

#include "reconciler/cli/find_cluster.h"
#include "reconciler/cli/input_file.h"
#include "reconciler/cli/named_calendars.h"
#include "reconciler/cli/open_fleet.h"
#include "reconciler/cli/remote.h"
#include "reconciler/core/plan/fleet_model.h"
#include "schemas/manifest/decode.h"
#include "schemas/yaml/limits.h"

namespace lockkeeper {
namespace {

constexpr std::string_view kKind = "MaintenanceSchedule";

struct FileOwner {
  std::vector<MaintenanceSchedule> schedules;
  std::deque<ScheduleCalendar> calendars;
};

struct FleetOwner {
  OpenedFleet opened;
  FleetModel model;
};

CliResult<std::shared_ptr<FleetOwner>> Open(const Invocation& call) {
  auto opened = OpenFleet(call);
  if (!opened) return std::unexpected(opened.error());
  FleetModel model = FleetModel::Build(opened->state->fleet);
  return std::make_shared<FleetOwner>(FleetOwner{std::move(*opened), std::move(model)});
}

void AddBroken(const FleetOwner& owner, FoundSchedules& found) {
  const Fleet& fleet = owner.opened.state->fleet;
  for (const BrokenObject& broken : fleet.broken) {
    if (broken.kind == kKind) found.broken.push_back(broken);
  }
  // What explains it may stand in the calendars that it names.
  std::set<std::string> files;
  for (const std::string& file : fleet.unreadable_guards) found.broken.push_back({.origin = {.file = file}});
  for (const ScheduleModel& schedule : owner.model.schedules()) {
    if (schedule.calendar) continue;
    found.broken.push_back({.kind = std::string(kKind),
                            .name = schedule.schedule->name,
                            .origin = schedule.schedule->origin,
                            .message = schedule.problem});
    for (const CalendarReference& calendar : schedule.schedule->calendars) files.insert(calendar.path.value);
  }
  for (const BrokenObject& broken : found.broken) files.insert(broken.origin.file);
  Diagnostics all = fleet.diagnostics;
  all.insert(all.end(), owner.model.findings().begin(), owner.model.findings().end());
  std::ranges::copy_if(all, std::back_inserter(found.findings), [&](const Diagnostic& finding) {
    return finding.severity == Severity::kError && files.contains(finding.file);
  });
  SortDiagnostics(found.findings);
}

std::string Ungoverned(Unscheduled unscheduled) {
  switch (unscheduled) {
    case Unscheduled::kRequireStartTime:
      return "no schedule governs it: upgrades with a startTime may run from then on, others wait "
             "(unscheduled: "
             "RequireStartTime)";
    case Unscheduled::kOpen:
      return "no schedule governs it: upgrades may run at any time (unscheduled: Open)";
    case Unscheduled::kClosed:
      return "no schedule governs it, so no upgrade may run (unscheduled: Closed)";
  }
  return "";
}

}  // namespace

CliResult<FoundSchedules> SchedulesOfFile(const std::string& path) {
  auto text = ReadInput(path, YamlLimits{}.bytes_max);
  if (!text) return Stop(ExitCode::kNothingDone, "--file: " + text.error().message);
  const std::string shown = path == "-" ? "stdin" : path;
  DecodedFile decoded = DecodeManifests(shown, *text);
  FoundSchedules found{.where = " in " + shown,
                       .incomplete = shown + ": what has errors is not in the answer; see above"};
  std::ranges::copy_if(decoded.diagnostics, std::back_inserter(found.findings),
                       [](const Diagnostic& finding) { return finding.severity == Severity::kError; });
  std::ranges::copy_if(decoded.broken, std::back_inserter(found.broken),
                       [](const BrokenObject& b) { return b.kind == kKind || b.kind.empty(); });
  auto owner = std::make_shared<FileOwner>();
  owner->schedules = std::move(decoded.schedules);
  std::ranges::sort(owner->schedules, {}, &MaintenanceSchedule::name);
  const CalendarFiles calendars = ReadNamedCalendars(owner->schedules, FolderOfFile(path));
  for (const MaintenanceSchedule& schedule : owner->schedules) {
    Diagnostics findings;
    if (auto calendar = ScheduleCalendar::Compile(schedule, calendars, findings)) {
      found.schedules.push_back({&schedule, &owner->calendars.emplace_back(std::move(*calendar))});
      continue;
    }
    found.broken.push_back({.kind = std::string(kKind), .name = schedule.name, .origin = schedule.origin});
    found.findings.insert(found.findings.end(), findings.begin(), findings.end());
  }
  found.owner = std::move(owner);
  return found;
}

CliResult<FoundSchedules> SchedulesOfRepository(const Invocation& call) {
  auto owner = Open(call);
  if (!owner) return std::unexpected(owner.error());
  FoundSchedules found{.where = " in " + ShownRepo(call.options.repo),
                       .incomplete = ShownRepo(call.options.repo) + ": what has errors is not in the answer; see above"};
  for (const ScheduleModel& schedule : (*owner)->model.schedules()) {
    if (schedule.calendar) found.schedules.push_back({schedule.schedule, &*schedule.calendar});
  }
  AddBroken(**owner, found);
  found.owner = std::move(*owner);
  return found;
}

CliResult<FoundSchedules> SchedulesOfCluster(const Invocation& call, const std::string& cluster) {
  auto owner = Open(call);
  if (!owner) return std::unexpected(owner.error());
  const FleetModel& model = (*owner)->model;
  auto index = FindCluster(model.fleet(), "--cluster", cluster);
  if (!index) return std::unexpected(index.error());
  const ScheduleSet governing = model.Governing(*index, std::nullopt);
  FoundSchedules found{.where = " that governs " + cluster, .zone = model.cluster(*index).time_zone};
  for (uint32_t i : governing.schedules) {
    const ScheduleModel& schedule = model.schedules()[i];
    if (schedule.calendar) found.schedules.push_back({schedule.schedule, &*schedule.calendar});
  }
  const std::string& problem = governing.named_problem.empty() ? governing.broken : governing.named_problem;
  if (!problem.empty()) {
    found.incomplete = fmt::format("{}: {}, so the cluster is closed", cluster, problem);
    // Whichever it is, it is one of those that govern the cluster.
    found.broken.push_back({});
  } else if (governing.schedules.empty()) {
    found.ungoverned = Ungoverned(model.settings().unscheduled);
  }
  found.owner = std::move(*owner);
  return found;
}

}  // namespace lockkeeper
