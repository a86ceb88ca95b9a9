#include "reconciler/cli/commands/simulate_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "reconciler/cli/output/display_width.h"
#include "reconciler/cli/output/text_table.h"
#include "reconciler/cli/output/time_text.h"
#include "reconciler/core/time/schedule_calendar.h"

namespace lockkeeper {
namespace {

using nlohmann::ordered_json;

constexpr size_t kDateBytes = 10;
constexpr size_t kNamesShown = 3;

bool IsLeft(const Decision& d) { return d.action != Action::kFinish && d.action != Action::kSkip; }

/// Why it has not come to an end.
std::string WhyOf(const Decision& d) {
  if (d.action == Action::kObserve) return "under way, and nobody has said what became of it";
  for (const auto& [gate, result] : d.gates) {
    if (Name(gate) == d.reason) return result.message;
  }
  return {};
}

Paint PaintOf(TaskStep step) {
  if (step == TaskStep::kOverdue || step == TaskStep::kRefused) return Paint::kRed;
  return step == TaskStep::kChanged ? Paint::kGreen : Paint::kYellow;
}

Paint PaintOf(const Event& event) {
  if (event.kind == EventKind::kBump) return Paint::kGreen;
  if (event.kind == EventKind::kTask) return PaintOf(event.task);
  switch (event.outcome) {
    case Outcome::kSuccess:
    case Outcome::kUnverified:
      return Paint::kCyan;
    case Outcome::kFailure:
    case Outcome::kTimedOut:
      return Paint::kRed;
    default:
      return Paint::kDim;
  }
}

/// Clusters to which the same happens at the same instant, as one line.
struct EventLine {
  Event first;
  std::string word;
  std::vector<std::string> clusters;
  auto key() const { return std::tie(first.at, first.upgrade, word, first.from, first.to, first.message); }
};

/// A bump that is the end as well is one line, and so is what happens to several clusters at once.
std::vector<EventLine> LinesOf(const SimulateView& view) {
  std::vector<EventLine> single;
  const std::vector<Event>& events = view.future.events;
  for (size_t i = 0; i < events.size(); ++i) {
    const Event& event = events[i];
    if (event.kind == EventKind::kHold || !view.is_meant(event.upgrade, event.cluster)) continue;
    EventLine line{event, std::string{Name(event)}, {event.cluster}};
    if (i + 1 < events.size() && event.kind == EventKind::kBump) {
      const Event& next = events[i + 1];
      const bool is_end = next.kind == EventKind::kEnd && next.at == event.at &&
                          next.cluster == event.cluster && next.upgrade == event.upgrade;
      if (is_end) line.word += fmt::format(", {}", Name(next));
      i += is_end ? 1 : 0;
    }
    single.push_back(std::move(line));
  }
  std::ranges::stable_sort(single, [](const EventLine& a, const EventLine& b) { return a.key() < b.key(); });
  std::vector<EventLine> lines;
  for (EventLine& line : single) {
    if (!lines.empty() && lines.back().key() == line.key()) {
      lines.back().clusters.push_back(std::move(line.clusters.front()));
    } else {
      lines.push_back(std::move(line));
    }
  }
  return lines;
}

std::string WayText(const Event& event) {
  if (event.from.empty() || event.from == event.to) return event.to;
  return fmt::format("{} -> {}", event.from, event.to);
}

ordered_json EventJson(const Event& event) {
  const bool is_task = event.kind == EventKind::kTask;
  ordered_json json{{"at", FormatInstant(event.at)},
                    {"upgrade", is_task ? "" : event.upgrade.str()},
                    {"cluster", event.cluster},
                    {"event", Name(event)},
                    {"from", event.from},
                    {"to", event.to},
                    {"message", event.message}};
  if (is_task) json["task"] = event.upgrade.str();
  return json;
}

}  // namespace

std::string ClusterList(const std::vector<std::string>& clusters) {
  const size_t shown = clusters.size() <= kNamesShown + 1 ? clusters.size() : kNamesShown;
  std::string text;
  for (size_t i = 0; i < shown; ++i) text += (i == 0 ? "" : ", ") + clusters[i];
  return shown == clusters.size() ? text : fmt::format("{} and {} more", text, clusters.size() - shown);
}

ordered_json SimulateJson(const SimulateView& view) {
  auto events = ordered_json::array();
  for (const Event& event : view.future.events) {
    if (view.is_meant(event.upgrade, event.cluster)) events.push_back(EventJson(event));
  }
  auto held = ordered_json::array();
  for (const Decision& d : view.future.last.decisions) {
    if (!IsLeft(d) || !view.is_meant(d.upgrade, d.cluster)) continue;
    held.push_back({{"upgrade", d.upgrade.str()},
                    {"cluster", d.cluster},
                    {"action", Name(d.action)},
                    {"reason", d.reason},
                    {"until", d.until ? ordered_json(FormatInstant(*d.until)) : ordered_json(nullptr)},
                    {"message", WhyOf(d)}});
  }
  return {{"from", FormatInstant(view.future.horizon.start)},
          {"to", FormatInstant(view.future.horizon.end)},
          {"events", std::move(events)},
          {"held", std::move(held)}};
}

std::string SimulateHeading(const SimulateView& view, const Style& style) {
  size_t bumps = 0;
  std::set<std::string_view> moved;
  for (const Event& event : view.future.events) {
    if (event.kind != EventKind::kBump || !view.is_meant(event.upgrade, event.cluster)) continue;
    ++bumps;
    moved.insert(event.cluster);
  }
  const Interval& horizon = view.future.horizon;
  std::string text =
      fmt::format("From {} to {} ({}), commit {}: {}\n", UtcText(horizon.start), UtcText(horizon.end),
                  LengthText(horizon.end - horizon.start), view.future.commit.substr(0, 12),
                  style(Paint::kBold, fmt::format("{} bump{} of {} cluster{}", bumps, bumps == 1 ? "" : "s",
                                                  moved.size(), moved.size() == 1 ? "" : "s")));
  if (!view.assumed.empty()) text += view.assumed + "\n";
  return text;
}

std::string HeldText(const SimulateView& view, const Style& style) {
  struct Row {
    std::vector<std::string> clusters;
    const Decision* first = nullptr;
  };
  std::map<std::tuple<ObjectName, std::string, std::optional<Instant>, std::string>, Row> rows;
  size_t count = 0;
  for (const Decision& d : view.future.last.decisions) {
    if (!IsLeft(d) || !view.is_meant(d.upgrade, d.cluster)) continue;
    Row& row = rows[{d.upgrade, d.reason, d.until, WhyOf(d)}];
    if (row.first == nullptr) row.first = &d;
    row.clusters.push_back(d.cluster);
    ++count;
  }
  if (rows.empty()) return {};
  TextTable table({"  UPGRADE", "CLUSTER", "GATE", "UNTIL", "WHY"});
  for (const auto& [key, row] : rows) {
    const auto& [upgrade, reason, until, why] = key;
    const bool waits = row.first->action != Action::kBlocked;
    table.Add({{"  " + upgrade.str()},
               {ClusterList(row.clusters), Paint::kCyan},
               {row.first->action == Action::kObserve ? "" : reason, waits ? Paint::kYellow : Paint::kRed},
               {until ? UtcText(*until) : ""},
               {why, Paint::kDim}});
  }
  return fmt::format(
             "\n{} by {}:\n", style(Paint::kBold, fmt::format("{} not at an end", count)),
             UtcText(view.future.incomplete.empty() ? view.future.horizon.end : view.future.last.at)) +
         table.Render(style);
}

std::string SimulateText(const SimulateView& view, const Style& style) {
  std::string text = SimulateHeading(view, style);
  TextTable table({"DAY", view.zone == "UTC" ? "TIME" : fmt::format("TIME ({})", view.zone), "CLUSTER",
                   "EVENT", "RELEASE", "UPGRADE", "WHY"});
  std::string day;
  for (const EventLine& line : LinesOf(view)) {
    const std::string at = FormatInZone(line.first.at, view.zone);
    std::string date = fmt::format("{} {}", Weekday(at), at.substr(0, kDateBytes));
    const bool same_day = date == day;
    day = date;
    table.Add({{same_day ? "" : std::move(date), Paint::kBold},
               {at.substr(kDateBytes + 1)},
               {ClusterList(line.clusters), Paint::kCyan},
               {line.word, PaintOf(line.first)},
               {WayText(line.first)},
               {line.first.upgrade.str()},
               {line.first.message, Paint::kDim}});
  }
  text += "\n";
  text += table.empty() ? "Nothing happens in that time.\n" : table.Render(style);
  return text + HeldText(view, style);
}

}  // namespace lockkeeper
