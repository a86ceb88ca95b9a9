#include "bench/fleet_steps.h"

#include <fmt/format.h>

#include <chrono>
#include <map>
#include <utility>

#include "reconciler/core/plan/make_plan.h"
#include "reconciler/cycle/fleet_reader.h"
#include "reconciler/cycle/reconcile.h"

namespace lockkeeper {
namespace {

std::string Describe(const FleetState& state) {
  const Fleet& fleet = state.fleet;
  return fmt::format("{} clusters, {} upgrades, {} schedules, {} releases, {} status files, {} findings",
                     fleet.clusters.size(), fleet.upgrades.size(), fleet.schedules.size(),
                     fleet.releases.size(), state.book.size(), fleet.diagnostics.size());
}

std::string Describe(const Plan& plan) {
  std::map<std::string_view, size_t> actions;
  for (const Decision& decision : plan.decisions) ++actions[Name(decision.action)];
  std::string text = fmt::format("{} decisions", plan.decisions.size());
  for (const auto& [action, count] : actions) text += fmt::format(", {} {}", action, count);
  return text;
}

class Stopwatch {
 public:
  std::string Line() const {
    std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - begin_;
    return fmt::format("milliseconds {:.3f}", spent.count());
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

Result<Plan> PlanFleet(const Fleet& fleet, const FleetState& state, const std::string& now) {
  auto instant = ParseInstant(now);
  if (!instant) return std::unexpected(instant.error());
  if (!fleet.settings) return Invalid("the fleet has no settings");
  FleetModel model = FleetModel::Build(fleet);
  return MakePlan(
      model, {.book = state.book, .broken_status = state.broken_status, .refusals = {}, .now = *instant});
}

}  // namespace

Result<std::string> ReadFleet(Repository& repository, const std::string& head) {
  FleetReader reader(repository);
  auto state = reader.Read(head);
  if (!state) return std::unexpected(state.error());
  return Describe(**state);
}

Result<std::string> StartFleet(Repository& repository, const std::string& head, const std::string& now) {
  FleetReader reader(repository);
  auto state = reader.Read(head);
  if (!state) return std::unexpected(state.error());
  auto plan = PlanFleet((*state)->fleet, **state, now);
  if (!plan) return std::unexpected(plan.error());
  return Describe(**state) + "\n" + Describe(*plan);
}

Result<std::string> FollowFleet(Repository& repository, const std::string& from, const std::string& to,
                                const std::string& now) {
  FleetReader reader(repository);
  if (auto before = reader.Read(from); !before) return std::unexpected(before.error());
  // A daemon has long done with what a cold start leaves to the first step after it.
  for (const std::string& commit : {to, from}) {
    if (auto step = reader.Read(commit); !step) return std::unexpected(step.error());
  }
  const Stopwatch reading;
  auto state = reader.Read(to);
  if (!state) return std::unexpected(state.error());
  std::string read = reading.Line();
  auto plan = PlanFleet((*state)->fleet, **state, now);
  if (!plan) return std::unexpected(plan.error());
  std::string both = reading.Line();
  return fmt::format("{}\n{}\nreading: {}\n{}", Describe(**state), Describe(*plan), read, both);
}

Result<std::string> PlanUpgrade(Repository& repository, const std::string& head, const std::string& upgrade,
                                const std::string& now) {
  FleetReader reader(repository);
  auto state = reader.Read(head);
  if (!state) return std::unexpected(state.error());
  Fleet fleet = (*state)->fleet;
  std::erase_if(fleet.upgrades, [&](const ClusterUpgrade& one) { return one.name.str() != upgrade; });
  if (fleet.upgrades.empty()) return NotFound(fmt::format("{}: no such upgrade", upgrade));
  const Stopwatch planning;
  auto plan = PlanFleet(fleet, **state, now);
  if (!plan) return std::unexpected(plan.error());
  std::string line = planning.Line();
  return fmt::format("{}\n{}", Describe(*plan), line);
}

Result<std::string> ReconcileFleet(Repository& repository, const std::string& head, const std::string& now) {
  auto instant = ParseInstant(now);
  if (!instant) return std::unexpected(instant.error());
  FleetReader reader(repository);
  if (auto before = reader.Read(head); !before) return std::unexpected(before.error());
  const Stopwatch pass;
  auto result = Reconcile(repository, reader, {.now = *instant, .back_off = {}});
  if (!result) return std::unexpected(result.error());
  std::string line = pass.Line();
  size_t edits = 0;
  for (const MadeCommit& commit : result->commits) edits += commit.change.edits.size();
  return fmt::format("{} edits in {} commits\n{}", edits, result->commits.size(), line);
}

}  // namespace lockkeeper
