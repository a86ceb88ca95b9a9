#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "reconciler/cli/command.h"
#include "reconciler/cli/commands/simulate_view.h"
#include "reconciler/cli/commands/timeline_view.h"
#include "reconciler/cli/find_cluster.h"
#include "reconciler/cli/open_fleet.h"
#include "reconciler/cli/output/terminal_width.h"
#include "reconciler/cli/simulate_fleet.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {

void AddSimulate(CommandLine& line);

namespace {

struct SimulateOptions {
  std::string from;
  std::string to;
  std::vector<std::string> outcomes;
  std::string duration;
  std::string upgrade;
  std::string cluster;
  bool timeline = false;
};

CliResult<Assumptions> ReadAssumptions(const SimulateOptions& options, const Fleet& fleet) {
  Assumptions assumptions;
  for (const std::string& written : options.outcomes) {
    if (written == "success") continue;
    const size_t colon = written.find(':');
    const std::string word = written.substr(0, colon);
    if ((word != "failure" && word != "timeout") || colon == std::string::npos ||
        colon + 1 == written.size()) {
      return BadUsage(fmt::format("--outcome: {} is none of success, failure:CLUSTER and timeout:CLUSTER",
                                  Quoted(written)));
    }
    const std::string cluster = written.substr(colon + 1);
    if (auto found = FindCluster(fleet, "--outcome", cluster); !found) return std::unexpected(found.error());
    const Outcome outcome = word == "failure" ? Outcome::kFailure : Outcome::kTimedOut;
    if (assumptions.outcomes.try_emplace(cluster, outcome).first->second != outcome) {
      return BadUsage(fmt::format("--outcome: cluster {} can fail or time out, not both", Quoted(cluster)));
    }
  }
  if (options.duration.empty()) return assumptions;
  auto duration = ParseDuration(options.duration);
  if (!duration) return BadUsage(fmt::format("--duration: {}", duration.error().message));
  assumptions.duration = *duration;
  return assumptions;
}

/// The upgrade of that name; an empty name is none in particular.
CliResult<std::optional<ObjectName>> FindUpgrade(const FleetState& state, const std::string& written) {
  if (written.empty()) return std::nullopt;
  std::vector<std::string> names;
  auto is_meant = [&](const ObjectName& name) {
    names.push_back(name.str());
    if (name.ns == "default") names.push_back(name.name);
    return written == name.str() || (name.ns == "default" && written == name.name);
  };
  for (const ClusterUpgrade& upgrade : state.fleet.upgrades) {
    if (is_meant(upgrade.name)) return upgrade.name;
  }
  // One whose manifest is gone may still have something to end.
  for (const auto& [name, record] : state.book) {
    if (is_meant(name)) return name;
  }
  return Stop(ExitCode::kNothingDone, fmt::format("--upgrade: there is no upgrade {}{}", Quoted(written),
                                                  DidYouMean(written, names)));
}

/// The wall clock that all schedules go by; UTC where they do not agree.
std::string ZoneOf(const Fleet& fleet, const std::string& cluster) {
  if (!cluster.empty()) {
    auto found = std::ranges::lower_bound(fleet.clusters, cluster, {}, &Cluster::name);
    return found->time_zone.empty() ? "UTC" : found->time_zone.str();
  }
  if (fleet.schedules.empty()) return "UTC";
  const std::string& zone = fleet.schedules.front().time_zone.value;
  const bool agree = std::ranges::all_of(
      fleet.schedules, [&](const MaintenanceSchedule& schedule) { return schedule.time_zone.value == zone; });
  return agree && IsKnownZone(zone) ? zone : "UTC";
}

/// What was taken for granted, where anybody asks for it.
std::string AssumedText(const Fleet& fleet, const Assumptions& assumptions) {
  bool before = !fleet.settings->checks_before.empty(), after = !fleet.settings->checks_after.empty();
  for (const ClusterUpgrade& upgrade : fleet.upgrades) {
    before = before || !upgrade.checks_before.empty();
    after = after || !upgrade.checks_after.empty();
  }
  std::vector<std::string> parts;
  if (before) parts.emplace_back("checks before a start pass");
  if (after) {
    parts.push_back(
        assumptions.duration
            ? fmt::format("those after a bump answer in {}", FormatDuration(*assumptions.duration))
            : std::string{"those after a bump answer within the upgrade's runway, or in 30m"});
  }
  for (const auto& [cluster, outcome] : assumptions.outcomes) {
    parts.push_back(fmt::format("{} {}", cluster, outcome == Outcome::kFailure ? "fails" : "never answers"));
  }
  if (parts.empty()) return {};
  // Else `failure:CLUSTER` reads as if its bump showed what becomes of a failure.
  const bool unseen = !after && !assumptions.outcomes.empty() && fleet.policies.empty();
  return fmt::format(
      "Assumed: {}.{}", fmt::join(parts, ", "),
      unseen ? " No upgrade has checks after a bump, so nobody would see that: they end unverified." : "");
}

CliResult<ExitCode> RunSimulate(const SimulateOptions& options, Invocation& call) {
  if (options.timeline && !call.out.is_text()) {
    return BadUsage("--timeline: draws text; leave it out, or -o");
  }
  Instant start = call.now;
  if (!options.from.empty()) {
    auto from = ReadInstant("--from", options.from, call.now);
    if (!from) return std::unexpected(from.error());
    start = *from;
  }
  auto horizon = ReadHorizon(start, options.to, call.now);
  if (!horizon) return std::unexpected(horizon.error());
  auto opened = OpenFleet(call);
  if (!opened) return std::unexpected(opened.error());
  const FleetState& state = *opened->state;
  auto assumptions = ReadAssumptions(options, state.fleet);
  if (!assumptions) return std::unexpected(assumptions.error());
  auto upgrade = FindUpgrade(state, options.upgrade);
  if (!upgrade) return std::unexpected(upgrade.error());
  if (!options.cluster.empty()) {
    auto cluster = FindCluster(state.fleet, "--cluster", options.cluster);
    if (!cluster) return std::unexpected(cluster.error());
  }
  auto future = SimulateFleet(state, *opened->reader, *horizon, *assumptions, call.go_on);
  if (!future) return std::unexpected(future.error());
  const SimulateView view{.future = *future,
                          .is_meant =
                              [&](const ObjectName& name, const std::string& cluster) {
                                return (!*upgrade || name == **upgrade) &&
                                       (options.cluster.empty() || cluster == options.cluster);
                              },
                          .zone = ZoneOf(state.fleet, options.cluster),
                          .assumed = AssumedText(state.fleet, *assumptions)};
  if (!call.out.is_text()) {
    call.out.Value(SimulateJson(view));
  } else {
    call.out.Text(options.timeline ? TimelineText(view, TerminalWidth(), call.out.style())
                                   : SimulateText(view, call.out.style()));
  }
  if (future->incomplete.empty()) return ExitCode::kDone;
  return Stop(ExitCode::kNothingDone, "the simulation has no end: " + future->incomplete);
}

}  // namespace

