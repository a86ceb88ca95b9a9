#include "reconciler/cli/commands/status_view.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "reconciler/cli/output/display_width.h"
#include "reconciler/cli/output/text_table.h"
#include "reconciler/cli/output/time_text.h"

namespace lockkeeper {
namespace {

using nlohmann::ordered_json;

ordered_json InstantJson(const std::optional<Instant>& at) {
  return at ? ordered_json(FormatInstant(*at)) : ordered_json(nullptr);
}

std::string When(const std::optional<Instant>& at, Instant now) { return at ? WhenText(*at, now) : ""; }

std::string WayText(std::string_view from, std::string_view to) {
  if (from.empty()) return std::string{to};
  return to.empty() || from == to ? std::string{from} : fmt::format("{} -> {}", from, to);
}

}  // namespace

Paint PaintOf(Outcome outcome) {
  switch (outcome) {
    case Outcome::kSuccess:
      return Paint::kGreen;
    case Outcome::kFailure:
    case Outcome::kTimedOut:
    case Outcome::kPartial:
    case Outcome::kRejected:
    case Outcome::kExpired:
      return Paint::kRed;
    case Outcome::kUnverified:
      return Paint::kCyan;
    default:
      return Paint::kPlain;
  }
}

std::string StateText(const ClusterRecord& line) {
  std::string text{Name(line.state)};
  if (line.state == ClusterState::kFinished) text = Name(line.outcome);
  if (!line.reason.empty()) text += ": " + line.reason;
  return text;
}

ordered_json ClusterStatusJson(const ClusterRecord& line) {
  auto hops = ordered_json::array();
  for (const HopRecord& hop : line.hops) {
    hops.push_back({{"to", hop.to}, {"triggeredAt", FormatInstant(hop.triggered_at)}});
  }
  ordered_json window = nullptr;
  if (line.window) {
    const WindowRecord& w = *line.window;
    window = {
        {"schedule", w.schedule},
        {"name", w.name},
        {"start", w.start == Instant::min() ? ordered_json(nullptr) : ordered_json(FormatInstant(w.start))},
        {"end", w.end == Instant::max() ? ordered_json(nullptr) : ordered_json(FormatInstant(w.end))}};
  }
  return {{"name", line.name},
          {"state", Name(line.state)},
          {"outcome", Name(line.outcome)},
          {"reason", line.reason},
          {"until", InstantJson(line.until)},
          {"message", line.message},
          {"fromRelease", line.from},
          {"toRelease", line.to},
          {"hops", std::move(hops)},
          {"triggeredAt", InstantJson(line.triggered_at)},
          {"finishedAt", InstantJson(line.finished_at)},
          {"decidedOn", line.decided_on},
          {"window", std::move(window)},
          {"overran", line.overran}};
}

ordered_json StatusJson(const UpgradeRecord& record) {
  const UpgradeSummary s = Summarise(record);
  auto clusters = ordered_json::array();
  for (const ClusterRecord& line : record.clusters) clusters.push_back(ClusterStatusJson(line));
  return {{"upgrade", record.upgrade.str()},
          {"state", Name(s.state)},
          {"outcome", Name(s.outcome)},
          {"triggeredAt", InstantJson(s.triggered_at)},
          {"finishedAt", InstantJson(s.finished_at)},
          {"fromRelease", s.from},
          {"toRelease", record.target},
          {"counts",
           {{"total", s.total},
            {"pending", s.pending},
            {"running", s.running},
            {"succeeded", s.succeeded},
            {"unverified", s.unverified},
            {"failed", s.failed},
            {"skipped", s.skipped}}},
          {"clusters", std::move(clusters)}};
}

namespace {

std::string SummaryState(const UpgradeSummary& s) {
  return s.state == UpgradeState::kFinished ? std::string{Name(s.outcome)} : std::string{Name(s.state)};
}

/// `3 of 9 done, 1 failed`.
std::string Progress(const UpgradeSummary& s) {
  std::string text = fmt::format("{} of {} done", s.succeeded + s.unverified + s.skipped, s.total);
  if (s.running > 0) text += fmt::format(", {} running", s.running);
  if (s.failed > 0) text += fmt::format(", {} failed", s.failed);
  return text;
}

}  // namespace

std::string StatusOverview(const std::vector<const UpgradeRecord*>& records, Instant now,
                           const Style& style) {
  if (records.empty()) return "Nothing is recorded yet: no pass has been made ('lockkeeper once').\n";
  TextTable table({"UPGRADE", "RELEASE", "STATE", "CLUSTERS", "FIRST BUMP", "LAST OUTCOME"});
  for (const UpgradeRecord* record : records) {
    const UpgradeSummary s = Summarise(*record);
    table.Add({{record->upgrade.str(), Paint::kCyan},
               {WayText(s.from, record->target)},
               {SummaryState(s), s.state == UpgradeState::kFinished ? PaintOf(s.outcome) : Paint::kYellow},
               {Progress(s)},
               {When(s.triggered_at, now)},
               {When(s.finished_at, now)}});
  }
  return table.Render(style);
}

std::string StatusText(const UpgradeRecord& record, Instant now, const Style& style) {
  const UpgradeSummary s = Summarise(record);
  std::string text =
      fmt::format("{} to {}: {}, {}\n\n", style(Paint::kBold, ForTerminal(record.upgrade.str())),
                  ForTerminal(record.target), SummaryState(s), Progress(s));
  TextTable table({"  CLUSTER", "STATE", "RELEASE", "BUMPED", "FINISHED", "UNTIL", "WHY"});
  for (const ClusterRecord& line : record.clusters) {
    const bool finished = line.state == ClusterState::kFinished;
    table.Add({{"  " + line.name, Paint::kCyan},
               {StateText(line), finished ? PaintOf(line.outcome) : Paint::kYellow},
               {WayText(line.from, line.to)},
               {When(line.triggered_at, now)},
               {When(line.finished_at, now)},
               {finished ? "" : When(line.until, now)},
               {line.message, Paint::kDim}});
  }
  return text + table.Render(style);
}

}  // namespace lockkeeper
