#include "reconciler/cycle/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <tuple>

#include "reconciler/cli/command.h"
#include "reconciler/cli/open_fleet.h"
#include "reconciler/cli/output/text_table.h"
#include "reconciler/cli/output/time_text.h"
#include "reconciler/core/status/transition.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {

void AddHistory(CommandLine& line);

namespace {

using nlohmann::ordered_json;

struct Event {
  Instant at;
  std::string commit;
  ObjectName upgrade;
  Outcome outcome = Outcome::kNone;
  std::string event;  ///< bump, or the state or outcome that was reached
  std::string from;
  std::string to;
  std::string message;
  Paint paint = Paint::kPlain;
};

/// What is asked for; an empty text and an absent instant ask for everything.
struct HistoryQuery {
  std::string cluster;
  std::string upgrade;  ///< name, or namespace/name
  std::string outcome;
  std::string since_text;
  std::string until_text;
  std::optional<Instant> since;  ///< inclusive
  std::optional<Instant> until;  ///< exclusive

  bool Wants(const Event& event) const {
    if (since && event.at < *since) return false;
    if (until && event.at >= *until) return false;
    if (!outcome.empty() && (event.outcome == Outcome::kNone || Name(event.outcome) != outcome)) return false;
    return upgrade.empty() || upgrade == event.upgrade.str() ||
           (event.upgrade.ns == "default" && upgrade == event.upgrade.name);
  }
};

std::string WindowText(const Bumped& bump) {
  if (bump.override_) return fmt::format("override of {}: {}", bump.override_->by, bump.override_->reason);
  if (!bump.window) return {};
  if (bump.window->name.empty()) return fmt::format("schedule {}", bump.window->schedule);
  return fmt::format("window '{}' of {}", bump.window->name, bump.window->schedule);
}

Event EventOf(const StateChanged& change) {
  Event event{.upgrade = change.upgrade, .event = std::string{Name(change.state)}, .message = change.reason};
  if (change.state == ClusterState::kFinished) {
    event.event = Name(change.outcome);
    event.outcome = change.outcome;
    event.paint = change.outcome == Outcome::kSuccess || change.outcome == Outcome::kUnverified
                      ? Paint::kGreen
                      : Paint::kRed;
    if (change.outcome == Outcome::kSkipped) event.paint = Paint::kDim;
  } else {
    event.message = fmt::format("gate {}", change.reason);
    if (change.until) event.message += fmt::format(" until {}", UtcText(*change.until));
    event.paint = Paint::kYellow;
  }
  if (!change.message.empty()) event.message += ": " + change.message;
  return event;
}

/// Oldest first.
std::vector<Event> EventsOf(const std::string& cluster, const std::vector<HistoryEntry>& history,
                            Invocation& call) {
  std::vector<Event> events;
  std::set<std::string> seen;
  for (const HistoryEntry& entry : history) {
    auto record = ParseTrailers(entry.message);
    if (!record) {
      call.Note(
          fmt::format("{}: {}; this commit is left out", entry.id.substr(0, 12), record.error().message));
      continue;
    }
    // A copy, as a cherry-pick makes it, happened once.
    if (!*record || !seen.insert(RecordId(**record)).second) continue;
    for (const Transition& transition : (*record)->transitions) {
      Event event;
      if (const auto* bump = std::get_if<Bumped>(&transition)) {
        if (bump->cluster != cluster) continue;
        event = {.upgrade = bump->upgrade,
                 .event = "bump",
                 .from = bump->from,
                 .to = bump->to,
                 .message = WindowText(*bump),
                 .paint = Paint::kGreen};
      } else if (const auto* change = std::get_if<StateChanged>(&transition)) {
        if (change->cluster != cluster) continue;
        event = EventOf(*change);
      } else {
        continue;
      }
      event.at = (*record)->at;
      event.commit = entry.id;
      events.push_back(std::move(event));
    }
  }
  return events;
}

ordered_json HistoryJson(const std::string& cluster, const std::string& commit,
                         const std::vector<Event>& events) {
  auto list = ordered_json::array();
  for (const Event& e : events) {
    list.push_back({{"at", FormatInstant(e.at)},
                    {"commit", e.commit},
                    {"upgrade", e.upgrade.str()},
                    {"event", e.event},
                    {"from", e.from},
                    {"to", e.to},
                    {"message", e.message}});
  }
  return {{"cluster", cluster}, {"commit", commit}, {"events", std::move(list)}};
}

std::string HistoryText(const std::vector<Event>& events, Instant now, const Style& style) {
  TextTable table({"WHEN", "UPGRADE", "EVENT", "RELEASE", "COMMIT", "WHY"});
  for (const Event& e : events) {
    table.Add({{WhenText(e.at, now)},
               {e.upgrade.str()},
               {e.event, e.paint},
               {e.to.empty() ? "" : fmt::format("{} -> {}", e.from, e.to)},
               {e.commit.substr(0, 12), Paint::kDim},
               {e.message}});
  }
  return table.Render(style);
}

CliResult<void> ReadSpan(HistoryQuery& query, Instant now) {
  for (auto [option, text, at] : {std::tuple{"--since", &query.since_text, &query.since},
                                  std::tuple{"--until", &query.until_text, &query.until}}) {
    if (text->empty()) continue;
    auto instant = ReadInstant(option, *text, now);
    if (!instant) return std::unexpected(instant.error());
    *at = *instant;
  }
  if (query.since && query.until && *query.until <= *query.since) {
    return BadUsage(fmt::format("--until: {} is not after {}, where --since begins",
                                FormatInstant(*query.until), FormatInstant(*query.since)));
  }
  return {};
}

CliResult<ExitCode> ShowHistory(HistoryQuery query, Invocation& call) {
  if (auto read = ReadSpan(query, call.now); !read) return std::unexpected(read.error());
  const std::string& cluster = query.cluster;
  auto opened = OpenFleet(call);
  if (!opened) return std::unexpected(opened.error());
  auto history = ReadHistory(*opened->repository, opened->commit);
  if (!history) return Stop(history.error());
  std::vector<Event> events = EventsOf(cluster, *history, call);
  auto clusters = opened->state->fleet.clusters;
  if (events.empty() && !std::ranges::binary_search(clusters, cluster, {}, &Cluster::name)) {
    std::vector<std::string> names;
    for (const Cluster& c : clusters) names.push_back(c.name);
    return Stop(ExitCode::kNothingDone,
                fmt::format("CLUSTER: neither the inventory nor the history knows a cluster {}{}",
                            Quoted(cluster), DidYouMean(cluster, names)));
  }
  const size_t recorded = events.size();
  std::erase_if(events, [&](const Event& event) { return !query.Wants(event); });
  // Newest first, as every log has it.
  std::ranges::reverse(events);
  if (!call.out.is_text()) {
    call.out.Value(HistoryJson(cluster, opened->commit, events));
  } else if (recorded == 0) {
    call.out.Text("Nothing is recorded of this cluster yet.\n");
  } else if (events.empty()) {
    call.out.Text(
        fmt::format("None of the {} events that are recorded of this cluster is asked for.\n", recorded));
  } else {
    call.out.Text(HistoryText(events, call.now, call.out.style()));
  }
  return ExitCode::kDone;
}

}  // namespace

void AddHistory(CommandLine& line) {
  auto query = std::make_shared<HistoryQuery>();
  CLI::App& command =
      line.Add("history", "What happened to a cluster, newest first, from the repository's log.",
               [query](Invocation& call) { return ShowHistory(*query, call); });
  command.add_option("CLUSTER", query->cluster, "The cluster's name; one that is gone is known as well.")
      ->required();
  command.add_option("--since", query->since_text,
                     "Only what was decided then or later: an instant, a date, or -7d from now.");
  command.add_option("--until", query->until_text, "Only what was decided before that.");
  command.add_option("--upgrade", query->upgrade, "Only of this upgrade: NAME or NAMESPACE/NAME.");
  line.OneOf(command.add_option("--outcome", query->outcome, "Only ends with this outcome."),
             {"success", "unverified", "failure", "timedOut", "rejected", "expired", "cancelled",
              "superseded", "skipped"});
}

}  // namespace lockkeeper
