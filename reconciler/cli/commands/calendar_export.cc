#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "reconciler/cli/command.h"
#include "reconciler/cli/find_cluster.h"
#include "reconciler/cli/open_fleet.h"
#include "reconciler/core/icalendar/calendar_entries.h"
#include "reconciler/core/plan/make_plan.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {

void AddCalendarExport(CommandLine& line);

namespace {

constexpr Seconds kDefaultSpan = std::chrono::days{90};
constexpr std::array<std::string_view, 3> kParts{"windows", "bumps", "tasks"};

struct ExportOptions {
  std::vector<std::string> what;
  std::string schedule;
  std::string cluster;
  std::string from;
  std::string to;
};

/// What is asked for, and what has been found so far.
struct CalendarExport {
  const FleetModel& model;
  const FleetState& state;
  const ExportOptions& options;
  Interval span;
  std::optional<uint32_t> cluster;
  std::vector<CalendarEntry> entries;
  std::vector<std::string> problems;  ///< what is missing in the answer, and why

  bool Wants(std::string_view part) const {
    return options.what.empty() || std::ranges::find(options.what, part) != options.what.end();
  }
};

CliResult<Interval> SpanOf(const ExportOptions& options, Instant now) {
  auto from = options.from.empty() ? CliResult<Instant>{now} : ReadInstant("--from", options.from, now);
  if (!from) return std::unexpected(from.error());
  auto to =
      options.to.empty() ? CliResult<Instant>{*from + kDefaultSpan} : ReadInstant("--to", options.to, now);
  if (!to) return std::unexpected(to.error());
  if (*to > *from) return Interval{*from, *to};
  return BadUsage(fmt::format("--to: {} is not after --from {}", FormatInstant(*to), FormatInstant(*from)));
}

CliResult<void> CheckParts(const std::vector<std::string>& what) {
  for (const std::string& part : what) {
    if (std::ranges::find(kParts, part) != kParts.end()) continue;
    const std::vector<std::string> known(kParts.begin(), kParts.end());
    return BadUsage(
        fmt::format("--what: {} is none of {}{}", Quoted(part), Listed(known), DidYouMean(part, known)));
  }
  return {};
}

bool IsNamed(const ObjectName& name, std::string_view written) {
  return written.empty() || name.str() == written || name.name == written;
}

CliResult<void> CheckSchedule(const CalendarExport& work) {
  const std::string& written = work.options.schedule;
  if (written.empty()) return {};
  std::vector<std::string> names;
  auto known = [&](const ObjectName& name) {
    names.insert(names.end(), {name.str(), name.name});
    return IsNamed(name, written);
  };
  bool found = false;
  for (const ScheduleModel& model : work.model.schedules()) found = known(model.schedule->name) || found;
  for (const BrokenObject& broken : work.state.fleet.broken)
    found = (broken.kind == "MaintenanceSchedule" && known(broken.name)) || found;
  if (found) return {};
  return Stop(ExitCode::kNothingDone, fmt::format("--schedule: there is no MaintenanceSchedule {}{}",
                                                  Quoted(written), DidYouMean(written, names)));
}

void ExportWindows(CalendarExport& work) {
  std::optional<ScheduleSet> governing;
  if (work.cluster) governing = work.model.Governing(*work.cluster, std::nullopt);
  if (governing) {
    for (const std::string* problem : {&governing->named_problem, &governing->broken}) {
      if (!problem->empty()) work.problems.push_back(fmt::format("{}: {}", work.options.cluster, *problem));
    }
  }
  const auto& schedules = work.model.schedules();
  for (uint32_t i = 0; i < schedules.size(); ++i) {
    const ScheduleModel& model = schedules[i];
    if (!IsNamed(model.schedule->name, work.options.schedule)) continue;
    if (governing && !std::ranges::binary_search(governing->schedules, i)) continue;
    if (model.calendar) {
      AddWindows(*model.schedule, *model.calendar, work.span, work.entries);
    } else if (!governing) {
      work.problems.push_back(model.problem);
    }
  }
  if (governing) return;
  for (const BrokenObject& broken : work.state.fleet.broken) {
    if (broken.kind != "MaintenanceSchedule" || !IsNamed(broken.name, work.options.schedule)) continue;
    work.problems.push_back(
        fmt::format("{}: schedule {} has errors: {}", broken.origin.file, broken.name.str(), broken.message));
  }
  for (const std::string& file : work.state.fleet.unreadable_guards)
    work.problems.push_back(fmt::format("{}: it cannot be read, and schedules may stand in it", file));
}

void ExportBumps(CalendarExport& work, Instant now) {
  const EditRefusals refusals;
  Plan plan = MakePlan(
      work.model,
      {.book = work.state.book, .broken_status = work.state.broken_status, .refusals = refusals, .now = now});
  if (work.cluster) {
    std::erase_if(plan.decisions,
                  [&](const Decision& decision) { return decision.cluster != work.options.cluster; });
  }
  AddBumps(plan, work.span, work.entries);
}

void ExportTaskChanges(CalendarExport& work, Instant now) {
  TaskPlan plan = PlanTasks(work.model, work.state.tasks, now);
  if (work.cluster) {
    auto is_other = [&](const auto& one) { return one.key.cluster != work.options.cluster; };
    std::erase_if(plan.to_try, is_other);
    std::erase_if(plan.waiting, is_other);
  }
  AddTaskChanges(plan, now, work.span, work.entries);
}

void ExportTasks(CalendarExport& work) {
  for (const MaintenanceTask& task : work.state.fleet.tasks) {
    if (work.cluster) {
      Diagnostics findings;
      auto match =
          CompiledMatch::Compile(task.match, EmptyMatch::kEverythingIfWritten, task.origin.file, findings);
      if (!match || !match->Selects(work.model.cluster(*work.cluster).labels)) continue;
    }
    if (auto added = AddTask(task, work.span, work.entries); !added)
      work.problems.push_back(added.error().message);
  }
}

CliResult<ExitCode> Export(const ExportOptions& options, Invocation& call) {
  if (!call.out.is_text())
    return BadUsage("--output: a calendar is written as iCalendar and nothing else; leave it out");
  if (auto checked = CheckParts(options.what); !checked) return std::unexpected(checked.error());
  auto span = SpanOf(options, call.now);
  if (!span) return std::unexpected(span.error());
  auto opened = OpenFleet(call);
  if (!opened) return std::unexpected(opened.error());
  const FleetModel model = FleetModel::Build(opened->state->fleet);
  CalendarExport work{.model = model, .state = *opened->state, .options = options, .span = *span};
  if (auto checked = CheckSchedule(work); !checked) return std::unexpected(checked.error());
  if (!options.cluster.empty()) {
    auto index = FindCluster(model.fleet(), "--cluster", options.cluster);
    if (!index) return std::unexpected(index.error());
    work.cluster = *index;
  }
  if (work.Wants("windows")) ExportWindows(work);
  if (work.Wants("bumps")) ExportBumps(work, call.now);
  if (work.Wants("tasks")) ExportTasks(work);
  if (work.Wants("tasks")) ExportTaskChanges(work, call.now);
  if (work.entries.size() > kCalendarEntriesMax) {
    return BadUsage(fmt::format("--to: there are more than {} events from {} to {}; ask for less at a time",
                                kCalendarEntriesMax, FormatInstant(span->start), FormatInstant(span->end)));
  }
  const std::string name = options.cluster.empty() ? "lockkeeper" : "lockkeeper: " + options.cluster;
  call.out.Text(FormatCalendar(name, std::move(work.entries), call.now));
  if (work.problems.empty()) return ExitCode::kDone;
  for (const std::string& problem : work.problems) call.Note(problem);
  return Stop(ExitCode::kNothingDone,
              "what has errors is not in the calendar; 'lockkeeper validate' shows all of it");
}

}  // namespace

