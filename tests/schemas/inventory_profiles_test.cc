#include <gtest/gtest.h>

#include "tests/schemas/inventory_tree.h"

namespace lockkeeper {
namespace {

// Every folder of tests/data/inventory/profiles is a small repository for the profile of its name. `expected`
// in it is what a person would say is there.
class ProfileFolder : public testing::TestWithParam<std::string> {};

TEST_P(ProfileFolder, FindsWhatAPersonWould) {
  std::filesystem::path folder = std::filesystem::path(LK_TEST_DATA) / "inventory" / "profiles" / GetParam();
  ASSERT_TRUE(std::filesystem::is_directory(folder)) << "each profile needs a folder of examples: " << folder;
  FakeTree tree;
  tree.AddFolder(folder);
  tree.Remove("expected");
  Inventory inventory = ColdStart(fmt::format("[{{profile: {}}}]", GetParam()), tree);
  std::string found = Describe(inventory.clusters()) + Describe(inventory.diagnostics());
  if (std::getenv("LK_REWRITE") != nullptr) {
    std::ofstream(folder / "expected", std::ios::binary) << found;
    GTEST_SKIP() << "rewrote " << folder / "expected";
  }
  EXPECT_EQ(found, ReadTestFile(folder / "expected"));
}

TEST_P(ProfileFolder, FindsOneClusterInItsOwnExample) {
  const Profile* profile = nullptr;
  for (const Profile& one : BuiltInProfiles()) {
    if (one.name == GetParam()) profile = &one;
  }
  ASSERT_NE(profile, nullptr);
  EXPECT_FALSE(profile->description.empty());
  auto stream = ParseManifestYaml(profile->text);
  ASSERT_TRUE(stream);
  std::string example = stream->documents[0].Find("example")->value;
  std::string path = "clusters/demo1/all.yaml";
  if (example.starts_with("# ")) path = example.substr(2, example.find('\n') - 2);
  FakeTree tree;
  tree.Set(path, example);
  Inventory inventory = ColdStart(fmt::format("[{{profile: {}}}]", GetParam()), tree);
  ASSERT_EQ(inventory.clusters().size(), 1U) << Describe(inventory.diagnostics());
  EXPECT_EQ(inventory.clusters()[0].name, "demo1");
  EXPECT_EQ(Describe(inventory.diagnostics()), "");
  EXPECT_FALSE(inventory.clusters()[0].release.empty());
}

std::vector<std::string> ProfileNames() {
  std::vector<std::string> names;
  for (const Profile& profile : BuiltInProfiles()) names.push_back(profile.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(All, ProfileFolder, testing::ValuesIn(ProfileNames()), [](const auto& test) {
  std::string name = test.param;
  std::ranges::replace(name, '-', '_');
  return name;
});

TEST(Profiles, AreTheTwentyOfTheContract) {
  std::vector<std::string> expected = {"argocd-application",
                                       "capi-kubeadm",
                                       "capi-rke2",
                                       "capi-topology",
                                       "crossplane-claim",
                                       "flux-gitrepository",
                                       "flux-helmrelease",
                                       "flux-ocirepository",
                                       "gardener-shoot",
                                       "giantswarm-app",
                                       "giantswarm-flux-substitute",
                                       "giantswarm-label",
                                       "giantswarm-user-config",
                                       "k0sctl",
                                       "kubespray",
                                       "kustomize-image",
                                       "kustomize-remote",
                                       "marker",
                                       "rancher-provisioning",
                                       "talos-talhelper"};
  EXPECT_EQ(ProfileNames(), expected);
}

TEST(Profiles, AnUnknownOneListsTheNames) {
  InventoryRule rule;
  rule.profile = "giantswarm";
  auto resolved = ResolveProfile(rule);
  ASSERT_FALSE(resolved);
  EXPECT_EQ(resolved.error().kind, ErrorKind::kNotFound);
  EXPECT_NE(resolved.error().message.find("giantswarm-user-config"), std::string::npos)
      << resolved.error().message;
}

TEST(Profiles, TheRulesOwnFieldsWin) {
  InventoryRule rule =
      Rules(R"([{profile: capi-topology, include: ["a/**"], labels: {x: y}, maxSkip: {minor: 3},
                                 timeZone: Europe/Stockholm}])")[0];
  EXPECT_EQ(rule.include, std::vector<std::string>{"a/**"});
  EXPECT_EQ(rule.max_skip.minor, 3);
  EXPECT_EQ(rule.select_kind, "Cluster");
  EXPECT_EQ(rule.name, "capi-topology");
  EXPECT_EQ(rule.labels.at("x"), "y");
}

TEST(Profiles, ARuleNeedsClusterAndRefs) {
  InventoryRule rule;
  rule.name = "own";
  auto resolved = ResolveProfile(rule);
  ASSERT_FALSE(resolved);
  EXPECT_EQ(resolved.error().message, "inventory rule 'own': cluster: a rule needs it, or a profile");
}

}  // namespace
}  // namespace lockkeeper
