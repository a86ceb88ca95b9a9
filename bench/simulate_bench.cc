#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include "reconciler/core/simulate/simulate.h"

namespace lockkeeper {
namespace {

constexpr std::array kZones{"Europe/Stockholm", "America/New_York", "Asia/Tokyo", "UTC"};

WindowItem Window(int day, int hour, Seconds length, std::string recurrence) {
  using namespace std::chrono;
  WindowItem item;
  item.name = "window";
  item.start.value = local_days{year{2026} / 1 / day} + hours{hour};
  item.duration = Field<Seconds>{length, {}};
  item.recurrence.value = std::move(recurrence);
  return item;
}

/// Nightly windows for three quarters of the clusters, weekly ones for the others, two upgrades one after the
/// other, two hops each, and as many places as make it last for weeks.
struct BenchFleet {
  std::vector<Cluster> clusters;
  Fleet fleet;

  explicit BenchFleet(size_t count) {
    fleet.settings.emplace();
    fleet.settings->limits.max_concurrency = static_cast<int>(count / 25);
    fleet.settings->releases = {"releases/"};
    for (const char* version : {"1.31.4", "1.32.6", "1.33.2", "1.33.3"})
      fleet.releases.push_back({.name = fmt::format("v{}", version)});
    for (size_t s = 0; s < kZones.size(); ++s) {
      MaintenanceSchedule schedule{.name = {.name = fmt::format("s{}", s)}};
      schedule.match.written = true;
      schedule.match.matchers.push_back({.key = "zone", .value = fmt::format("s{}", s)});
      schedule.time_zone.value = kZones[s];
      schedule.windows.push_back(s == 3 ? Window(4, 8, std::chrono::hours{10}, "FREQ=WEEKLY;BYDAY=SU")
                                        : Window(5, 22, std::chrono::hours{6}, "FREQ=DAILY"));
      schedule.runway = Seconds{2400};
      fleet.schedules.push_back(std::move(schedule));
    }
    for (size_t i = 0; i < count; ++i) AddCluster(i);
    AddUpgrade("a-first", "v1.33.2", 1);
    AddUpgrade("b-second", "v1.33.3", 0);
    fleet.clusters = clusters;
  }

  void AddCluster(size_t number) {
    Cluster cluster;
    cluster.name = fmt::format("c{:06}", number);
    cluster.file = fmt::format("clusters/{}.yaml", cluster.name);
    cluster.release = "1.31.4";
    cluster.max_skip.minor = 1;
    cluster.labels = {
        {"cluster", cluster.name}, {"release", "1.31.4"}, {"zone", fmt::format("s{}", number % 4)}};
    cluster.refs.push_back({.file = cluster.file,
                            .path = "spec.topology.version",
                            .value = "v1.31.4",
                            .version = "1.31.4",
                            .format = "v{version}"});
    clusters.push_back(std::move(cluster));
  }

  void AddUpgrade(std::string name, std::string release, int priority) {
    ClusterUpgrade upgrade{.name = {.name = std::move(name)}};
    upgrade.match.written = true;
    upgrade.match.matchers.push_back({.key = "cluster", .value = "c.*", .is_regex = true});
    upgrade.release.name.value = std::move(release);
    upgrade.allow_downgrade = true;  // Else the newer one would supersede the other.
    upgrade.priority = priority;
    upgrade.checks_after.push_back({.type = "Nodes", .parameters = "{}"});
    fleet.upgrades.push_back(std::move(upgrade));
  }
};

void BM_Simulate90Days(benchmark::State& state) {
  const BenchFleet fleet(static_cast<size_t>(state.range(0)));
  const Instant start = *ParseInstant("2026-03-02T07:00:00Z");
  const StatusBook book;
  const std::map<ObjectName, std::string> broken;
  size_t events = 0;
  for (auto _ : state) {
    auto future = Simulate({.fleet = fleet.fleet,
                            .book = book,
                            .broken_status = broken,
                            .horizon = {start, start + std::chrono::days{90}}});
    if (!future || !future->incomplete.empty()) state.SkipWithError("the simulation did not come to its end");
    events = future->events.size();
  }
  state.counters["events"] = static_cast<double>(events);
}
BENCHMARK(BM_Simulate90Days)->Arg(100)->Arg(1000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace lockkeeper