void AddCalendarExport(CommandLine& line) {
  line.AddGroup("calendar", "Calendars for other programs.");
  auto options = std::make_shared<ExportOptions>();
  CLI::App& command =
      line.Add("calendar export",
               "Writes maintenance windows, planned bumps and tasks as an iCalendar file for other programs.",
               [options](Invocation& call) { return Export(*options, call); });
  line.Suggest(command
                   .add_option("--what", options->what,
                               "Only these: windows, bumps, tasks; several with commas "
                               "between them. Default: all.")
                   ->delimiter(',')
                   ->type_name("PARTS"),
               [] { return std::vector<std::string>(kParts.begin(), kParts.end()); });
  command
      .add_option("--schedule", options->schedule,
                  "Only the windows of this schedule: its name, or namespace/name.")
      ->type_name("NAME");
  command
      .add_option("--cluster", options->cluster,
                  "Only what concerns this cluster: the schedules that govern it, its bumps, its tasks.")
      ->type_name("NAME");
  command.add_option("--from", options->from, "Begin here. Default: now.")->type_name("INSTANT");
  command.add_option("--to", options->to, "End before this. Default: 90 days after --from.")
      ->type_name("INSTANT");
  command.footer(
      "An INSTANT is RFC 3339 (2026-03-11T07:00:00Z), a date (its start in UTC), now, or a time from now\n"
      "such as +7d or -12h.");
}

}  // namespace lockkeeper
