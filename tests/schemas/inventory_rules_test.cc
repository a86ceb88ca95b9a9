#include <gtest/gtest.h>

#include "schemas/inventory/ref_format.h"
#include "schemas/inventory/ref_value.h"
#include "tests/schemas/inventory_tree.h"

namespace lockkeeper {
namespace {

constexpr const char* kOwn =
    "- {name: own, select: {kind: Own}, cluster: metadata.name, refs: [{path: spec.version}]}";

std::string OwnManifest(const std::string& metadata, const std::string& version = "1.2.3") {
  return fmt::format("kind: Own\nmetadata: {}\nspec: {{version: {}}}\n", metadata, version);
}

TEST(InventoryLabels, ManifestThenRuleThenBuiltIn) {
  FakeTree tree;
  tree.Set("fleet/a.yaml",
           OwnManifest("{name: a, namespace: ns, labels: {stage: prod, cluster: liar, empty: null, n: 1}}"));
  Inventory inventory = ColdStart(R"(
- name: own
  select: {kind: Own}
  cluster: metadata.name
  labels: {stage: dev, region: north}
  providerFrom: kind
  timeZone: Asia/Tokyo
  refs: [{path: spec.version}]
  maxSkip: {minor: 2}
)",
                                  tree);
  ASSERT_EQ(inventory.clusters().size(), 1U);
  const Cluster& cluster = inventory.clusters()[0];
  EXPECT_EQ(
      DescribeLabels(cluster),
      "cluster=a\ncluster_id=a\nempty=\nn=1\nnamespace=ns\npath=fleet/a.yaml\nprovider=own\nregion=north\n"
      "release=1.2.3\nstage=prod\n");
  EXPECT_EQ(cluster.time_zone, "Asia/Tokyo");
  EXPECT_EQ(cluster.max_skip.minor, 2);
}

TEST(InventoryLabels, ProviderOfManifestOrRuleIsKept) {
  FakeTree tree;
  tree.Set("a.yaml", OwnManifest("{name: a, labels: {provider: mine}}"));
  tree.Set("b.yaml", OwnManifest("{name: b}"));
  Inventory inventory = ColdStart(R"(
- {name: own, select: {kind: Own}, cluster: metadata.name, labels: {provider: rule}, providerFrom: kind, refs: [{path: spec.version}]}
)",
                                  tree);
  EXPECT_EQ(FindLabel(inventory.clusters()[0].labels, "provider"), "mine");
  EXPECT_EQ(FindLabel(inventory.clusters()[1].labels, "provider"), "rule");
}

TEST(InventoryLabels, SchedulesAreNamedByLabelOrAnnotation) {
  FakeTree tree;
  tree.Set("a.yaml",
           OwnManifest(R"({name: a, annotations: {lockkeeper.dev/maintenance-schedule: "nights, weekends"},
    labels: {lockkeeper.dev/maintenance-schedule: nights}})"));
  tree.Set("b.yaml", OwnManifest("{name: b, labels: {lockkeeper.dev/maintenance-schedule: days}}"));
  tree.Set("c.yaml", OwnManifest("{name: c}"));
  Inventory inventory = ColdStart(kOwn, tree);
  EXPECT_EQ(inventory.clusters()[0].schedule_names, "nights,weekends");
  EXPECT_EQ(inventory.clusters()[1].schedule_names, "days");
  EXPECT_EQ(inventory.clusters()[2].schedule_names, "");
}

struct NameRow {
  const char* cluster;
  const char* path;
  const char* found;  ///< the name, or the code of the diagnostic
};

