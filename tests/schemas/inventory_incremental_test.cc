#include <gtest/gtest.h>

#include <random>

#include "tests/schemas/inventory_tree.h"

namespace lockkeeper {
namespace {

constexpr const char* kRules = R"(
- profile: capi-kubeadm
  exclude: ["**/skip*"]
- name: elsewhere
  include: ["own/**"]
  select: {kind: Own}
  cluster: metadata.name
  refs:
  - {file: "../refs/{cluster}.yaml", path: version}
  - {file: "../../shared.yaml", path: spec.version, role: nodes, optional: true, select: {kind: Shared}}
- profile: marker
  include: ["marked/**"]
- profile: capi-topology
)";

std::string Everything(const Inventory& inventory) {
  std::string text = Describe(inventory.clusters());
  for (const Cluster& cluster : inventory.clusters()) text += DescribeLabels(cluster);
  return text + Describe(inventory.diagnostics());
}

/// Makes files that clusters of other files depend on: few names, so that they meet.
class RandomFiles {
 public:
  explicit RandomFiles(uint32_t seed) : random_(seed) {}

  int Below(int end) { return static_cast<int>(random_() % static_cast<uint32_t>(end)); }

  std::string Path() {
    switch (Below(6)) {
      case 0:
        return fmt::format("fleet/f{}.yaml", Below(4));
      case 1:
        return fmt::format("fleet/sub/{}{}.yaml", Below(2) != 0 ? "f" : "skip", Below(2));
      case 2:
        return fmt::format("own/a/o{}.yaml", Below(3));
      case 3:
        return fmt::format("own/refs/{}.yaml", Name());
      case 4:
        return fmt::format("marked/m{}.yaml", Below(3));
      default:
        return "shared.yaml";
    }
  }

  std::string Text() {
    std::string text;
    for (int documents = 1 + Below(3); documents > 0; --documents) text += "---\n" + Document();
    return text;
  }

 private:
  std::string Name() { return std::string(1, static_cast<char>('a' + Below(3))); }
  std::string Version() { return Below(8) == 0 ? "latest" : fmt::format("v1.{}.0", Below(30)); }

  std::string Document() {
    std::string name = Name();
    switch (Below(9)) {
      case 0:
        return fmt::format(
            "apiVersion: cluster.x-k8s.io/v1\nkind: Cluster\nmetadata: {{name: {0}, labels: {{x: "
            "y}}}}\nspec: {{controlPlaneRef: {{kind: KubeadmControlPlane, name: {0}}}}}\n",
            name);
      case 1:
        return fmt::format(
            "apiVersion: controlplane.cluster.x-k8s.io/v1\nkind: KubeadmControlPlane\nmetadata: {{name: "
            "{}}}\nspec: {{version: {}}}\n",
            name, Version());
      case 2:
        return fmt::format(
            "apiVersion: cluster.x-k8s.io/v1\nkind: MachineDeployment\nspec: {{clusterName: {}, template: "
            "{{spec: {{version: {}}}}}}}\n",
            name, Version());
      case 3:
        return fmt::format("kind: Own\nmetadata: {{name: {}}}\n", name);
      case 4:
        return fmt::format("version: {}\n", Version());
      case 5:
        return fmt::format("kind: Shared\nspec: {{version: {}}}\n", Version());
      case 6:
        return fmt::format("a: {} # {{\"$lockkeeper\": \"{}\"}}\n", Version(), name);
      case 7:
        return fmt::format(
            "apiVersion: cluster.x-k8s.io/v1\nkind: Cluster\nmetadata: {{name: {}}}\nspec: {{topology: "
            "{{version: {}}}}}\n",
            name, Version());
      default:
        return "broken: [ # KubeadmControlPlane MachineDeployment $lockkeeper\n";
    }
  }

  std::mt19937 random_;
};

TEST(InventoryUpdate, EqualsAColdStartAfterAnyChanges) {
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    RandomFiles random(seed);
    FakeTree tree;
    Inventory inventory(Rules(kRules));
    for (int step = 0; step < 25; ++step) {
      for (int changes = random.Below(4); changes >= 0; --changes) {
        std::string path = random.Path();
        int kind = random.Below(10);
        if (kind == 0) {
          tree.SetSymlink(path);
        } else if (kind < 4) {
          tree.Remove(path);
        } else {
          tree.Remove(path);
          tree.Set(path, random.Text());
        }
      }
      ASSERT_TRUE(inventory.Update(tree.TakeChanges(), tree.Reader()));
      Inventory fresh(Rules(kRules));
      ASSERT_TRUE(fresh.Update(tree.Everything(), tree.Reader()));
      ASSERT_EQ(Everything(inventory), Everything(fresh)) << "seed " << seed << " step " << step;
    }
  }
}

TEST(InventoryUpdate, IsTheSameForOneByOneAndAllAtOnce) {
  for (uint32_t seed = 100; seed < 130; ++seed) {
    RandomFiles random(seed);
    FakeTree tree;
    for (int i = 0; i < 12; ++i) tree.Set(random.Path(), random.Text());
    std::vector<TreeChange> changes = tree.TakeChanges();
    std::mt19937 order(seed);
    std::ranges::shuffle(changes, order);
    Inventory one_by_one(Rules(kRules));
    for (const TreeChange& change : changes) ASSERT_TRUE(one_by_one.Update({change}, tree.Reader()));
    Inventory at_once(Rules(kRules));
    ASSERT_TRUE(at_once.Update(changes, tree.Reader()));
    ASSERT_EQ(Everything(one_by_one), Everything(at_once)) << "seed " << seed;
  }
}

