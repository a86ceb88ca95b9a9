#include <gtest/gtest.h>

#include "tests/schemas/inventory_tree.h"

namespace lockkeeper {
namespace {

const std::filesystem::path kFixtures = std::filesystem::path(LK_SHARED) / "fixtures";

#define SKIP_WITHOUT_FIXTURES() \
  if (!std::filesystem::exists(kFixtures)) GTEST_SKIP() << "the shared fixtures are not here: " << kFixtures

TEST(GiantSwarmFleet, HoldsNineClusters) {
  SKIP_WITHOUT_FIXTURES();
  FakeTree tree;
  tree.AddFolder(kFixtures / "giantswarm-fleet");
  Inventory inventory = ColdStart(R"(
- profile: giantswarm-user-config
  include: ["management-clusters/**/workload-clusters/**"]
  exclude: ["**/bases/**"]
  labels: {provider: aws}
  timeZone: Europe/Stockholm
)",
                                  tree);
  struct Row {
    const char* name;
    const char* ns;
    const char* release;
    const char* stage;
    const char* region;
    int line;
    int column;
  };
  // Line and column of the version, by eye: column 18 after `        version: `, 19 in quotes, 27 in a flow
  // mapping.
  const Row rows[] = {
      {"dev02", "org-acme", "33.4.0", "dev", "eu-west-1", 31, 18},
      {"dev03", "org-globex", "34.0.0", "dev", "us-east-1", 30, 26},
      {"mgab6", "org-acme", "33.1.1", "dev", "eu-central-1", 31, 18},
      {"prod01", "org-acme", "33.4.0", "prod", "eu-central-1", 31, 18},
      {"prod02", "org-acme", "33.4.0", "prod", "eu-west-1", 31, 18},
      {"prod03", "org-globex", "33.4.0", "prod", "us-east-1", 31, 19},
      {"prod04", "org-globex", "32.4.0", "prod", "us-west-2", 31, 18},
      {"stg01", "org-acme", "33.4.0", "staging", "eu-central-1", 31, 18},
      {"stg02", "org-globex", "33.4.0", "staging", "us-east-1", 31, 18},
  };
  ASSERT_EQ(inventory.clusters().size(), std::size(rows)) << Describe(inventory.clusters());
  for (size_t i = 0; i < std::size(rows); ++i) {
    const Cluster& cluster = inventory.clusters()[i];
    const Row& row = rows[i];
    SCOPED_TRACE(row.name);
    EXPECT_EQ(cluster.name, row.name);
    EXPECT_EQ(cluster.ns, row.ns);
    EXPECT_EQ(cluster.release, row.release);
    EXPECT_EQ(FindLabel(cluster.labels, "stage"), row.stage);
    EXPECT_EQ(FindLabel(cluster.labels, "region"), row.region);
    EXPECT_EQ(FindLabel(cluster.labels, "provider"), "aws");
    EXPECT_EQ(FindLabel(cluster.labels, "release"), row.release);
    EXPECT_EQ(FindLabel(cluster.labels, "cluster_id"), row.name);
    EXPECT_EQ(FindLabel(cluster.labels, "giantswarm.io/cluster"), row.name);
    EXPECT_EQ(cluster.time_zone, "Europe/Stockholm");
    EXPECT_TRUE(cluster.file.ends_with(fmt::format("/{}/mapi/cluster/cluster_user_config.yaml", row.name)));
    ASSERT_EQ(cluster.refs.size(), 1U);
    EXPECT_EQ(cluster.refs[0].file, cluster.file);
    EXPECT_EQ(cluster.refs[0].mark, (Mark{row.line, row.column}));
    EXPECT_EQ(cluster.refs[0].path, "data.values.global.release.version");
    EXPECT_EQ(cluster.refs[0].problem_code, "");
    // The place in the file is the one where the bytes stand.
    std::istringstream lines(tree.files().at(cluster.file));
    std::string line;
    for (int n = 0; n < row.line; ++n) std::getline(lines, line);
    EXPECT_TRUE(line.substr(static_cast<size_t>(row.column - 1)).starts_with(row.release)) << line;
  }
  EXPECT_EQ(Describe(inventory.diagnostics()), "");
}

// What a person would say is in each file of fixtures/profiles. `rule` is a profile or a rule of one's own;
// `found` has `name release` for each cluster and the codes of everything else, in order.
struct FixtureRow {
  const char* file;
  const char* rule;
  const char* found;
};

const FixtureRow kRows[] = {
    {"giantswarm-user-config.yaml", "profile: giantswarm-user-config", "test1 25.0.0"},
    {"giantswarm-user-config.yaml", "profile: giantswarm-app", "test1 missing"},
    {"giantswarm-flux-substitute.yaml", "profile: giantswarm-flux-substitute", "capi-wc-name 0.8.1"},
    {"giantswarm-app.yaml", "profile: giantswarm-app", "empty-rule"},  // An App, but of no cluster.
    {"giantswarm-app.yaml",
     "{name: own, select: {kind: App}, cluster: metadata.name, refs: [{path: spec.version}]}",
     "templated empty-rule"},
    {"capi-topology-template.yaml", "profile: capi-topology", "templated empty-rule"},
    {"capi-topology-rke2.yaml", "profile: capi-topology", "docker-rke2-example 1.36.0+rke2r1"},
    {"capi-kubeadm-template.yaml", "profile: capi-kubeadm", "templated empty-rule"},
    {"capi-kubeadm-template.yaml",
     R"({name: own, select: {kind: KubeadmControlPlane}, cluster: "{file}", refs: [{path: spec.version}]})",
     "capi-kubeadm-template templated"},
    {"capi-rke2.yaml", "profile: capi-rke2", "templated empty-rule"},
    {"capi-rke2.yaml",
     R"({name: own, select: {kind: MachineDeployment}, cluster: metadata.name,
         refs: [{path: spec.template.spec.version, format: "v{version}"}]})",
     "worker-md-0 templated"},
    {"gardener-shoot.yaml", "profile: gardener-shoot", "crazy-botany missing"},
    {"gardener-shoot-local.yaml", "profile: gardener-shoot", "local missing"},
    {"crossplane-claim.yaml", "profile: crossplane-claim", "platform-ref-aws 1.32"},
    {"flux-helmrelease-range.yaml", "profile: flux-helmrelease", "podinfo floating"},
    {"flux-ocirepository-semver.yaml", "profile: flux-ocirepository", "cert-manager floating"},
    {"flux-ocirepository.yaml", "profile: flux-ocirepository", "cert-manager 1.21.1"},
    {"rancher-template.yaml", "profile: rancher-provisioning", "unreadable empty-rule"},
    {"rancher-values.yaml", "profile: rancher-provisioning",
     "empty-rule"},  // Helm values, no Cluster object.
    {"rancher-values.yaml",
     "{name: own, cluster: cluster.name, refs: [{path: cluster.config.kubernetesVersion, format: "
     "'v{version}'}]}",
     "rke2-cluster-aws 1.31.7+rke2r1"},
    {"kubespray-group-vars.yaml", "{profile: kubespray, files: ['**'], cluster: '{path[0]}'}",
     "empty-rule"},  // It sets no kube_version.
    {"kubespray-ck8s.yaml", "profile: kubespray", "empty-rule"},
    {"kubespray-ck8s.yaml",
     "{name: own, cluster: '{path[-2]}', refs: [{path: ck8sKubesprayVersion, format: 'v{version}'}]}",
     "demo unparsable"},
    // No profile; a rule of one's own does.
    {"suc-plan.yaml",
     R"({name: own, select: {apiVersion: upgrade.cattle.io/*, kind: Plan}, cluster: metadata.name,
         refs: [{path: spec.version, format: "v{version}"}]})",
     "k3s-agent 1.20.11+k3s1 k3s-server 1.20.11+k3s1"},
    {"suc-plan.yaml",
     R"({name: both-plans-are-one-cluster, select: {kind: Plan, where: {metadata.labels.k3s-upgrade: server}},
         cluster: "{path[0]}", refs: [
           {path: spec.version, role: controlPlane},
           {select: {kind: Plan}, where: {metadata.labels.k3s-upgrade: agent}, path: spec.version, role: nodes}]})",
     "demo 1.20.11+k3s1"},
    {"tuppr-kubernetes.yaml",
     R"({name: own, select: {kind: KubernetesUpgrade}, cluster: "{path[0]}",
         refs: [{path: spec.kubernetes.version, format: "v{version}"}]})",
     "demo 1.36.4"},
    {"tuppr-talos.yaml",
     R"({name: own, select: {kind: TalosUpgrade}, cluster: "{path[0]}", refs: [{path: spec.talos.version}]})",
     "demo 1.14.0-rc.1"},
    {"k3s-ansible-inventory.yaml",
     R"({name: own, cluster: "{path[0]}", refs: [{path: k3s_cluster.vars.k3s_version, format: "v{version}"}]})",
     "demo 1.31.12+k3s1"},
    {"eksctl.yaml",
     R"({name: own, select: {apiVersion: eksctl.io/*, kind: ClusterConfig}, cluster: metadata.name,
         refs: [{path: metadata.version}]})",
     "cluster-2 missing"},
};

TEST(PublicManifests, SayWhatAPersonWouldRead) {
  SKIP_WITHOUT_FIXTURES();
  for (const FixtureRow& row : kRows) {
    SCOPED_TRACE(fmt::format("{} with {}", row.file, row.rule));
    FakeTree tree;
    tree.Set(fmt::format("demo/{}", row.file), ReadTestFile(kFixtures / "profiles" / row.file));
    std::string rule = row.rule;
    Inventory inventory = ColdStart("- " + rule, tree);
    std::string found;
    for (const Cluster& cluster : inventory.clusters()) {
      found += (found.empty() ? "" : " ") + cluster.name;
      if (!cluster.release.empty()) found += " " + cluster.release;
    }
    for (const Diagnostic& diagnostic : inventory.diagnostics()) {
      if (diagnostic.file == "lockkeeper.yaml") continue;
      found += (found.empty() ? "" : " ") + diagnostic.code;
    }
    if (inventory.clusters().empty()) found += found.empty() ? "empty-rule" : " empty-rule";
    EXPECT_EQ(found, row.found) << Describe(inventory.clusters()) << Describe(inventory.diagnostics());
  }
}

}  // namespace
}  // namespace lockkeeper
