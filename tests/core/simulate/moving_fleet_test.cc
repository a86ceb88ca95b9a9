#include "reconciler/core/simulate/moving_fleet.h"

#include <gtest/gtest.h>

namespace lockkeeper {
namespace {

constexpr const char* kLabelPath = "metadata.labels.[example.com/version]";

/// c1 has its release in a label, c2 and c3 in one place that two rules name differently, c4 in two places.
struct FourClusters {
  std::vector<Cluster> clusters;
  Fleet fleet;

  FourClusters() {
    fleet.settings.emplace();
    fleet.settings->inventory.emplace_back();
    Add("c1", {.file = "c1.yaml", .path = kLabelPath});
    clusters[0].labels.insert(clusters[0].labels.begin() + 1, {"example.com/version", "v1.31.0"});
    Add("c2", {.file = "both.yaml", .path = "images.[0].tag", .mark = {7, 9}});
    Add("c3", {.file = "both.yaml", .path = "images.[name=node].tag", .mark = {7, 9}});
    Add("c4", {.file = "c4.yaml", .path = "spec.nodes", .role = RefRole::kNodes});
    Ref plane{.file = "c4.yaml", .path = "spec.plane", .role = RefRole::kControlPlane};
    Fill(plane, "1.30.0");
    clusters[3].refs.push_back(plane);
    fleet.clusters = clusters;
  }

  static void Fill(Ref& ref, const std::string& version) {
    ref.value = "v" + version;
    ref.version = version;
    ref.format = "v{version}";
  }

  void Add(const char* name, Ref ref) {
    Fill(ref, "1.31.0");
    Cluster cluster{.name = name, .file = std::string{name} + ".yaml"};
    cluster.labels = {{"cluster", name}, {"release", "1.31.0"}};
    cluster.release = "1.31.0";
    cluster.refs.push_back(std::move(ref));
    clusters.push_back(std::move(cluster));
  }
};

const Cluster& After(MovingFleet& moving, uint32_t cluster, std::string file, std::string path,
                     std::string value) {
  moving.Make(
      {{.file = std::move(file), .path = std::move(path), .expected = "", .value = std::move(value)}});
  return moving.model().cluster(cluster);
}

TEST(MovingFleet, TheReleaseAndItsLabelsFollow) {
  const FourClusters four;
  MovingFleet moving(four.fleet);
  const Cluster& c1 = After(moving, 0, "c1.yaml", kLabelPath, "v1.32.0");
  EXPECT_EQ(c1.release, "1.32.0");
  EXPECT_EQ(FindLabel(c1.labels, "release"), "1.32.0");
  EXPECT_EQ(FindLabel(c1.labels, "example.com/version"), "v1.32.0");
  EXPECT_EQ(four.clusters[0].release, "1.31.0");
}

TEST(MovingFleet, ALabelThatOnlySaysTheSameStays) {
  FourClusters four;
  four.clusters[0].refs[0].path = "spec.[example.com/version]";
  MovingFleet moving(four.fleet);
  const Cluster& c1 = After(moving, 0, "c1.yaml", "spec.[example.com/version]", "v1.32.0");
  EXPECT_EQ(c1.release, "1.32.0");
  EXPECT_EQ(FindLabel(c1.labels, "example.com/version"), "v1.31.0");
}

TEST(MovingFleet, OnePlaceIsOneValueWhateverItsPath) {
  const FourClusters four;
  MovingFleet moving(four.fleet);
  EXPECT_EQ(After(moving, 2, "both.yaml", "images.[0].tag", "v1.32.0").refs[0].value, "v1.32.0");
  EXPECT_EQ(moving.model().cluster(1).release, "1.32.0");
}

TEST(MovingFleet, TheControlPlaneSaysTheRelease) {
  FourClusters four;
  MovingFleet moving(four.fleet);
  EXPECT_EQ(After(moving, 3, "c4.yaml", "spec.nodes", "v1.32.0").release, "1.30.0");
  EXPECT_EQ(After(moving, 3, "c4.yaml", "spec.plane", "v1.32.0").release, "1.32.0");
}

TEST(MovingFleet, AValueThatIsNoVersionIsAProblem) {
  const FourClusters four;
  MovingFleet moving(four.fleet);
  const Cluster& c4 = After(moving, 3, "c4.yaml", "spec.nodes", "vlatest");
  EXPECT_EQ(c4.refs[0].problem_code, "unparsable");
  EXPECT_EQ(c4.release, "1.30.0");
}

TEST(MovingFleet, MatchersSeeTheNewRelease) {
  FourClusters four;
  ClusterUpgrade upgrade{.name = {.name = "up"}};
  upgrade.match.written = true;
  upgrade.match.matchers.push_back({.key = "release", .value = "1.31.0"});
  upgrade.release.name.value = "v1.33.0";
  four.fleet.upgrades.push_back(upgrade);
  MovingFleet moving(four.fleet);
  EXPECT_EQ(moving.model().upgrades().front().clusters, (std::vector<uint32_t>{0, 1, 2, 3}));
  After(moving, 0, "c1.yaml", kLabelPath, "v1.32.0");
  EXPECT_EQ(moving.model().upgrades().front().clusters, (std::vector<uint32_t>{1, 2, 3}));
}

}  // namespace
}  // namespace lockkeeper