TEST(InventoryUpdate, ReadsOnlyWhatChanged) {
  FakeTree tree;
  for (int i = 0; i < 500; ++i) {
    tree.Set(fmt::format("fleet/{}/cluster.yaml", i),
             fmt::format("apiVersion: cluster.x-k8s.io/v1\nkind: Cluster\nmetadata: {{name: c{}}}\nspec: "
                         "{{controlPlaneRef: {{kind: KubeadmControlPlane, name: c{}}}}}\n",
                         i, i));
    tree.Set(fmt::format("fleet/{}/control-plane.yaml", i),
             fmt::format(
                 "apiVersion: controlplane.cluster.x-k8s.io/v1\nkind: KubeadmControlPlane\nmetadata: {{name: "
                 "c{}}}\nspec: {{version: v1.31.0}}\n",
                 i));
  }
  Inventory inventory = ColdStart("- profile: capi-kubeadm", tree);
  ASSERT_EQ(inventory.clusters().size(), 500U);
  EXPECT_LE(tree.reads, 1500U);  // Each file once, and once more where the folder is looked into.
  tree.reads = 0;
  tree.Set("fleet/7/control-plane.yaml",
           "apiVersion: controlplane.cluster.x-k8s.io/v1\nkind: KubeadmControlPlane\nmetadata: {name: "
           "c7}\nspec: {version: "
           "v1.32.0}\n");
  ASSERT_TRUE(inventory.Update(tree.TakeChanges(), tree.Reader()));
  EXPECT_EQ(tree.reads, 2U);  // The file, and the manifest that depends on it.
  auto changed = std::ranges::find(inventory.clusters(), "c7", &Cluster::name);
  EXPECT_EQ(changed->release, "1.32.0");
  EXPECT_EQ(FindLabel(changed->labels, "release"), "1.32.0");
}

TEST(InventoryUpdate, AFlatFolderOfManyClustersIsNotSquared) {
  FakeTree tree;
  for (int i = 0; i < 2000; ++i) {
    tree.Set(fmt::format("fleet/c{}.yaml", i),
             fmt::format("apiVersion: cluster.x-k8s.io/v1\nkind: Cluster\nmetadata: {{name: c{0}}}\nspec: "
                         "{{controlPlaneRef: {{kind: KubeadmControlPlane, name: c{0}}}}}\n---\napiVersion: "
                         "controlplane.cluster.x-k8s.io/v1\nkind: KubeadmControlPlane\nmetadata: {{name: "
                         "c{0}}}\nspec: {{version: v1.31.0}}\n",
                         i));
  }
  Inventory inventory = ColdStart("- profile: capi-kubeadm", tree);
  EXPECT_EQ(inventory.clusters().size(), 2000U);
  EXPECT_EQ(Describe(inventory.diagnostics()), "");
  EXPECT_EQ(tree.reads, 2000U);  // The folder's files were all looked at already.
}

TEST(InventoryUpdate, AnUnreachableBlobLeavesAnEmptyInventory) {
  FakeTree tree;
  tree.Set("a.yaml",
           "apiVersion: cluster.x-k8s.io/v1\nkind: Cluster\nmetadata: {name: a}\nspec: {topology: {version: "
           "v1.2.3}}\n");
  Inventory inventory = ColdStart("- profile: capi-topology", tree);
  ASSERT_EQ(inventory.clusters().size(), 1U);
  tree.Set("b.yaml", "kind: Cluster # cluster.x-k8s.io\n");
  tree.unreachable = {"b.yaml"};
  auto done = inventory.Update(tree.TakeChanges(), tree.Reader());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::kTransient);
  EXPECT_TRUE(inventory.clusters().empty());
  tree.unreachable.clear();
  ASSERT_TRUE(inventory.Update(tree.Everything(), tree.Reader()));
  EXPECT_EQ(inventory.clusters().size(), 1U);
}

TEST(InventoryUpdate, DuplicatesComeAndGo) {
  auto manifest = [](const char* name) {
    return fmt::format("kind: Own\nmetadata: {{name: {}}}\nspec: {{version: 1.2.3}}\n", name);
  };
  FakeTree tree;
  tree.Set("a.yaml", manifest("same"));
  tree.Set("b.yaml", manifest("same"));
  Inventory inventory = ColdStart(
      "- {name: own, select: {kind: Own}, cluster: metadata.name, refs: [{path: spec.version}]}", tree);
  ASSERT_EQ(inventory.clusters().size(), 2U);
  for (const Cluster& cluster : inventory.clusters()) {
    ASSERT_EQ(cluster.problems.size(), 1U);
    EXPECT_EQ(cluster.problems[0].code, "duplicate-cluster");
  }
  EXPECT_NE(inventory.clusters()[0].problems[0].message.find("b.yaml:2:18"), std::string::npos);
  EXPECT_NE(inventory.clusters()[1].problems[0].message.find("a.yaml:2:18"), std::string::npos);
  ASSERT_EQ(inventory.diagnostics().size(), 2U);
  EXPECT_EQ(inventory.diagnostics()[0].severity, Severity::kError);
  tree.Set("b.yaml", manifest("other"));
  ASSERT_TRUE(inventory.Update(tree.TakeChanges(), tree.Reader()));
  EXPECT_EQ(Describe(inventory.diagnostics()), "");
  EXPECT_TRUE(inventory.clusters()[0].problems.empty());
  EXPECT_TRUE(inventory.clusters()[1].problems.empty());
}

}  // namespace
}  // namespace lockkeeper
