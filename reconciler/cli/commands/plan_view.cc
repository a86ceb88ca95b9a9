#include "reconciler/cli/commands/plan_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "reconciler/cli/commands/task_view.h"
#include "reconciler/cli/output/display_width.h"
#include "reconciler/cli/output/text_table.h"
#include "reconciler/cli/output/time_text.h"

namespace lockkeeper {
namespace {

using nlohmann::ordered_json;

ordered_json InstantJson(const std::optional<Instant>& at) {
  return at ? ordered_json(FormatInstant(*at)) : ordered_json(nullptr);
}

}  // namespace

ordered_json DecisionJson(const Decision& d) {
  auto gates = ordered_json::array();
  for (size_t i = 0; i < kGateCount; ++i) {
    const auto gate = static_cast<Gate>(i);
    const GateResult& result = d.gate(gate);
    gates.push_back({{"gate", Name(gate)},
                     {"verdict", Name(result.verdict)},
                     {"until", InstantJson(result.until)},
                     {"message", result.message}});
  }
  return {{"upgrade", d.upgrade.str()},
          {"cluster", d.cluster},
          {"stage", d.stage},
          {"from", d.from},
          {"to", d.target},
          {"hop", d.hop},
          {"action", Name(d.action)},
          {"reason", d.reason},
          {"until", InstantJson(d.until)},
          {"gates", std::move(gates)}};
}

void WritePlan(const Plan& plan, Output& out) {
  const ordered_json head{{"commit", plan.commit},
                          {"at", FormatInstant(plan.at)},
                          {"nextWake", InstantJson(plan.next_wake)},
                          {"tasks", PlannedTasksJson(plan)}};
  out.Value(head, "decisions", plan.decisions.size(),
            [&](size_t i) { return DecisionJson(plan.decisions[i]); });
}

Paint PaintOf(Action action) {
  switch (action) {
    case Action::kBump:
    case Action::kPropose:
    case Action::kMerge:
      return Paint::kGreen;
    case Action::kObserve:
      return Paint::kCyan;
    case Action::kWait:
      return Paint::kYellow;
    case Action::kBlocked:
      return Paint::kRed;
    case Action::kSkip:
    case Action::kFinish:
      break;
  }
  return Paint::kDim;
}

std::string ActionText(const Decision& d) {
  switch (d.action) {
    case Action::kBump:
      return d.hops_after > 0 ? fmt::format("bump, {} more to go", d.hops_after) : "bump";
    case Action::kObserve:
      return "running";
    case Action::kFinish:
      return "done: " + d.reason;
    case Action::kSkip:
      if (d.reason == Name(Gate::kVersion)) return "nothing to do";
      if (d.reason == Name(Gate::kStartTime)) return "expired";
      if (d.reason == Name(Gate::kConflict)) return "superseded";
      return d.reason;
    default:
      return std::string{Name(d.action)};
  }
}

namespace {

std::string WhyText(const Decision& d) {
  if (d.action == Action::kFinish || d.action == Action::kBump) return {};
  for (const auto& [gate, result] : d.gates) {
    if (Name(gate) == d.reason) return result.message;
  }
  return {};
}

std::string HopText(const Decision& d) {
  if (d.from.empty()) return "? -> " + d.target;
  if (d.action == Action::kFinish || (d.action == Action::kSkip && d.hop.empty())) return d.from;
  if (d.hop.empty() || d.hop == d.target) return fmt::format("{} -> {}", d.from, d.target);
  return fmt::format("{} -> {} .. {}", d.from, d.hop, d.target);
}

std::string Counts(const std::vector<const Decision*>& decisions, const Style& style) {
  std::map<Action, size_t> counts;
  for (const Decision* d : decisions) ++counts[d->action];
  std::string text;
  for (auto [action, count] : counts) {
    if (!text.empty()) text += ", ";
    const char* word = action == Action::kFinish    ? "done"
                       : action == Action::kSkip    ? "nothing to do"
                       : action == Action::kObserve ? "running"
                                                    : Name(action).data();
    text += style(PaintOf(action), fmt::format("{} {}", count, word));
  }
  return text;
}

std::string UpgradeText(const std::vector<const Decision*>& decisions, Instant now, const Style& style) {
  const Decision& first = *decisions.front();
  std::string text = fmt::format("{} to {}: {}\n", style(Paint::kBold, ForTerminal(first.upgrade.str())),
                                 style(Paint::kBold, ForTerminal(first.target)), Counts(decisions, style));
  TextTable table({"  CLUSTER", "RELEASE", "DECISION", "GATE", "UNTIL", "WHY"});
  for (const Decision* d : decisions) {
    bool held = d->action == Action::kWait || d->action == Action::kBlocked;
    table.Add({{"  " + d->cluster, Paint::kCyan},
               {HopText(*d)},
               {ActionText(*d), PaintOf(d->action)},
               {held ? d->reason : ""},
               {d->until ? WhenText(*d->until, now) : ""},
               {WhyText(*d), Paint::kDim}});
  }
  return text + table.Render(style);
}

}  // namespace

std::string PlanText(const Plan& plan, const Style& style) {
  std::string text = fmt::format("Plan at {}, commit {}\n\n", UtcText(plan.at), plan.commit.substr(0, 12));
  std::map<ObjectName, std::vector<const Decision*>> by_upgrade;
  for (const Decision& d : plan.decisions) by_upgrade[d.upgrade].push_back(&d);
  for (const auto& [name, decisions] : by_upgrade) text += UpgradeText(decisions, plan.at, style) + "\n";
  if (plan.decisions.empty()) {
    text += "No upgrade selects any cluster. 'lockkeeper validate' tells whether a selector is wrong.\n\n";
  }
  const std::string tasks = PlannedTasksText(plan, style);
  if (!tasks.empty()) text += tasks + "\n";
  for (const std::string& problem : plan.problems) text += style(Paint::kRed, ForTerminal(problem)) + "\n";
  bool acts =
      std::ranges::any_of(plan.decisions, [](const Decision& d) { return d.action == Action::kBump; });
  if (acts) text += "'lockkeeper once' would make the bumps now.\n";
  text += plan.next_wake
              ? fmt::format("Time alone changes this next at {}.\n", WhenText(*plan.next_wake, plan.at))
              : "Time alone changes nothing in this; a commit may.\n";
  return text;
}

}  // namespace lockkeeper
