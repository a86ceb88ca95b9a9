#include <gtest/gtest.h>

#include <random>

#include "schemas/inventory/recognise.h"
#include "tests/schemas/inventory_tree.h"

namespace lockkeeper {
namespace {

std::vector<TreeFile> FilesOf(const FakeTree& tree) {
  std::vector<TreeFile> files;
  for (const TreeChange& change : tree.Everything()) files.push_back(change.file);
  return files;
}

std::string Describe(const std::vector<RecognisedRule>& rules) {
  std::string text;
  for (const RecognisedRule& rule : rules) {
    text += fmt::format("{} {}/{}{}\n", rule.rule.profile, rule.usable, rule.clusters,
                        rule.confidence == RecognitionConfidence::kGuess ? " guess" : "");
    for (const std::string& glob : rule.rule.include) text += fmt::format("  + {}\n", glob);
    for (const std::string& glob : rule.rule.exclude) text += fmt::format("  - {}\n", glob);
    for (const std::string& example : rule.examples) text += fmt::format("  {}\n", example);
  }
  return text;
}

std::string Recognise(FakeTree& tree) {
  auto rules = RecogniseInventory(FilesOf(tree), tree.Reader());
  return rules ? Describe(*rules) : rules.error().message;
}

TEST(Recognise, GiantSwarmFleet) {
  std::filesystem::path fleet = std::filesystem::path(LK_SHARED) / "fixtures" / "giantswarm-fleet";
  if (!std::filesystem::exists(fleet)) GTEST_SKIP() << "the shared fixtures are not here: " << fleet;
  FakeTree tree;
  tree.AddFolder(fleet);
  EXPECT_EQ(
      Recognise(tree),
      "giantswarm-user-config 9/9\n"
      "  + management-clusters/*/organizations/*/workload-clusters/*/mapi/cluster/cluster_user_config.yaml\n"
      "  dev02 33.4.0 (management-clusters/golem/organizations/acme/workload-clusters/dev02/mapi/cluster/"
      "cluster_user_config.yaml)\n"
      "  mgab6 33.1.1 (management-clusters/golem/organizations/acme/workload-clusters/mgab6/mapi/cluster/"
      "cluster_user_config.yaml)\n"
      "  prod01 33.4.0 (management-clusters/golem/organizations/acme/workload-clusters/prod01/mapi/cluster/"
      "cluster_user_config.yaml)\n");
}

// Each profile is recognised in its own example, which it describes as typical.
TEST(Recognise, TheExampleOfEachProfile) {
  for (const Profile& profile : BuiltInProfiles()) {
    SCOPED_TRACE(profile.name);
    std::string example = ParseManifestYaml(profile.text)->documents[0].Find("example")->value;
    std::string path = "clusters/demo1/all.yaml";
    if (example.starts_with("# ")) path = example.substr(2, example.find('\n') - 2);
    FakeTree tree;
    tree.Set(path, example);
    tree.Set("README.md", "# Clusters\n");
    tree.Set("apps/web.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n");
    auto rules = RecogniseInventory(FilesOf(tree), tree.Reader());
    ASSERT_TRUE(rules);
    ASSERT_EQ(rules->size(), 1U) << Describe(*rules);
    EXPECT_EQ(rules->front().rule.profile, profile.name);
    EXPECT_EQ(rules->front().usable, 1U);
    EXPECT_EQ(rules->front().confidence == RecognitionConfidence::kGuess, profile.general);
    EXPECT_EQ(rules->front().note.empty(), !profile.general);
    // The proposal, taken as it is, finds the same.
    Inventory inventory({*ResolveProfile(rules->front().rule)});
    ASSERT_TRUE(inventory.Update(tree.Everything(), tree.Reader()));
    EXPECT_EQ(inventory.clusters().size(), 1U);
    EXPECT_EQ(lockkeeper::Describe(inventory.diagnostics()), "");
  }
}

TEST(Recognise, TemplatesAreLeftOutUnlessThereIsNothingElse) {
  auto cluster = [](const char* name, const char* version) {
    return fmt::format(
        "apiVersion: cluster.x-k8s.io/v1beta1\nkind: Cluster\nmetadata: {{name: {}}}\nspec: {{topology: "
        "{{version: '{}'}}}}\n",
        name, version);
  };
  FakeTree tree;
  tree.Set("clusters/base/cluster.yaml", cluster("base", "${VERSION}"));
  EXPECT_EQ(Recognise(tree),
            "capi-topology 0/1\n  + clusters/*/cluster.yaml\n  base without a release "
            "(clusters/base/cluster.yaml)\n");
  tree.Set("clusters/tulip/cluster.yaml", cluster("tulip", "v1.31.0"));
  tree.Set("clusters/rose/cluster.yaml", cluster("rose", "v1.31.0"));
  tree.Set("clusters/template/cluster.yaml", cluster("${NAME}", "${VERSION}"));
  tree.Set("apps/release.yaml",
           "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: x}\nspec: {chart: "
           "{spec: {version: 1.2.3}}}\n");
  EXPECT_EQ(Recognise(tree),
            "capi-topology 2/3\n  + clusters/*/cluster.yaml\n  - clusters/template/cluster.yaml\n"
            "  rose 1.31.0 (clusters/rose/cluster.yaml)\n  tulip 1.31.0 (clusters/tulip/cluster.yaml)\n");
  tree.Remove("clusters/base/cluster.yaml");
  tree.Remove("clusters/tulip/cluster.yaml");
  tree.Remove("clusters/rose/cluster.yaml");
  tree.Remove("clusters/template/cluster.yaml");
  EXPECT_EQ(Recognise(tree),
            "flux-helmrelease 1/1 guess\n  + apps/release.yaml\n  x 1.2.3 (apps/release.yaml)\n");
}

TEST(Recognise, DoesNotDependOnTheOrderOfFiles) {
  FakeTree tree;
  tree.AddFolder(std::filesystem::path(LK_TEST_DATA) / "inventory" / "profiles");
  std::vector<TreeFile> files = FilesOf(tree);
  auto first = RecogniseInventory(files, tree.Reader());
  ASSERT_TRUE(first);
  EXPECT_GE(first->size(), 3U) << Describe(*first);
  for (uint32_t seed = 1; seed < 10; ++seed) {
    std::mt19937 order(seed);
    std::ranges::shuffle(files, order);
    EXPECT_EQ(Describe(*RecogniseInventory(files, tree.Reader())), Describe(*first)) << "seed " << seed;
  }
}

struct GlobsRow {
  std::vector<NamedPath> paths;
  std::vector<std::string> globs;
};

TEST(Recognise, ProposesGlobs) {
  const GlobsRow rows[] = {
      {{{"clusters/a/cluster.yaml", "a"}}, {"clusters/*/cluster.yaml"}},
      {{{"clusters/a.yaml", "a"}, {"clusters/b.yaml", "b"}}, {"clusters/*.yaml"}},
      {{{"clusters/one.yaml", "a"}, {"clusters/two.yaml", "b"}}, {"clusters/*.yaml"}},
      {{{"x/a.yaml", "p"}, {"x/b.json", "q"}}, {"x/*"}},
      {{{"all.yaml", "p"}, {"all.yaml", "q"}}, {"all.yaml"}},
      {{{"x[1]/all.yaml", "p"}}, {"x\\[1]/all.yaml"}},
      {{{"x/a.yaml", "p"}, {"x/y/b.yaml", "q"}}, {"x/a.yaml", "x/y/b.yaml"}},
      {{{"r/1.yaml", ""},
        {"r/1/2.yaml", ""},
        {"r/1/2/3.yaml", ""},
        {"r/1/2/3/4.yaml", ""},
        {"r/1/2/3/4/5.yaml", ""}},
       {"r/**"}},
      {{}, {}},
  };
  for (const GlobsRow& row : rows) {
    std::vector<std::string> globs = ProposeGlobs(row.paths);
    EXPECT_EQ(globs, row.globs);
    for (const NamedPath& named : row.paths) {
      EXPECT_TRUE(std::ranges::any_of(globs, [&](auto& glob) { return GlobMatch(glob, named.path); }))
          << named.path;
    }
  }
}

}  // namespace
}  // namespace lockkeeper