void AddSimulate(CommandLine& line) {
  auto options = std::make_shared<SimulateOptions>();
  CLI::App& command = line.Add(
      "simulate",
      "What is to come if nobody commits anything: every bump and every end, by making the passes of "
      "the days ahead on a copy. Nothing is written.",
      [options](Invocation& call) { return RunSimulate(*options, call); });
  command.add_option("--from", options->from, "Make the first pass here. Default: now.")
      ->type_name("INSTANT");
  command.add_option("--to", options->to, "End before this. Default: 90 days after --from.")
      ->type_name("INSTANT");
  command
      .add_option("--outcome", options->outcomes,
                  "What the checks after a bump say: success (the default), failure:CLUSTER or "
                  "timeout:CLUSTER. May be given several times.")
      ->type_name("OUTCOME")
      ->allow_extra_args(false);
  command
      .add_option("--duration", options->duration,
                  "How long after a bump they say it. Default: the upgrade's runway, or 30m.")
      ->type_name("DURATION");
  command.add_option("--upgrade", options->upgrade, "Show only this upgrade, NAME or NAMESPACE/NAME.")
      ->type_name("NAME");
  command.add_option("--cluster", options->cluster, "Show only this cluster, in its time zone.")
      ->type_name("NAME");
  command.add_flag("--timeline", options->timeline,
                   "Draw it: a row for each cluster, a column for each day.");
  command.footer(
      "An INSTANT is RFC 3339 (2026-03-11T07:00:00Z), a date (its start in UTC), now, or a time from now\n"
      "such as +7d or -12h.");
}

}  // namespace lockkeeper
