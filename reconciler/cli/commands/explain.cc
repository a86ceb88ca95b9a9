#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "reconciler/cli/command.h"
#include "reconciler/cli/commands/observed.h"
#include "reconciler/cli/commands/person_commit.h"
#include "reconciler/cli/commands/plan_view.h"
#include "reconciler/cli/find_cluster.h"
#include "reconciler/cli/open_fleet.h"
#include "reconciler/cli/output/display_width.h"
#include "reconciler/cli/output/text_table.h"
#include "reconciler/cli/output/time_text.h"
#include "reconciler/core/plan/make_plan.h"
#include "schemas/manifest/words.h"

namespace lockkeeper {

void AddExplain(CommandLine& line);

namespace {

struct Question {
  std::string cluster;
  std::string upgrade;
  std::string observed;
};

bool IsMeant(const std::string& wanted, const ObjectName& name) {
  return wanted.empty() || wanted == name.str() || (name.ns == "default" && wanted == name.name);
}

/// The one sentence that somebody woken at night reads.
std::string Verdict(const Decision& d, Instant now, const std::string& zone) {
  switch (d.action) {
    case Action::kBump:
      return d.hops_after > 0 ? fmt::format("moves from {} to {} at the next pass, on its way to {}", d.from,
                                            d.hop, d.target)
                              : fmt::format("moves from {} to {} at the next pass", d.from, d.hop);
    case Action::kWait:
      return d.until
                 ? fmt::format("waits at gate {} and may move {}", d.reason, WhenText(*d.until, now, zone))
                 : fmt::format("waits at gate {}; nobody can tell yet until when", d.reason);
    case Action::kBlocked:
      return fmt::format("is blocked at gate {}: time alone will not change that", d.reason);
    case Action::kObserve:
      return "is under way";
    case Action::kFinish:
      return fmt::format("has finished: {}", d.reason);
    default:
      return fmt::format("will not move for this upgrade: {}", ActionText(d));
  }
}

/// Of a cluster that has finished only that matters; the gates would speak of an upgrade that is over.
bool IsOver(const Decision& d) { return d.action == Action::kFinish; }

std::string GateTable(const Decision& d, Instant now, const std::string& zone, const Style& style) {
  TextTable table({"  GATE", "VERDICT", "UNTIL", "WHY"});
  for (size_t i = 0; i < kGateCount; ++i) {
    const auto gate = static_cast<Gate>(i);
    const GateResult& result = d.gate(gate);
    const Paint paint = result.verdict == Verdict::kPass   ? Paint::kGreen
                        : result.verdict == Verdict::kWait ? Paint::kYellow
                                                           : Paint::kRed;
    table.Add({{(Name(gate) == d.reason ? "> " : "  ") + std::string{Name(gate)}},
               {std::string{Name(result.verdict)}, paint},
               {result.until ? WhenText(*result.until, now, zone) : ""},
               {result.message}});
  }
  return table.Render(style);
}

std::string ZoneOf(const Cluster& cluster) {
  return cluster.time_zone.empty() ? "UTC" : cluster.time_zone.str();
}

std::string ClusterLine(const Cluster& cluster, const Style& style) {
  std::string text = style(Paint::kBold, ForTerminal(cluster.name));
  text += cluster.release.empty() ? ", release unknown"
                                  : fmt::format(", release {}", ForTerminal(cluster.release.str()));
  return text + fmt::format(", in {}:{}\n", ForTerminal(cluster.file.str()), cluster.mark.line);
}

std::string RecordLine(const FleetState& state, const Decision& d, Instant now) {
  auto record = state.book.find(d.upgrade);
  const ClusterRecord* line = record == state.book.end() ? nullptr : record->second.Find(d.cluster);
  if (line == nullptr || !line->triggered_at) return {};
  std::string text =
      fmt::format("  last bump {} -> {} {}", line->from, line->to, WhenText(*line->triggered_at, now));
  if (line->override_)
    text += fmt::format(", by override of {}: {}", line->override_->by, line->override_->reason);
  return ForTerminal(text) + "\n";
}

std::vector<const Decision*> Select(const Plan& plan, const Question& question) {
  std::vector<const Decision*> selected;
  for (const Decision& d : plan.decisions) {
    if (d.cluster == question.cluster && IsMeant(question.upgrade, d.upgrade)) selected.push_back(&d);
  }
  return selected;
}

std::string ExplainText(const FleetState& state, const Cluster& cluster,
                        const std::vector<const Decision*>& decisions, const Plan& plan, const Style& style) {
  std::string text = ClusterLine(cluster, style);
  const std::string zone = ZoneOf(cluster);
  for (const Decision* d : decisions) {
    text += fmt::format("\nupgrade {} to {}: it {}\n", style(Paint::kBold, ForTerminal(d->upgrade.str())),
                        ForTerminal(d->target),
                        style(PaintOf(d->action), ForTerminal(Verdict(*d, plan.at, zone))));
    text += RecordLine(state, *d, plan.at);
    if (!IsOver(*d)) text += GateTable(*d, plan.at, zone, style);
  }
  if (decisions.empty()) {
    text += "\nNo upgrade selects this cluster. Its labels, which matchers test:\n";
    for (const auto& [key, value] : cluster.labels)
      text += fmt::format("  {}: {}\n", ForTerminal(key.str()), ForTerminal(value.str()));
  }
  return text;
}

CliResult<ExitCode> Explain(const Question& question, Invocation& call) {
  auto observed = ReadObserved(question.observed);
  if (!observed) return std::unexpected(observed.error());
  auto opened = OpenFleet(call);
  if (!opened) return std::unexpected(opened.error());
  const FleetState& state = *opened->state;
  auto index = FindCluster(state.fleet, "CLUSTER", question.cluster);
  if (!index) return std::unexpected(index.error());
  const Cluster& cluster = state.fleet.clusters[*index];
  FleetModel model = FleetModel::Build(state.fleet);
  const EditRefusals refusals;
  Plan plan = MakePlan(model, {.book = state.book,
                               .broken_status = state.broken_status,
                               .refusals = refusals,
                               .now = call.now,
                               .detail = Detail::kAll,
                               .observations = &*observed,
                               .detail_cluster = question.cluster});
  NoteUnused(*observed, plan, call);
  auto decisions = Select(plan, question);
  if (decisions.empty() && !question.upgrade.empty()) {
    return Stop(ExitCode::kNothingDone,
                fmt::format("--upgrade: there is no upgrade {} that selects cluster {}",
                            Quoted(question.upgrade), Quoted(question.cluster)));
  }
  if (call.out.is_text()) {
    call.out.Text(ExplainText(state, cluster, decisions, plan, call.out.style()));
    return ExitCode::kDone;
  }
  Plan selected{.commit = plan.commit, .at = plan.at, .next_wake = plan.next_wake};
  for (const Decision* d : decisions) selected.decisions.push_back(*d);
  WritePlan(selected, call.out);
  return ExitCode::kDone;
}

}  // namespace

void AddExplain(CommandLine& line) {
  auto question = std::make_shared<Question>();
  CLI::App& command =
      line.Add("explain", "Why a cluster moves or does not: every gate with its verdict, instant and reason.",
               [question](Invocation& call) { return Explain(*question, call); });
  line.SuggestFrom(command.add_option("CLUSTER", question->cluster, "The cluster's name.")->required(),
                   ClusterNames);
  line.SuggestFrom(
      command.add_option("--upgrade", question->upgrade, "Only this upgrade, NAME or NAMESPACE/NAME."),
      UpgradeNames);
  AddObserved(line, command, question->observed);
}

}  // namespace lockkeeper
