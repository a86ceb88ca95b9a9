#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "reconciler/cli/command.h"
#include "reconciler/cli/commands/windows_schedules.h"
#include "reconciler/cli/commands/windows_view.h"
#include "reconciler/cli/output/finding_text.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {

void AddWindows(CommandLine& line);

namespace {

constexpr Seconds kDefaultSpan = std::chrono::days{30};
/// A window every day for a century has 36,500.
constexpr size_t kOpeningsMax = 200'000;

struct WindowsOptions {
  std::string schedule;
  std::string cluster;
  std::string from;
  std::string to;
  std::string at;
  std::string file;
};

bool IsNamed(const ObjectName& name, std::string_view written) {
  return name.str() == written || name.name == written;
}

CliResult<std::vector<ScheduleView>> Choose(const FoundSchedules& found, const std::string& written) {
  std::vector<ScheduleView> chosen;
  std::vector<std::string> names;
  for (const ScheduleView& view : found.schedules) {
    const ObjectName& name = view.schedule->name;
    if (written.empty() || IsNamed(name, written)) chosen.push_back(view);
    names.push_back(name.str());
    names.push_back(name.name);
  }
  const bool is_broken = std::ranges::any_of(
      found.broken, [&](const BrokenObject& b) { return written.empty() || IsNamed(b.name, written); });
  if (!chosen.empty() || is_broken) return chosen;
  if (names.empty()) return Stop(ExitCode::kNothingDone, "there is no MaintenanceSchedule" + found.where);
  return Stop(ExitCode::kNothingDone, fmt::format("SCHEDULE: there is no MaintenanceSchedule {}{}{}",
                                                  Quoted(written), found.where, DidYouMean(written, names)));
}

CliResult<Interval> SpanOf(const WindowsOptions& options, Instant now) {
  Interval span{now, now + kDefaultSpan};
  if (!options.from.empty()) {
    auto from = ReadInstant("--from", options.from, now);
    if (!from) return std::unexpected(from.error());
    span = {*from, *from + kDefaultSpan};
  }
  if (!options.to.empty()) {
    auto to = ReadInstant("--to", options.to, now);
    if (!to) return std::unexpected(to.error());
    span.end = *to;
  }
  if (span.end <= span.start) {
    return BadUsage(
        fmt::format("--to: {} is not after --from {}", FormatInstant(span.end), FormatInstant(span.start)));
  }
  return span;
}

/// What is asked: one instant, or a span.
struct Asked {
  std::optional<Instant> at;
  Interval span;
};

CliResult<Asked> ReadAsked(const WindowsOptions& options, Instant now) {
  if (!options.at.empty()) {
    auto at = ReadInstant("--at", options.at, now);
    if (!at) return std::unexpected(at.error());
    return Asked{.at = *at};
  }
  auto span = SpanOf(options, now);
  if (!span) return std::unexpected(span.error());
  return Asked{.span = *span};
}

CliResult<void> Answer(const WindowsQuestion& question, const Asked& asked, Output& out) {
  size_t openings = 0;
  for (const ScheduleView& view : question.schedules) {
    if (!asked.at) openings += view.calendar->Intervals(asked.span.start, asked.span.end, kEveryScope).size();
    if (openings > kOpeningsMax) {
      return BadUsage(
          fmt::format("--to: there are more than {} openings from {} to {}; ask for less at a time",
                      kOpeningsMax, FormatInstant(asked.span.start), FormatInstant(asked.span.end)));
    }
  }
  if (out.is_text()) {
    out.Text(asked.at ? WindowsAtText(question, *asked.at, out.style())
                      : WindowsText(question, asked.span, out.style()));
  } else {
    out.Value(asked.at ? WindowsAtJson(question, *asked.at) : WindowsJson(question, asked.span));
  }
  return {};
}

CliResult<FoundSchedules> Find(const WindowsOptions& options, Invocation& call) {
  if (!options.file.empty()) return SchedulesOfFile(options.file);
  if (!options.cluster.empty()) return SchedulesOfCluster(call, options.cluster);
  return SchedulesOfRepository(call);
}

CliResult<ExitCode> Windows(const WindowsOptions& options, Invocation& call) {
  auto asked = ReadAsked(options, call.now);
  if (!asked) return std::unexpected(asked.error());
  auto found = Find(options, call);
  if (!found) return std::unexpected(found.error());
  std::vector<ScheduleView> chosen;
  if (options.cluster.empty() || !options.schedule.empty()) {
    auto choice = Choose(*found, options.schedule);
    if (!choice) return std::unexpected(choice.error());
    chosen = std::move(*choice);
  } else {
    chosen = found->schedules;
  }
  auto answered = Answer({.schedules = std::move(chosen),
                          .now = call.now,
                          .cluster = options.cluster,
                          .zone = found->zone,
                          .ungoverned = found->ungoverned},
                         *asked, call.out);
  if (!answered) return std::unexpected(answered.error());
  // A schedule that was not asked for may have its errors; text that is no YAML may hold any.
  const bool is_whole = std::ranges::none_of(found->broken, [&](const BrokenObject& broken) {
    return options.schedule.empty() || broken.kind.empty() || IsNamed(broken.name, options.schedule);
  });
  if (is_whole) return ExitCode::kDone;
  for (const Diagnostic& finding : found->findings) call.Note(FindingLine(finding, call.notes));
  return Stop(ExitCode::kNothingDone, found->incomplete);
}

}  // namespace

void AddWindows(CommandLine& line) {
  auto options = std::make_shared<WindowsOptions>();
  CLI::App& command = line.Add("windows",
                               "When maintenance schedules are open: their windows without their exclusions. "
                               "With --at: at one instant.",
                               [options](Invocation& call) { return Windows(*options, call); });
  command.add_option("SCHEDULE", options->schedule, "Only this one: its name, or namespace/name.");
  CLI::Option* cluster = command
                             .add_option("--cluster", options->cluster,
                                         "Only the schedules that govern this cluster, in its time zone.")
                             ->type_name("NAME");
  CLI::Option* from =
      command.add_option("--from", options->from, "Begin here. Default: now.")->type_name("INSTANT");
  CLI::Option* to =
      command.add_option("--to", options->to, "End before this. Default: 30 days after --from.")
          ->type_name("INSTANT");
  command.add_option("--at", options->at, "Open or closed at this instant, why, and until when.")
      ->type_name("INSTANT")
      ->excludes(from)
      ->excludes(to);
  line.Complete(command
                    .add_option("--file", options->file,
                                "Read the schedules from a file, not from a repository; - is "
                                "stdin.")
                    ->type_name("FILE")
                    ->excludes(cluster),
                Completes::kFiles);
  command.footer(
      "An INSTANT is RFC 3339 (2026-03-11T07:00:00Z), a date (its start in UTC), now, or a time from now\n"
      "such as +7d or -12h.");
}

}  // namespace lockkeeper