TEST(InventoryNames, AreFieldPathsOrTemplates) {
  const NameRow rows[] = {
      {"metadata.name", "x.yaml", "a"},
      {"{metadata.namespace}/{metadata.name}", "x.yaml", "ns/a"},
      {"{metadata.namespace}-{metadata.name}-x", "x.yaml", "ns-a-x"},
      {"{metadata.labels.none|metadata.name}", "x.yaml", "a"},
      {"metadata.labels.none|metadata.name", "x.yaml", "a"},
      {"{metadata.labels.none}", "x.yaml", "missing-name"},
      {"{path[0]}", "prod/eu/x.yaml", "prod"},
      {"{path[1]}", "prod/eu/x.yaml", "eu"},
      {"{path[-2]}", "prod/eu/x.yaml", "eu"},
      {"{path[-4]}", "prod/eu/x.yaml", "missing-name"},
      {"{path[9]}", "prod/eu/x.yaml", "missing-name"},
      {"{path[eu-1]}", "prod/eu/x.yaml", "prod"},
      {"{path[prod+1]}", "prod/eu/x.yaml", "eu"},
      {"{path[none-1]}", "prod/eu/x.yaml", "missing-name"},
      {"{file}", "prod/eu/x.yaml", "x"},
      {"{file}", "prod/eu/x.prod.yaml", "x.prod"},
      {"{file}", "prod/eu/\xC3\xA5.yaml", "\xC3\xA5"},
      {"{file}", "prod/eu/\xE5.yaml", "bad-name"},
      {"data.text.inner", "x.yaml", "deep"},
      {"metadata.odd", "x.yaml", "bad-name"},
      {"metadata.up", "x.yaml", "bad-name"},
      {"metadata.template", "x.yaml", "templated"},
      {"metadata.secret", "x.yaml", "encrypted"},
      {"metadata.aliased", "x.yaml", "missing-name"},
      {"metadata", "x.yaml", "missing-name"},
  };
  for (const NameRow& row : rows) {
    SCOPED_TRACE(fmt::format("{} in {}", row.cluster, row.path));
    FakeTree tree;
    tree.Set(row.path, R"(kind: Own
metadata:
  name: &name a
  namespace: ns
  odd: "two words"
  up: ../../etc
  template: ${name}
  secret: ENC[AES256_GCM,data:x]
  aliased: *name
data:
  text: |
    inner: deep
spec: {version: 1.2.3}
)");
    Inventory inventory = ColdStart(
        fmt::format("- {{name: own, cluster: '{}', refs: [{{path: spec.version}}]}}", row.cluster), tree);
    std::string found = inventory.clusters().empty() ? "" : inventory.clusters()[0].name;
    for (const Diagnostic& diagnostic : inventory.diagnostics()) {
      if (diagnostic.code != "empty-rule") found += diagnostic.code;
    }
    EXPECT_EQ(found, row.found) << Describe(inventory.diagnostics());
  }
}

struct ValueRow {
  const char* format;
  const char* value;
  const char* found;  ///< `version [format]`, or the problem's code
};

TEST(RefValue, IsAReleaseOrAProblem) {
  const ValueRow rows[] = {
      {"", "1.2.3", "1.2.3 [{version}]"},
      {"", "v1.2.3", "1.2.3 [v{version}]"},
      {"", "1.32", "1.32 [{version}]"},
      {"v{version}", "v1.2.3+k0s.0", "1.2.3+k0s.0 [v{version}]"},
      {"v{version}", "1.2.3", "unparsable"},
      {"{version}", "v1.2.3", "unparsable"},
      {"aws-{version}", "aws-34.1.0", "34.1.0 [aws-{version}]"},
      {"{*}ref={v}{version}{*}", "x?ref=v1.2.3&depth=1", "1.2.3 [x?ref=v{version}&depth=1]"},
      {"{*}ref={v}{version}{*}", "x?ref=v1.2.3", "1.2.3 [x?ref=v{version}]"},
      {"{*}ref={v}{version}{*}", "x?ref=main", "floating"},
      {"{*}ref={v}{version}{*}", "x{y}?ref=v1.2.3", "unparsable"},
      {"node-{version}-eks{*}", "node-1.2.3-eks-abc", "1.2.3 [node-{version}-eks-abc]"},
      {"{component.talos}", "1.9.0", "1.9.0 [{component.talos}]"},
      {"{v}{component.talos}", "v1.9.0", "1.9.0 [v{component.talos}]"},
      {"", "", "missing"},
      {"", "latest", "floating"},
      {"", "main", "floating"},
      {"", "HEAD", "floating"},
      {"", "*", "floating"},
      {"", "^1.2", "floating"},
      {"", ">=1.0", "floating"},
      {"", ">=1.0.0 <2.0.0", "floating"},
      {"", "1.x", "floating"},
      {"", "~1.2", "floating"},
      {"", "1", "floating"},
      {"", "v1", "floating"},
      {"", "1.2.*", "floating"},
      {"", "1.0.0 - 2.0.0", "floating"},
      {"", "refs/heads/release-1.2", "floating"},
      {"", "${VERSION}", "templated"},
      {"", "${VERSION}+rke2r1", "templated"},
      {"", "{{ .Values.version }}", "templated"},
      {"", "$(VERSION)", "templated"},
      {"", "ENC[AES256_GCM,data:x,type:str]", "encrypted"},
      {"", "run-init-to-set", "unparsable"},
      {"", "1.2.3.4", "unparsable"},
      {"", "01.2.3", "unparsable"},
      {"", "1.2.3 ", "unparsable"},
  };
  for (const ValueRow& row : rows) {
    SCOPED_TRACE(fmt::format("'{}' by '{}'", row.value, row.format));
    auto format = RefFormat::Parse(row.format);
    ASSERT_TRUE(format) << format.error().message;
    TextPool texts;
    Ref ref;
    ref.path = "spec.version";
    ref.value = row.value;
    JudgeRefValue(*format, row.format, texts, ref);
    std::string found = ref.problem_code;
    if (found.empty()) found = fmt::format("{} [{}]", ref.version, ref.format);
    EXPECT_EQ(found, row.found) << ref.problem;
    EXPECT_EQ(ref.problem.empty(), ref.problem_code.empty());
    EXPECT_FALSE(ref.format.empty());
  }
}

