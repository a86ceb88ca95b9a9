#include "server/fleet_metrics.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <numeric>

#include "gitops/repository/repository.h"
#include "reconciler/cycle/fleet_reader.h"
#include "reconciler/cycle/reconcile.h"
#include "tests/cli/fleet_example.h"
#include "tests/support/temp_repository.h"

namespace lockkeeper {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsSubsetOf;
using testing::Pair;

constexpr const char* kMore = R"(apiVersion: lockkeeper.dev/v1alpha1
kind: ClusterUpgrade
metadata: {name: prod}
spec:
  matchers: [{name: stage, value: prod}]
  releaseRef: {name: v1.30.9}
  startTime: 2026-03-01T00:00:00Z
---
apiVersion: lockkeeper.dev/v1alpha1
kind: ClusterLock
metadata: {name: past}
spec: {matchers: [{name: stage, value: dev}], reason: x, startTime: 2026-01-01T00:00:00Z, expiresAt: 2026-02-01T00:00:00Z}
---
apiVersion: lockkeeper.dev/v1alpha1
kind: ClusterLock
metadata: {name: present}
spec: {matchers: [{name: stage, value: none}], reason: x, expiresAt: 2026-05-01T00:00:00Z}
---
apiVersion: lockkeeper.dev/v1alpha1
kind: ClusterLock
metadata: {name: to-come}
spec: {matchers: [{name: stage, value: dev}], reason: x, startTime: 2026-04-01T00:00:00Z, expiresAt: 2026-05-01T00:00:00Z}
---
apiVersion: lockkeeper.dev/v1alpha1
kind: MaintenanceTask
metadata: {name: rotate-keys}
spec: {startTime: 2026-03-02T09:00:00, recurrence: FREQ=WEEKLY, dueWithin: 2d, matchers: []}
---
apiVersion: lockkeeper.dev/v1alpha1
kind: MaintenanceSchedule
metadata: {name: broken}
spec: {timeZone: Nowhere/Nix, matchers: [{name: stage, value: none}]}
)";

class MeasureFleetTest : public testing::Test {
 protected:
  explicit MeasureFleetTest() {
    std::vector<TestFile> files = FleetExample();
    files.push_back({"upgrades/more.yaml", kMore});
    repository_.Commit(files);
    local_ = *OpenLocalRepository({.location = repository_.path()});
    reader_ = std::make_unique<FleetReader>(*local_);
  }

  FleetMetrics PassAt(const char* now) {
    auto result = Reconcile(*local_, *reader_, {.now = *ParseInstant(now), .back_off = [](int) {}});
    EXPECT_TRUE(result) << result.error().message;
    return MeasureAt(now);
  }
  FleetMetrics MeasureAt(const char* now) {
    const FleetState& state = **reader_->Read(*local_->Fetch());
    const FleetModel model = FleetModel::Build(state.fleet);
    const EditRefusals refusals;
    const Plan plan = MakePlan(model, {.book = state.book,
                                       .broken_status = state.broken_status,
                                       .refusals = refusals,
                                       .now = *ParseInstant(now),
                                       .tasks = &state.tasks});
    decisions_ = plan.decisions.size();
    return MeasureFleet(model, state.book, state.tasks.book, plan);
  }

  TempRepository repository_;
  std::unique_ptr<Repository> local_;
  std::unique_ptr<FleetReader> reader_;
  size_t decisions_ = 0;
};

CountByWord Present(const CountByWord& counts) {
  CountByWord present = counts;
  std::erase_if(present, [](const auto& entry) { return entry.second == 0; });
  return present;
}
CountByWords Present(const CountByWords& counts) {
  CountByWords present = counts;
  std::erase_if(present, [](const auto& entry) { return entry.second == 0; });
  return present;
}

uint64_t Sum(const CountByWord& counts) {
  return std::accumulate(counts.begin(), counts.end(), uint64_t{0},
                         [](uint64_t sum, const auto& entry) { return sum + entry.second; });
}

TEST_F(MeasureFleetTest, CountsWhatThePlanSays) {
  // A Wednesday: rose may move and tulip waits for its nights.
  const FleetMetrics before = MeasureAt("2026-03-25T10:00:00Z");
  EXPECT_THAT(Present(before.decisions), ElementsAre(Pair("bump", 1), Pair("wait", 1)));
  EXPECT_THAT(Present(before.held), ElementsAre(Pair(Pair("window", "wait"), 1)));
  EXPECT_THAT(Present(before.clusters), ElementsAre(Pair("pending", 2)));
  EXPECT_THAT(before.upgrades,
              ElementsAre(Pair("finished", 0), Pair("pending", 2), Pair("running", 0), Pair("stopped", 0)));
  EXPECT_THAT(before.locks, ElementsAre(Pair("active", 1), Pair("expired", 1), Pair("future", 1)));
  EXPECT_THAT(before.schedules, ElementsAre(Pair("broken", 1), Pair("closed", 1), Pair("open", 1)));
  EXPECT_THAT(before.findings, testing::Contains(Pair("error", testing::Ge(1u))));
  EXPECT_EQ(Sum(before.decisions), decisions_);
  EXPECT_EQ(before.held.size(), 2 * kGateCount);
  ASSERT_TRUE(before.next_wake);

  const FleetMetrics after = PassAt("2026-03-25T10:00:00Z");
  EXPECT_THAT(Present(after.clusters), ElementsAre(Pair("pending", 1), Pair("running", 1)));
  EXPECT_THAT(Present(after.upgrades), ElementsAre(Pair("pending", 1), Pair("running", 1)));
  EXPECT_THAT(Present(after.upgrade_clusters), ElementsAre(Pair(Pair("default/dev-first", "running"), 1),
                                                           Pair(Pair("default/prod", "pending"), 1)));
  EXPECT_THAT(Present(after.tasks), testing::Contains(Pair("overdue", testing::Ge(1u))));

  const FleetMetrics end = PassAt("2026-03-30T21:00:00Z");
  EXPECT_THAT(Present(end.outcomes), ElementsAre(Pair("unverified", 1)));
  EXPECT_THAT(Present(end.clusters), ElementsAre(Pair("idle", 1), Pair("running", 1)));
}

TEST_F(MeasureFleetTest, OfManyUpgradesTheRestIsOther) {
  std::string manifests;
  for (int i = 0; i < 60; ++i) {
    manifests += fmt::format(
        "---\napiVersion: lockkeeper.dev/v1alpha1\nkind: ClusterUpgrade\nmetadata: {{name: "
        "many-{:02}}}\nspec: {{matchers: "
        "[{{name: stage, value: dev}}], releaseRef: {{name: v1.31.{}}}, startTime: 2027-01-01T00:00:00Z}}\n",
        i, i + 10);
  }
  repository_.Commit({{"upgrades/many.yaml", manifests}});
  const FleetMetrics metrics = PassAt("2026-03-25T10:00:00Z");
  std::set<std::string> names;
  for (const auto& [words, count] : metrics.upgrade_clusters) names.insert(words.first);
  EXPECT_EQ(names.size(), FleetMetrics::kUpgradesNamedMax + 1);
  EXPECT_TRUE(names.contains("other"));
  EXPECT_TRUE(names.contains("default/dev-first"));
}

}  // namespace
}  // namespace lockkeeper
