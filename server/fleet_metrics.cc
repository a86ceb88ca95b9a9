#include "server/fleet_metrics.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace lockkeeper {
namespace {

constexpr std::string_view kOther = "other";

CountByWord Zeros(std::initializer_list<std::string_view> words) {
  CountByWord counts;
  for (std::string_view word : words) counts.emplace(word, 0);
  return counts;
}

template <class Enum>
std::string WordOf(Enum value) {
  return std::string{Name(value)};
}

bool IsHeld(Action action) { return action == Action::kWait || action == Action::kBlocked; }
/// The cluster is still to be moved.
bool IsWanted(Action action) {
  return IsHeld(action) || action == Action::kBump || action == Action::kPropose || action == Action::kMerge;
}

std::string VerdictAt(const Decision& decision) {
  for (const auto& [gate, result] : decision.gates) {
    if (Name(gate) == decision.reason) return WordOf(result.verdict);
  }
  return WordOf(Verdict::kPass);
}

void CountDecisions(const Plan& plan, FleetMetrics& metrics) {
  for (int action = 0; action <= static_cast<int>(Action::kFinish); ++action)
    metrics.decisions[WordOf(static_cast<Action>(action))] = 0;
  for (size_t gate = 0; gate < kGateCount; ++gate) {
    for (Verdict verdict : {Verdict::kWait, Verdict::kBlocked})
      metrics.held[{WordOf(static_cast<Gate>(gate)), WordOf(verdict)}] = 0;
  }
  for (const Decision& d : plan.decisions) {
    ++metrics.decisions[WordOf(d.action)];
    if (IsHeld(d.action)) ++metrics.held[{d.reason, VerdictAt(d)}];
  }
}

void CountClusters(const FleetModel& model, const StatusBook& book, const Plan& plan, FleetMetrics& metrics) {
  std::set<std::string_view> running, wanted;
  for (const auto& [name, record] : book) {
    for (const ClusterRecord& line : record.clusters) {
      if (line.state == ClusterState::kRunning) running.insert(line.name);
    }
  }
  for (const Decision& d : plan.decisions) {
    if (IsWanted(d.action)) wanted.insert(d.cluster);
  }
  metrics.clusters = Zeros({"idle", "pending", "running"});
  for (const Cluster& cluster : model.fleet().clusters) {
    const char* state = running.contains(cluster.name)  ? "running"
                        : wanted.contains(cluster.name) ? "pending"
                                                        : "idle";
    ++metrics.clusters[state];
  }
}

/// Those that have something to do first, then by name: what is over for long is not worth a name.
std::set<ObjectName> NamedUpgrades(const FleetModel& model, const StatusBook& book) {
  std::set<ObjectName> named;
  auto add = [&](const ObjectName& name) {
    if (named.size() < FleetMetrics::kUpgradesNamedMax) named.insert(name);
  };
  for (const auto& [name, record] : book) {
    if (Summarise(record).state != UpgradeState::kFinished) add(name);
  }
  for (const UpgradeModel& upgrade : model.upgrades()) add(upgrade.upgrade->name);
  for (const auto& [name, record] : book) add(name);
  return named;
}

void CountUpgrades(const FleetModel& model, const StatusBook& book, FleetMetrics& metrics) {
  metrics.upgrades = Zeros({"finished", "pending", "running", "stopped"});
  for (int outcome = static_cast<int>(Outcome::kSuccess); outcome <= static_cast<int>(Outcome::kUnverified);
       ++outcome) {
    // That some of it failed can be said of a whole upgrade only.
    if (static_cast<Outcome>(outcome) != Outcome::kPartial)
      metrics.outcomes[WordOf(static_cast<Outcome>(outcome))] = 0;
  }
  const std::set<ObjectName> named = NamedUpgrades(model, book);
  for (const auto& [name, record] : book) {
    ++metrics.upgrades[WordOf(Summarise(record).state)];
    const std::string label = named.contains(name) ? name.str() : std::string{kOther};
    for (const ClusterRecord& line : record.clusters) {
      const bool is_over = line.state == ClusterState::kFinished;
      ++metrics.upgrade_clusters[{label, is_over ? WordOf(line.outcome) : WordOf(line.state)}];
      if (is_over) ++metrics.outcomes[WordOf(line.outcome)];
    }
  }
  for (const UpgradeModel& upgrade : model.upgrades()) {
    if (!book.contains(upgrade.upgrade->name)) ++metrics.upgrades[WordOf(UpgradeState::kPending)];
  }
}

void CountGuards(const FleetModel& model, Instant at, FleetMetrics& metrics) {
  metrics.locks = Zeros({"active", "expired", "future"});
  for (const ClusterLock& lock : model.fleet().locks) {
    const bool has_begun = !lock.start || *lock.start <= at;
    ++metrics.locks[at >= lock.expires_at ? "expired" : has_begun ? "active" : "future"];
  }
  metrics.schedules = Zeros({"broken", "closed", "open"});
  for (const ScheduleModel& schedule : model.schedules()) {
    const char* state = !schedule.calendar                         ? "broken"
                        : schedule.calendar->Open(at, kEveryScope) ? "open"
                                                                   : "closed";
    ++metrics.schedules[state];
  }
  metrics.schedules["broken"] += static_cast<uint64_t>(std::ranges::count(
      model.fleet().broken, "MaintenanceSchedule", [](const BrokenObject& object) { return object.kind; }));
}

}  // namespace

FleetMetrics MeasureFleet(const FleetModel& model, const StatusBook& book, const TaskBook& tasks,
                          const Plan& plan) {
  FleetMetrics metrics{.next_wake = plan.next_wake};
  CountDecisions(plan, metrics);
  CountClusters(model, book, plan, metrics);
  CountUpgrades(model, book, metrics);
  CountGuards(model, plan.at, metrics);
  metrics.tasks = Zeros({"done", "open", "overdue"});
  for (const auto& [key, record] : tasks) ++metrics.tasks[WordOf(record.state)];
  metrics.findings = Zeros({"error", "warning"});
  for (const Diagnostics* findings : {&model.fleet().diagnostics, &model.findings()}) {
    for (const Diagnostic& finding : *findings)
      ++metrics.findings[finding.severity == Severity::kError ? "error" : "warning"];
  }
  return metrics;
}

}  // namespace lockkeeper