TEST(RefFormat, RefusesWhatItCannotMean) {
  for (const char* text :
       {"v", "{*}{version}", "{version}{version}", "{v}", "{verion}", "{*}", "a{*}b{version}"}) {
    EXPECT_FALSE(RefFormat::Parse(text)) << text;
  }
}

struct FileRow {
  const char* file;
  const char* extra;  ///< of the ref
  const char* found;
};

// The cluster c in fleet/eu/c.yaml, and files around it.
TEST(RefsInOtherFiles, AreFoundOrNamed) {
  const FileRow rows[] = {
      {"versions.yaml", "", "nodes fleet/eu/versions.yaml:1:10 #0 version = '1.2.3' [{version}] 1.2.3"},
      {"./../eu/versions.yaml", "",
       "nodes fleet/eu/versions.yaml:1:10 #0 version = '1.2.3' [{version}] 1.2.3"},
      {"../../infra/{cluster}/k.yaml", "",
       "nodes infra/c/k.yaml:3:10 #1 version = 'v1.2.4' [v{version}] 1.2.4"},
      {"../../infra/{namespace}/k.yaml", "",
       "nodes infra/ns/k.yaml:1:10 #0 version = '1.2.5' [{version}] 1.2.5"},
      {"../../none.yaml", "", "nodes none.yaml:0:0 #0 version = '' [{v}{version}] !missing"},
      {"../../none.yaml", ", optional: true", ""},
      {"../../../out.yaml", "", "nodes fleet/eu/c.yaml:2:18 #0 version = '' [{v}{version}] !missing"},
      {"../../broken.yaml", "", "nodes broken.yaml:1:10 #0 version = '' [{v}{version}] !unreadable"},
      {"../../broken.yaml", ", optional: true",
       "nodes broken.yaml:1:10 #0 version = '' [{v}{version}] !unreadable"},
      {"../../lfs.yaml", "", "nodes lfs.yaml:0:0 #0 version = '' [{v}{version}] !unreadable"},
      {"../../link.yaml", "", "nodes link.yaml:0:0 #0 version = '' [{v}{version}] !unreadable"},
      {"many.yaml", ", select: {kind: B}",
       "nodes fleet/eu/many.yaml:5:10 #1 version = '2.0.0' [{version}] 2.0.0"},
      {"many.yaml", ", where: {kind: C}",
       "nodes fleet/eu/many.yaml:0:0 #0 version = '' [{v}{version}] !missing"},
      {"many.yaml", ", select: {kind: '{A,B}'}",
       "nodes fleet/eu/many.yaml:2:10 #0 version = '1.0.0' [{v}{version}] !unparsable"},
      {"many.yaml", ", repeated: true, select: {kind: '{A,B}'}",
       "nodes fleet/eu/many.yaml:2:10 #0 version = '1.0.0' [{version}] 1.0.0\n  "
       "nodes fleet/eu/many.yaml:5:10 #1 version = '2.0.0' [{version}] 2.0.0"},
      {"c.yaml", "", "nodes fleet/eu/c.yaml:2:18 #0 version = '' [{v}{version}] !missing"},
      {"*.yaml", ", select: {kind: B}, where: {owner: '{cluster}'}",
       "nodes fleet/eu/many.yaml:5:10 #1 version = '2.0.0' [{version}] 2.0.0"},
      {"../../infra/{cluster}/*", ", where: {version: v1.2.4}",
       "nodes infra/c/k.yaml:3:10 #1 version = 'v1.2.4' [v{version}] 1.2.4"},
  };
  for (const FileRow& row : rows) {
    SCOPED_TRACE(fmt::format("{}{}", row.file, row.extra));
    FakeTree tree;
    tree.Set("fleet/eu/c.yaml", OwnManifest("{name: c, namespace: ns}", "1.0.0"));
    tree.Set("fleet/eu/versions.yaml", "version: 1.2.3\n");
    tree.Set("fleet/eu/many.yaml", "kind: A\nversion: 1.0.0\n---\nkind: B\nversion: 2.0.0\nowner: c\n");
    tree.Set("infra/c/k.yaml", "other: 1\n---\nversion: v1.2.4\n---\nversion: v9.9.9\n");
    tree.Set("infra/ns/k.yaml", "version: 1.2.5\n");
    tree.Set("broken.yaml", "version: [\n");
    tree.Set("lfs.yaml", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n");
    tree.SetSymlink("link.yaml");
    Inventory inventory =
        ColdStart(fmt::format("- {{name: own, include: ['fleet/**'], select: {{kind: Own}}, cluster: "
                              "metadata.name, refs: [{{path: "
                              "spec.version}}, {{file: '{}', path: version, role: nodes{}}}]}}",
                              row.file, row.extra),
                  tree);
    ASSERT_EQ(inventory.clusters().size(), 1U);
    std::string found = Describe(inventory.clusters());
    size_t own = found.find("  release ");
    found.erase(0, found.find('\n', own) + 1);
    EXPECT_EQ(found, row.found[0] == '\0' ? "" : fmt::format("  {}\n", row.found));
    EXPECT_EQ(inventory.clusters()[0].release, "1.0.0");
  }
}

struct HostileRow {
  const char* name;
  std::string path;
  std::string text;
  std::string found;  ///< names of clusters and codes of diagnostics
};

TEST(InventoryHostile, BlocksOnlyItself) {
  std::string good = OwnManifest("{name: good}");
  std::string deep = "kind: Own\nmetadata: {name: deep}\nspec: " + std::string(5000, '[') + "\n";
  std::string bomb =
      "kind: Own\na: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a]\nmetadata: {name: bomb}\nspec: "
      "{version: *b}\n";
  std::string many;
  for (int i = 0; i < 2000; ++i) many += "---\nkind: Own\n";
  const HostileRow rows[] = {
      {"no YAML", "x.yaml", "kind: Own\n\tmetadata: [", "unreadable"},
      {"no YAML, but nothing of ours", "x.yaml", "\tother: [", ""},
      {"Latin-1", "x.yaml", "kind: Own # \xE4\nmetadata: {name: x}\n", "unreadable"},
      {"UTF-16", "x.yaml", std::string("\xFF\xFEk\0i\0", 6), "unreadable"},
      {"NUL", "x.yaml", std::string("kind: Own\0", 10), "unreadable"},
      {"LFS pointer", "x.yaml", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
       "unreadable"},
      {"too large", "x.yaml", "kind: Own\n#" + std::string(2 << 20, 'x'), "unreadable"},
      {"too deep", "x.yaml", deep, "unreadable"},
      {"too many documents", "x.yaml", many, "unreadable"},
      {"aliases", "x.yaml", bomb, "bomb alias"},
      {"empty", "x.yaml", "", ""},
      {"only a comment", "x.yaml", "# kind: Own\n", ""},
      {"no mapping", "x.yaml", "- kind: Own\n", ""},
      {"a Markdown file", "README.md", "kind: Own [", ""},
      {"a template", "x.yaml", "kind: Own\n{{ if x }}\nmetadata: {name: x}\n{{ end }}\n", "unreadable"},
      {"kind behind an alias", "x.yaml", "x: &k Own\nkind: *k\nmetadata: {name: x}\n", ""},
      {"a list for a name", "x.yaml", "kind: Own\nmetadata: {name: [x]}\nspec: {version: 1.2.3}\n",
       "missing-name"},
      {"a very long name", "x.yaml", OwnManifest("{name: " + std::string(300, 'n') + "}"), "bad-name"},
      {"a folded version", "x.yaml",
       "kind: Own\nmetadata: {name: x}\nspec:\n  version: >-\n    1.2.3\n    4\n", "x unparsable"},
      {"a name twice in one file", "x.yaml", OwnManifest("{name: x}") + "---\n" + OwnManifest("{name: x}"),
       "x x duplicate-cluster duplicate-cluster"},
  };
  for (const HostileRow& row : rows) {
    SCOPED_TRACE(row.name);
    FakeTree tree;
    tree.Set("good.yaml", good);
    tree.Set(row.path, row.text);
    Inventory inventory = ColdStart(kOwn, tree);
    std::string found;
    bool good_is_there = false;
    for (const Cluster& cluster : inventory.clusters()) {
      if (cluster.name == "good") {
        good_is_there = cluster.release == "1.2.3" && cluster.problems.empty();
        continue;
      }
      found += fmt::format("{}{}", found.empty() ? "" : " ", cluster.name);
    }
    for (const Diagnostic& diagnostic : inventory.diagnostics()) {
      found += fmt::format("{}{}", found.empty() ? "" : " ", diagnostic.code);
      EXPECT_EQ(diagnostic.file, row.path);
    }
    EXPECT_EQ(found, row.found) << Describe(inventory.diagnostics());
    EXPECT_TRUE(good_is_there);
  }
}

TEST(InventoryHostile, ASymlinkIsReportedAndNotRead) {
  FakeTree tree;
  tree.SetSymlink("a.yaml");
  Inventory inventory = ColdStart(kOwn, tree);
  EXPECT_EQ(tree.reads, 0U);
  EXPECT_TRUE(Describe(inventory.diagnostics()).starts_with("a.yaml:1:1: warning[unreadable]"))
      << Describe(inventory.diagnostics());
}

TEST(InventoryHostile, ABlobThatCannotBeHadIsReported) {
  FakeTree tree;
  tree.Set("a.yaml", OwnManifest("{name: a}"));
  tree.unreachable = {"a.yaml"};
  tree.unreachable_kind = ErrorKind::kInvalid;
  Inventory inventory = ColdStart(kOwn, tree);
  EXPECT_TRUE(Describe(inventory.diagnostics()).starts_with("a.yaml:1:1: error[unreadable]"))
      << Describe(inventory.diagnostics());
}

TEST(InventoryRules, TheFirstThatMatchesADocumentWins) {
  FakeTree tree;
  tree.Set("a/x.yaml",
           OwnManifest("{name: one}") + "---\n" + OwnManifest("{name: two, labels: {skip: yes}}"));
  tree.Set("b/x.yaml", OwnManifest("{name: three}"));
  Inventory inventory = ColdStart(R"(
- {name: first, include: ["a/**"], select: {kind: Own, where: {metadata.labels.skip: "yes"}}, cluster: metadata.name, labels: {by: first}, refs: [{path: spec.version}]}
- {name: second, exclude: ["b/**"], select: {kind: Own}, cluster: metadata.name, labels: {by: second}, refs: [{path: spec.version}]}
- {name: third, select: {kind: O*}, cluster: metadata.name, labels: {by: third}, refs: [{path: spec.version}]}
)",
                                  tree);
  std::string found;
  for (const Cluster& cluster : inventory.clusters()) {
    found += fmt::format("{}:{} ", cluster.name, FindLabel(cluster.labels, "by"));
  }
  EXPECT_EQ(found, "one:second three:third two:first ");
}

