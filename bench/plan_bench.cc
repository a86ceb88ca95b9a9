// A large fleet with much to think of: schedules, staged plans, locks and approvals, in the middle of their
// work.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <random>
#include <string>
#include <vector>

#include "reconciler/core/plan/make_plan.h"
#include "reconciler/core/status/transition.h"

namespace lockkeeper {
namespace {

constexpr int kSchedules = 50;
constexpr int kPlans = 20;
constexpr int kUpgrades = 20;
constexpr int kLocks = 30;
const Instant kNow = *ParseInstant("2026-03-03T09:00:00Z");

Matcher LabelIs(std::string key, std::string value) {
  return {.key = std::move(key), .value = std::move(value)};
}

/// Everything that a plan needs, where it stays.
class BigFleet {
 public:
  BigFleet(int clusters, unsigned seed) : random_(seed) {
    fleet_.commit = std::string(40, '0');
    fleet_.settings.emplace();
    fleet_.settings->releases = {"releases/"};
    for (int minor = 28; minor <= 34; ++minor) {
      for (int patch = 0; patch < 4; ++patch)
        fleet_.releases.push_back({.name = fmt::format("v1.{}.{}", minor, patch)});
    }
    for (int i = 0; i < clusters; ++i) AddCluster(i);
    fleet_.clusters = clusters_;
    for (int i = 0; i < kSchedules; ++i) AddSchedule(i);
    for (int i = 0; i < kPlans; ++i) AddPlan(i);
    for (int i = 0; i < kUpgrades; ++i) AddUpgrade(i);
    for (int i = 0; i < kLocks; ++i) AddLock(i);
  }
  BigFleet(const BigFleet&) = delete;
  BigFleet& operator=(const BigFleet&) = delete;

  const Fleet& fleet() const { return fleet_; }

  Plan Decide(const FleetModel& model, Instant now) const {
    static const std::map<ObjectName, std::string> kNoBroken;
    static const EditRefusals kNoRefusals;
    return MakePlan(model, {.book = book_, .broken_status = kNoBroken, .refusals = kNoRefusals, .now = now});
  }

  /// What is recorded by a first pass: from then on there are lines for all, and some work is under way.
  void Begin() {
    const Plan plan = Decide(FleetModel::Build(fleet_), kNow - std::chrono::days{1});
    Record record{.at = plan.at, .decided_on = plan.commit, .transitions = plan.transitions};
    for (const PlanFrozen& frozen : plan.frozen) record.transitions.emplace_back(frozen);
    for (const Decision& d : plan.decisions) {
      record.transitions.insert(record.transitions.end(), d.transitions.begin(), d.transitions.end());
    }
    Apply(record, book_);
  }

 private:
  int Pick(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }

  void AddCluster(int i) {
    Cluster cluster;
    cluster.name = fmt::format("c{:06}", i);
    cluster.ns = "default";
    cluster.file = fmt::format("clusters/{}.yaml", cluster.name);
    cluster.labels = {
        {"cluster", cluster.name},
        {"region", fmt::format("r{}", Pick(25))},
        {"stage", std::vector<std::string>{"dev", "staging", "prod"}[static_cast<size_t>(Pick(3))]},
        {"team", fmt::format("t{}", i % kUpgrades)}};
    cluster.max_skip.minor = 1;
    Ref ref{.file = cluster.file, .path = "spec.version", .format = "v{version}"};
    ref.version = fmt::format("1.{}.{}", 28 + Pick(5), Pick(4));
    ref.value = "v" + ref.version;
    cluster.release = ref.version;
    cluster.refs.push_back(std::move(ref));
    clusters_.push_back(std::move(cluster));
  }

  void AddSchedule(int i) {
    MaintenanceSchedule schedule{.name = {.name = fmt::format("schedule-{:02}", i)}};
    schedule.match.written = true;
    schedule.match.matchers = {i < 25 ? LabelIs("region", fmt::format("r{}", i))
                                      : LabelIs("team", fmt::format("t{}", i - 25))};
    WindowItem window;
    window.name = "week";
    window.start.value = *ParseWrittenTime("2020-01-06T06:00:00");
    window.duration = Field<Seconds>{Seconds{3600 * (8 + i % 8)}, {}};
    window.recurrence.value = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH";
    schedule.windows.push_back(std::move(window));
    schedule.runway = Seconds{1800};
    fleet_.schedules.push_back(std::move(schedule));
  }

  void AddPlan(int i) {
    UpgradePlan plan{.name = {.name = fmt::format("plan-{:02}", i)}};
    for (const char* name : {"dev", "staging", "prod"}) {
      PlanStage stage{.name = name};
      stage.match.written = true;
      stage.match.matchers = {LabelIs("stage", name)};
      if (!plan.stages.empty()) stage.depends_on = {plan.stages.back().name};
      stage.max_concurrency = Share{10, true};
      stage.max_failures = Share{5, true};
      stage.soak_time = std::chrono::hours{24};
      plan.stages.push_back(std::move(stage));
    }
    plan.mutex_keys = {"region"};
    plan.min_interval.minor = std::chrono::days{7};
    plan.copy = R"({"stages":[{"name":"dev","matchers":[{"key":"stage","value":"dev"}]},)"
                R"({"name":"staging","matchers":[{"key":"stage","value":"staging"}]},)"
                R"({"name":"prod","matchers":[{"key":"stage","value":"prod"}]}]})";
    plan.hash = "sha256:0";
    fleet_.plans.push_back(std::move(plan));
  }

  void AddUpgrade(int i) {
    ClusterUpgrade upgrade{.name = {.name = fmt::format("upgrade-{:02}", i)}};
    upgrade.match.written = true;
    upgrade.match.matchers = {LabelIs("team", fmt::format("t{}", i))};
    upgrade.release.name.value = "v1.34.3";
    upgrade.plan = Field<ObjectName>{{.name = fmt::format("plan-{:02}", i % kPlans)}, {}};
    upgrade.spec_hash = "sha256:1";
    fleet_.upgrades.push_back(std::move(upgrade));
  }

  void AddLock(int i) {
    ClusterLock lock{.name = {.name = fmt::format("lock-{:02}", i)}};
    lock.match.written = true;
    lock.match.matchers = {LabelIs("region", fmt::format("r{}", Pick(25))), LabelIs("stage", "prod")};
    lock.reason = "release in progress";
    lock.expires_at = kNow + std::chrono::hours{Pick(96) - 24};
    fleet_.locks.push_back(std::move(lock));
  }

  std::mt19937 random_;
  std::vector<Cluster> clusters_;
  Fleet fleet_;
  StatusBook book_;
};

void PlanOnly(benchmark::State& state) {
  BigFleet big(static_cast<int>(state.range(0)), 1);
  big.Begin();
  const FleetModel model = FleetModel::Build(big.fleet());
  for (auto _ : state) benchmark::DoNotOptimize(big.Decide(model, kNow));
}

void ModelAndPlan(benchmark::State& state) {
  BigFleet big(static_cast<int>(state.range(0)), 1);
  big.Begin();
  for (auto _ : state) {
    const FleetModel model = FleetModel::Build(big.fleet());
    benchmark::DoNotOptimize(big.Decide(model, kNow));
  }
}

BENCHMARK(PlanOnly)->Arg(1'000)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMillisecond);
BENCHMARK(ModelAndPlan)->Arg(1'000)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace lockkeeper