TEST(InventoryRules, ABrokenRuleIsReportedAndTheOthersWork) {
  FakeTree tree;
  tree.Set("a.yaml", OwnManifest("{name: a}"));
  InventoryRule broken;
  broken.name = "broken";
  broken.include = {"["};
  std::vector<InventoryRule> rules = Rules(kOwn);
  rules.insert(rules.begin(), broken);
  Inventory inventory(rules);
  ASSERT_TRUE(inventory.Update(tree.Everything(), tree.Reader()));
  EXPECT_EQ(inventory.clusters().size(), 1U);
  ASSERT_EQ(inventory.diagnostics().size(), 1U);
  EXPECT_EQ(inventory.diagnostics()[0].code, "inventory-rule");
}

TEST(InventoryRules, ARuleWithoutClustersWarns) {
  FakeTree tree;
  tree.Set("a.yaml", "kind: Other\n");
  Inventory inventory = ColdStart(kOwn, tree);
  ASSERT_EQ(inventory.diagnostics().size(), 1U);
  EXPECT_EQ(inventory.diagnostics()[0].code, "empty-rule");
  EXPECT_EQ(inventory.diagnostics()[0].severity, Severity::kWarning);
}

TEST(InventoryRules, ReleaseIsTheMainRefs) {
  FakeTree tree;
  tree.Set("a.yaml", "kind: Own\nmetadata: {name: a}\nn: v1.1.0\nc: v1.2.0\nt: v1.9.0\nr: latest\n");
  Inventory inventory = ColdStart(R"(
- name: own
  select: {kind: Own}
  cluster: metadata.name
  refs:
  - {path: t, format: "v{component.talos}"}
  - {path: n, role: nodes}
  - {path: c, role: controlPlane}
  - {path: r}
)",
                                  tree);
  EXPECT_EQ(inventory.clusters()[0].release, "1.2.0");
  EXPECT_EQ(inventory.clusters()[0].refs.size(), 4U);
}

}  // namespace
}  // namespace lockkeeper
