#include "reconciler/cycle/fleet_reader.h"

#include <gtest/gtest.h>

#include "tests/cycle/fleet_text.h"
#include "tests/gitops/repository_test_cases.h"
#include "tests/support/faulty_repository.h"
#include "tests/support/temp_repository.h"

namespace lockkeeper {
namespace {

constexpr const char* kFleet = R"(apiVersion: lockkeeper.dev/v1alpha1
kind: Fleet
metadata: {name: acme}
spec:
  manifests: [upgrades/, "ops/*.yaml"]
  releases: [releases/]
  inventory:
  - profile: capi-topology
    include: ["clusters/**", "upgrades/both.yaml", "status/**"]
)";

std::string Upgrade(const std::string& name, const std::string& target = "v1.20.0") {
  return fmt::format(
      "apiVersion: lockkeeper.dev/v1alpha1\nkind: ClusterUpgrade\nmetadata: {{name: {}}}\nspec:\n"
      "  matchers: [{{name: stage, value: dev}}]\n"
      "  releaseRef: {{apiVersion: lockkeeper.dev/v1alpha1, kind: Release, name: {}}}\n",
      name, target);
}
std::string Schedule(const std::string& name) {
  return fmt::format(
      "apiVersion: lockkeeper.dev/v1alpha1\nkind: MaintenanceSchedule\nmetadata: {{name: {}}}\nspec:\n  "
      "matchers: []\n"
      "  maintenanceWindows:\n  - {{name: w, startTime: 2026-01-05T09:00:00Z, duration: 4h, recurrence: "
      "FREQ=DAILY}}\n",
      name);
}
std::string ReleaseText(const std::string& name) {
  return fmt::format(
      "apiVersion: lockkeeper.dev/v1alpha1\nkind: Release\nmetadata: {{name: {}}}\nspec: {{state: active}}\n",
      name);
}
std::string ClusterText(const std::string& name) {
  return fmt::format(
      "apiVersion: cluster.x-k8s.io/v1beta1\nkind: Cluster\nmetadata: {{name: {}, labels: {{stage: dev}}}}\n"
      "spec: {{topology: {{class: c, version: v1.19.0}}}}\n",
      name);
}
std::string Object(const std::string& kind, const std::string& name, const std::string& spec) {
  return fmt::format("apiVersion: lockkeeper.dev/v1alpha1\nkind: {}\nmetadata: {{name: {}}}\nspec: {}\n",
                     kind, name, spec);
}
std::string Lock(const std::string& name) {
  return Object("ClusterLock", name,
                "{matchers: [{name: stage, value: dev}], reason: r, expiresAt: 2026-03-03T00:00:00Z}");
}
std::string Status(const std::string& name, const std::string& ns = "default") {
  UpgradeRecord record;
  record.upgrade = {.ns = ns, .name = name};
  record.target = "v1.20.0";
  record.FindOrAdd("c1").state = ClusterState::kPending;
  return FormatStatusFile(record);
}

std::string ReadAs(FleetReader& reader, const std::string& commit) {
  auto state = reader.Read(commit);
  if (!state) return "error: " + state.error().message;
  return Describe(**state);
}

struct StateCase {
  std::string name;
  std::vector<TestFile> files;     ///< beside lockkeeper.yaml, or instead of it
  std::vector<std::string> parts;  ///< lines, or beginnings of lines, of the description
  std::vector<std::string> absent;
};

void PrintTo(const StateCase& row, std::ostream* out) { *out << row.name; }

class FleetReaderState : public ::testing::TestWithParam<StateCase> {};

TEST_P(FleetReaderState, SaysWhatTheFilesSay) {
  TempRepository repository;
  std::vector<TestFile> files{{.path = "lockkeeper.yaml", .content = kFleet}};
  for (const TestFile& file : GetParam().files) {
    if (file.path == "lockkeeper.yaml") files.clear();
    files.push_back(file);
  }
  std::erase_if(files, [](const TestFile& file) { return file.remove; });
  auto opened = Opened(repository.path());
  FleetReader reader(*opened);
  const std::string text = "\n" + ReadAs(reader, repository.Commit(files));
  for (const std::string& part : GetParam().parts)
    EXPECT_NE(text.find("\n" + part), std::string::npos) << part << text;
  for (const std::string& part : GetParam().absent)
    EXPECT_EQ(text.find("\n" + part), std::string::npos) << part << text;
}

INSTANTIATE_TEST_SUITE_P(
    Reader, FleetReaderState,
    ::testing::Values(
        StateCase{"everything_in_its_place",
                  {{.path = "upgrades/a.yaml", .content = Upgrade("b") + "---\n" + Upgrade("a")},
                   {.path = "upgrades/deep/s.yml", .content = Schedule("s")},
                   {.path = "ops/t.yaml", .content = Schedule("t")},
                   {.path = "releases/v1/release.yaml", .content = ReleaseText("v1.20.0")},
                   {.path = "releases/kustomization.yaml", .content = "resources: [v1/]\n"},
                   {.path = "clusters/c1.yaml", .content = ClusterText("c1")},
                   {.path = "status/default/a.yaml", .content = Status("a")}},
                  {"fleet default/acme at lockkeeper.yaml#0:1:1", "c1 ns= release=1.19.0 at clusters/c1.yaml",
                   "upgrade default/a at upgrades/a.yaml#1:", "upgrade default/b at upgrades/a.yaml#0:",
                   "schedule default/s at upgrades/deep/s.yml", "schedule default/t at ops/t.yaml",
                   "release v1.20.0 at releases/v1/release.yaml", "status default/a\n"},
                  {"incomplete", "broken", "unreadable", "no settings"}},
        StateCase{
            "people_and_plans",
            {{.path = "upgrades/1.yaml",
              .content = Lock("b") + "---\n" +
                         Object("UpgradePlan", "p", "{stages: [{name: s, matchers: []}]}") + "---\n" +
                         Object("UpgradeApproval", "v",
                                "{upgrade: a, toRelease: v1.20.0, by: alice, at: 2026-03-01T00:00:00Z}")},
             {.path = "upgrades/2.yaml",
              .content = Lock("a") + "---\n" +
                         Object("UpgradePlan", "o", "{stages: [{name: s, matchers: []}]}") + "---\n" +
                         Object("UpgradePolicy", "q", "{matchers: [{key: a, value: b}]}") + "---\n" +
                         Object("MaintenanceTask", "t", "{startTime: 2026-03-01T00:00:00Z}")}},
            {"plan default/o at upgrades/2.yaml#1:6:1 sha256:",
             "plan default/p at upgrades/1.yaml#1:6:1 sha256:", "policy default/q at upgrades/2.yaml#2:",
             "lock default/a at upgrades/2.yaml#0:1:1 until 2026-03-03T00:00:00Z for r\nlock default/b at "
             "upgrades/1.yaml#0:1:1",
             "approval default/v at upgrades/1.yaml#2:11:1 of default/a by alice author \n",
             "task default/t at upgrades/2.yaml#3:"},
            {"broken", "unreadable"}},
        StateCase{
            "a_broken_lock_keeps_its_matchers",
            {{.path = "upgrades/a.yaml",
              .content = Object("ClusterLock", "a", "{matchers: [{name: stage, value: dev}], reason: r}")}},
            {"broken ClusterLock default/a at upgrades/a.yaml#0:1:1 matchers 1: spec: needs expiresAt or "
             "ttl"},
            {"lock ", "unreadable"}},
        StateCase{"two_locks_of_one_name",
                  {{.path = "upgrades/a.yaml", .content = Lock("a")},
                   {.path = "upgrades/b.yaml", .content = Lock("a")}},
                  {"broken ClusterLock default/a at upgrades/a.yaml#0:1:1 matchers 1: ",
                   "broken ClusterLock default/a at upgrades/b.yaml#0:1:1 matchers 1: ",
                   "upgrades/a.yaml:1:1: error[duplicate-object]: "},
                  {"lock "}},
        StateCase{
            "two_plans_of_one_name",
            {{.path = "upgrades/a.yaml",
              .content = Object("UpgradePlan", "p", "{stages: [{name: s, matchers: []}]}")},
             {.path = "upgrades/b.yaml", .content = Object("UpgradePlan", "p", "{stages: []}")}},
            {"broken UpgradePlan default/p at upgrades/a.yaml#0:1:1 matchers 0: UpgradePlan default/p stands",
             "broken UpgradePlan default/p at upgrades/b.yaml#0:1:1 matchers 0: spec.stages: "},
            {"plan"}},
        StateCase{
            "a_lock_among_the_releases",
            {{.path = "releases/a.yaml", .content = Lock("a")}},
            {"releases/a.yaml:1:1: warning[misplaced-object]: only Releases are read from this folder; move "
             "this ClusterLock to"},
            {"lock ", "broken"}},
        StateCase{
            "a_kind_of_a_later_version",
            {{.path = "upgrades/a.yaml", .content = Object("NodeMaintenance", "n", "{matchers: []}")}},
            {"broken NodeMaintenance default/n at upgrades/a.yaml#0:1:1 matchers 0: kind: NodeMaintenance is "
             "not available in this version"},
            {"unreadable"}},
        StateCase{"no_fleet",
                  {{.path = "lockkeeper.yaml", .content = "", .remove = true},
                   {.path = "upgrades/a.yaml", .content = "kind: ["},
                   {.path = "clusters/c1.yaml", .content = ClusterText("c1")},
                   {.path = "status/default/a.yaml", .content = Status("a")}},
                  {"no settings\n", "incomplete",
                   "lockkeeper.yaml:0:0: error[no-fleet]: ", "upgrades/a.yaml:1:", "unreadable upgrades"},
                  {"c1", "status"}},
        StateCase{
            "a_file_without_a_fleet",
            {{.path = "lockkeeper.yaml", .content = Upgrade("a")}},
            {"no settings\n", "lockkeeper.yaml:0:0: error[no-fleet]: it holds no object of kind Fleet; ",
             "upgrade default/a at lockkeeper.yaml"},
            {}},
        StateCase{"a_broken_fleet",
                  {{.path = "lockkeeper.yaml", .content = std::string(kFleet) + "  unscheduled: Perhaps\n"}},
                  {"no settings\n", "incomplete", "broken Fleet default/acme at lockkeeper.yaml",
                   "lockkeeper.yaml:10:16: error[bad-value]: "},
                  {"lockkeeper.yaml:0:0: error[no-fleet]"}},
        StateCase{"an_unknown_profile_breaks_the_fleet",
                  {{.path = "lockkeeper.yaml",
                    .content = "apiVersion: lockkeeper.dev/v1alpha1\nkind: Fleet\nmetadata: {name: "
                               "a}\nspec:\n  inventory:\n"
                               "  - profile: capi-topolgy\n"}},
                  {"no settings\n", "incomplete", "lockkeeper.yaml:6:14: error[unknown-profile]: "},
                  {}},
        StateCase{"a_fleet_that_is_no_yaml",
                  {{.path = "lockkeeper.yaml", .content = "spec: ["}},
                  {"no settings\n", "unreadable lockkeeper.yaml", "lockkeeper.yaml:1:"},
                  {"unreadable guard", "lockkeeper.yaml:0:0: error[no-fleet]"}},
        StateCase{
            "a_fleet_behind_a_link",
            {{.path = "lockkeeper.yaml", .content = "other.yaml", .mode = "120000"}},
            {"no settings\n", "unreadable guard lockkeeper.yaml", "lockkeeper.yaml:0:0: error[unreadable]: "},
            {}},
        StateCase{"two_fleets",
                  {{.path = "lockkeeper.yaml",
                    .content = std::string(kFleet) + "---\napiVersion: lockkeeper.dev/v1alpha1\nkind: "
                                                     "Fleet\nmetadata: {name: second}\nspec: {}\n"}},
                  {"no settings\n", "lockkeeper.yaml:11:1: error[several-fleets]: "},
                  {}},
        StateCase{
            "a_fleet_elsewhere",
            {{.path = "upgrades/fleet.yaml", .content = kFleet}},
            {"fleet default/acme at lockkeeper.yaml", "upgrades/fleet.yaml:1:1: error[misplaced-fleet]: "},
            {"no settings"}},
        StateCase{
            "an_upgrade_in_a_release_folder",
            {{.path = "releases/a.yaml", .content = Upgrade("a") + "---\n" + ReleaseText("v1.20.0")}},
            {"release v1.20.0 at releases/a.yaml#1", "releases/a.yaml:1:1: warning[misplaced-object]: "},
            {"upgrade"}},
        StateCase{
            "a_cluster_among_the_manifests",
            {{.path = "upgrades/both.yaml", .content = Upgrade("a") + "---\n" + ClusterText("c1")}},
            {"upgrade default/a at upgrades/both.yaml#0", "c1 ns= release=1.19.0 at upgrades/both.yaml"},
            {}},
        StateCase{
            "status_files_are_no_manifests",
            {{.path = "lockkeeper.yaml",
              .content = "apiVersion: lockkeeper.dev/v1alpha1\nkind: Fleet\nmetadata: {name: a}\nspec:\n"
                         "  manifests: [\"**\"]\n  inventory:\n  - profile: capi-topology\n"},
             {.path = "a.yaml", .content = Upgrade("a")},
             {.path = "status/default/a.yaml", .content = Status("a")},
             {.path = "status/default/x.txt", .content = "x"},
             {.path = "status/clusters/c1.yaml", .content = ClusterText("c1")}},
            {"status default/a\n", "upgrade default/a at a.yaml"},
            {"c1 ns=", "broken"}},
        StateCase{
            "a_broken_neighbour",
            {{.path = "upgrades/a.yaml", .content = Upgrade("a") + "---\n" + Upgrade("b") + "  no: 1\n"}},
            {"upgrade default/a at", "broken ClusterUpgrade default/b at upgrades/a.yaml#1"},
            {"upgrade default/b", "unreadable"}},
        StateCase{"unreadable_without_a_guard",
                  {{.path = "upgrades/a.yaml", .content = "kind: ClusterUpgrade\nspec: ["}},
                  {"unreadable upgrades/a.yaml"},
                  {"unreadable guard", "broken"}},
        StateCase{"unreadable_with_a_schedule",
                  {{.path = "upgrades/a.yaml", .content = "kind: MaintenanceSchedule\nspec: ["}},
                  {"unreadable upgrades/a.yaml", "unreadable guard upgrades/a.yaml"},
                  {"broken"}},
        StateCase{"unreadable_with_a_lock",
                  {{.path = "upgrades/a.yaml", .content = "kind: ClusterLock\nspec: ["}},
                  {"unreadable guard upgrades/a.yaml"},
                  {}},
        StateCase{
            "a_kind_that_nobody_knows_may_have_been_a_guard",
            {{.path = "upgrades/a.yaml",
              .content =
                  "apiVersion: lockkeeper.dev/v1alpha1\nkind: MaintenanceSchedul\nmetadata: {name: a}\n"},
             {.path = "upgrades/b.yaml",
              .content = "apiVersion: lockkeeper.dev/v1alpha1\nmetadata: {name: b}\n"},
             {.path = "upgrades/c.yaml",
              .content = "apiVersion: lockkeeper.dev/v1alpha1\nkind: UpgradePlan\nmetadata: {name: c}\n"}},
            {"unreadable guard upgrades/a.yaml\nunreadable guard upgrades/b.yaml",
             "broken MaintenanceSchedul default/a at upgrades/a.yaml", "broken  default/b at upgrades/b.yaml",
             "broken UpgradePlan default/c"},
            {"unreadable guard upgrades/c.yaml"}},
        StateCase{"an_encrypted_file_may_hold_anything",
                  {{.path = "upgrades/a.yaml", .content = std::string("\0GITCRYPT\0x", 11)}},
                  {"unreadable guard upgrades/a.yaml"},
                  {}},
        StateCase{"a_pointer_of_lfs_may_hold_anything",
                  {{.path = "upgrades/a.yaml",
                    .content = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"}},
                  {"unreadable guard upgrades/a.yaml", "upgrades/a.yaml:0:0: error[unreadable]: "},
                  {}},
        StateCase{"links_among_the_manifests",
                  {{.path = "upgrades/a.yaml", .content = "../x.yaml", .mode = "120000"},
                   {.path = "upgrades/folder", .content = "../x", .mode = "120000"},
                   {.path = "upgrades/README.md", .content = "../README.md", .mode = "120000"},
                   {.path = "upgrades/module", .content = std::string(40, '1'), .mode = "160000"}},
                  {"unreadable guard upgrades/a.yaml", "unreadable guard upgrades/folder",
                   "unreadable guard upgrades/module", "upgrades/a.yaml:0:0: error[unreadable]: "},
                  {"unreadable upgrades/README.md"}},
        StateCase{"too_large_to_be_had",
                  {{.path = "upgrades/a.yaml", .content = std::string(size_t{17} << 20, 'x')},
                   {.path = "clusters/c1.yaml", .content = std::string(size_t{17} << 20, 'y')},
                   {.path = "status/default/a.yaml", .content = std::string(size_t{17} << 20, 'z')}},
                  {"unreadable guard upgrades/a.yaml", "incomplete", "broken status default/a: "},
                  {}},
        StateCase{"an_unreadable_release_holds_nothing_else",
                  {{.path = "releases/a.yaml", .content = "kind: ["}},
                  {"releases/a.yaml:1:"},
                  {"unreadable", "broken"}},
        StateCase{"an_unreadable_cluster",
                  {{.path = "clusters/a.yaml", .content = ClusterText("c1") + "more: [\n"}},
                  {"incomplete", "clusters/a.yaml:5:7: error[unreadable]: "},
                  {"unreadable"}},
        StateCase{"a_broken_status",
                  {{.path = "status/default/a.yaml", .content = "kind: ClusterUpgrade\n"},
                   {.path = "status/default/b.yaml", .content = Status("b")}},
                  {"broken status default/a: status/default/a.yaml:1:1: ", "status default/b\n",
                   "status/default/a.yaml:1:1: error[broken-status]: "},
                  {"status default/a\n"}},
        StateCase{"a_moved_status_breaks_both",
                  {{.path = "status/default/a.yaml", .content = Status("b")}},
                  {"broken status default/a: ", "broken status default/b: "},
                  {"status default/b\n"}},
        StateCase{"a_copied_status_breaks_the_copy",
                  {{.path = "status/default/a.yaml", .content = Status("b")},
                   {.path = "status/default/b.yaml", .content = Status("b")},
                   {.path = "status/default/%62.yaml", .content = Status("b")}},
                  {"broken status default/a: ", "broken status default/b: ", "status default/b\n"},
                  {}},
        StateCase{
            "a_broken_status_of_a_very_long_name",
            {{.path = "status/" + StatusFilePath({"default", std::string(253, 'x')}), .content = "kind: ["},
             {.path = "upgrades/x.yaml", .content = Upgrade(std::string(253, 'x'))}},
            {"broken status default/" + std::string(253, 'x') + ": status/default/xxx"},
            {}},
        StateCase{
            "a_namespace_named_like_the_histories",
            {{.path = "status/" + StatusFilePath({"clusters", "a"}), .content = Status("a", "clusters")},
             {.path = "status/clusters/a.yaml", .content = "kind: ClusterHistory\n"}},
            {"status clusters/a\n"},
            {"broken"}},
        StateCase{"a_linked_status",
                  {{.path = "status/default/a.yaml", .content = "b.yaml", .mode = "120000"}},
                  {"broken status default/a: status/default/a.yaml: "},
                  {}}),
    [](const auto& row) { return row.param.name; });

TEST(FleetReaderNames, ThatStandTwiceBelongToNeither) {
  TempRepository repository;
  auto opened = Opened(repository.path());
  FleetReader reader(*opened);
  repository.Commit({{.path = "lockkeeper.yaml", .content = kFleet},
                     {.path = "upgrades/a.yaml", .content = Upgrade("a")},
                     {.path = "upgrades/s.yaml", .content = Schedule("a")}});
  auto text = [&] {
    auto state = reader.Read(repository.Head());
    std::string all = DescribeObjects((*state)->fleet);
    for (const Diagnostic& finding : (*state)->fleet.diagnostics) {
      if (finding.code == "duplicate-object") all += FormatDiagnostic(finding) + "\n";
    }
    return all;
  };
  const std::string alone = text();
  EXPECT_TRUE(alone.starts_with("upgrade default/a at upgrades/a.yaml")) << alone;

  repository.Commit({{.path = "upgrades/b.yaml", .content = "---\n# Copied.\n" + Upgrade("a", "v2.0.0")}});
  std::string both = text();
  EXPECT_FALSE(both.starts_with("upgrade")) << both;
  EXPECT_NE(both.find("schedule default/a"), std::string::npos) << "other kinds are other names: " << both;
  EXPECT_NE(both.find("broken ClusterUpgrade default/a at upgrades/a.yaml#0:1:1 matchers 1: ClusterUpgrade "
                      "default/a stands "
                      "here and at upgrades/b.yaml:3:1; "),
            std::string::npos)
      << both;
  EXPECT_NE(
      both.find("upgrades/b.yaml:3:1: error[duplicate-object]: ClusterUpgrade default/a stands here and at "
                "upgrades/a.yaml:1:1; "),
      std::string::npos)
      << both;

  repository.Commit({{.path = "upgrades/b.yaml", .content = Upgrade("a") + "  wrong: 1\n"}});
  std::string broken = text();
  EXPECT_FALSE(broken.starts_with("upgrade")) << "a broken one holds its name as well: " << broken;
  EXPECT_NE(broken.find("upgrades/a.yaml:1:1: error[duplicate-object]"), std::string::npos) << broken;

  repository.Commit({{.path = "upgrades/b.yaml", .content = Upgrade("b")}});
  EXPECT_NE(text().find("upgrade default/b at upgrades/b.yaml"), std::string::npos);
  repository.Commit({{.path = "upgrades/b.yaml", .content = "", .remove = true}});
  EXPECT_EQ(text(), alone);

  repository.Commit({{.path = "upgrades/a.yaml", .content = Upgrade("a") + "---\n" + Upgrade("a")}});
  std::string in_one_file = text();
  EXPECT_FALSE(in_one_file.starts_with("upgrade")) << in_one_file;
  EXPECT_NE(in_one_file.find("upgrades/a.yaml:8:1: error[duplicate-object]"), std::string::npos)
      << in_one_file;

  repository.Commit({{.path = "upgrades/a.yaml", .content = Upgrade("a")},
                     {.path = "releases/1.yaml", .content = ReleaseText("v1.20.0")},
                     {.path = "releases/2.yaml", .content = ReleaseText("v1.20.0")}});
  std::string releases = text();
  EXPECT_NE(releases.find("release v1.20.0 at releases/1.yaml"), std::string::npos)
      << "the catalog judges: " << releases;
  EXPECT_NE(releases.find("release v1.20.0 at releases/2.yaml"), std::string::npos) << releases;
}

TEST(FleetReader, ReadsOnlyWhatChanged) {
  TempRepository repository;
  std::vector<TestFile> files{{.path = "lockkeeper.yaml", .content = kFleet}};
  for (int i = 0; i < 50; ++i) {
    files.push_back({.path = fmt::format("upgrades/{}.yaml", i), .content = Upgrade(fmt::format("u{}", i))});
    files.push_back(
        {.path = fmt::format("clusters/{}.yaml", i), .content = ClusterText(fmt::format("c{}", i))});
    files.push_back(
        {.path = fmt::format("status/default/u{}.yaml", i), .content = Status(fmt::format("u{}", i))});
  }
  std::string first = repository.Commit(files);
  FaultyRepository counted(Opened(repository.path()));
  FleetReader reader(counted);
  ASSERT_OK(reader.Read(first));
  auto blobs_of = [&](const std::vector<TestFile>& change) {
    std::string commit = repository.Commit(change);
    auto before = std::ranges::count(counted.journal(), "ReadBlob");
    auto state = reader.Read(commit);
    EXPECT_TRUE(state.has_value());
    EXPECT_EQ((*state)->fleet.clusters.size(), 50U);
    return std::ranges::count(counted.journal(), "ReadBlob") - before;
  };
  EXPECT_EQ(blobs_of({{.path = "upgrades/7.yaml", .content = Upgrade("u7", "v9.9.9")}}), 1);
  EXPECT_EQ(blobs_of({{.path = "clusters/7.yaml", .content = ClusterText("c7") + "# 2\n"}}), 1);
  EXPECT_EQ(blobs_of({{.path = "status/default/u7.yaml", .content = Status("u7") + "# 2\n"}}), 1);
  // Settings that find nothing else: once for them, and once for what else the file may hold.
  EXPECT_EQ(
      blobs_of({{.path = "lockkeeper.yaml", .content = std::string("# Moved a line down.\n") + kFleet}}), 2);
  EXPECT_EQ(blobs_of({{.path = "lockkeeper.yaml",
                       .content = std::string(kFleet) + "  limits: {bumpsPerHour: 7}\n"}}),
            2);
  EXPECT_EQ(blobs_of({{.path = "README.md", .content = "Read me.\n"}}), 0);
}

TEST(FleetReader, FollowsTheSettings) {
  TempRepository repository;
  auto opened = Opened(repository.path());
  FleetReader reader(*opened);
  repository.Commit({{.path = "lockkeeper.yaml", .content = kFleet},
                     {.path = "upgrades/a.yaml", .content = Upgrade("a")},
                     {.path = "other/b.yaml", .content = Upgrade("b")},
                     {.path = "state/default/a.yaml", .content = Status("a")},
                     {.path = "state/default/c.yaml", .content = Upgrade("c")},
                     {.path = "clusters/c1.yaml", .content = ClusterText("c1")}});
  ASSERT_OK(reader.Read(repository.Head()));
  auto changed = [&](const std::string& from, const std::string& to) {
    std::string text = kFleet;
    text.replace(text.find(from), from.size(), to);
    repository.Commit({{.path = "lockkeeper.yaml", .content = text}});
    std::string found = ReadAs(reader, repository.Head());
    FleetReader fresh(*opened);
    EXPECT_EQ(found, ReadAs(fresh, repository.Head()));
    return "\n" + found;
  };
  EXPECT_NE(changed("upgrades/, ", "other/, ").find("\nupgrade default/b"), std::string::npos);
  std::string moved = changed("  releases: [releases/]", "  status: {path: state}\n  manifests: [state/]");
  EXPECT_EQ(moved.find("\nupgrade default/c"), std::string::npos) << moved;
  std::string status = changed("  releases: [releases/]", "  status: {path: state}");
  EXPECT_NE(status.find("\nstatus default/a"), std::string::npos) << status;
  EXPECT_NE(status.find("\nbroken status default/c"), std::string::npos) << status;
  EXPECT_EQ(changed("clusters/**", "nothing/**").find("\nc1 ns="), std::string::npos);
  std::string broken = changed("kind: Fleet", "kind: Flat");
  EXPECT_NE(broken.find("\nno settings"), std::string::npos) << broken;
  std::string again = changed("acme", "acme");
  EXPECT_NE(again.find("\nc1 ns="), std::string::npos) << again;
}

TEST(FleetReader, ReadsFilesOfTheCommit) {
  TempRepository repository;
  auto opened = Opened(repository.path());
  FleetReader reader(*opened);
  EXPECT_ERROR(reader.ReadFile("clusters/c1.yaml"), ErrorKind::kNotFound, "no commit has been read");
  repository.Commit(
      {{.path = "clusters/c1.yaml", .content = "one"}, {.path = "link", .content = "x", .mode = "120000"}});
  ASSERT_OK(reader.Read(repository.Head()));
  repository.Commit({{.path = "clusters/c1.yaml", .content = "two"}});
  auto text = reader.ReadFile("clusters/c1.yaml");
  ASSERT_OK(text);
  EXPECT_EQ(*text, "one") << "of the commit that was read";
  EXPECT_ERROR(reader.ReadFile("clusters/c2.yaml"), ErrorKind::kNotFound, "clusters/c2.yaml");
  EXPECT_ERROR(reader.ReadFile("link"), ErrorKind::kInvalid, "symbolic link");
}

TEST(FleetReader, FollowsTheCalendarsThatSchedulesName) {
  TempRepository repository;
  repository.Commit({{.path = "lockkeeper.yaml", .content = kFleet}});
  auto opened = Opened(repository.path());
  FleetReader reader(*opened);
  auto calendars = [&](const std::vector<TestFile>& changes) {
    std::string text = ReadAs(reader, repository.Commit(changes));
    const size_t begin = text.find("\ncalendar ");
    return begin == std::string::npos ? "" : text.substr(begin + 1, text.find('\n', begin + 1) - begin - 1);
  };
  auto calendar = [](const std::string& events) { return "BEGIN:VCALENDAR\n" + events + "END:VCALENDAR\n"; };
  const std::string event = "BEGIN:VEVENT\nDTSTART:20260101\nEND:VEVENT\n";
  const std::string naming = Schedule("s") + "  calendars: [{path: any/where.ics, effect: Deny}]\n";
  EXPECT_EQ(calendars({{.path = "any/where.ics", .content = calendar(event)}}), "") << "nobody names it";
  EXPECT_EQ(calendars({{.path = "upgrades/s.yaml", .content = naming}}), "calendar any/where.ics 1 events: ");
  EXPECT_EQ(calendars({{.path = "any/where.ics", .content = calendar(event + event)}}),
            "calendar any/where.ics 2 events: ");
  EXPECT_EQ(
      calendars({{.path = "any/where.ics", .content = "else", .mode = "120000"}}),
      "calendar any/where.ics 0 events: it is no file: a symbolic link or a submodule is never followed");
  EXPECT_EQ(calendars({{.path = "any/where.ics", .content = "", .remove = true}}),
            "calendar any/where.ics 0 events: there is no such file in the repository");
  EXPECT_EQ(calendars({{.path = "any/where.ics", .content = calendar("")}}),
            "calendar any/where.ics 0 events: ");
  EXPECT_EQ(calendars({{.path = "upgrades/s.yaml", .content = Schedule("s")}}), "");
}

TEST(FleetReader, StartsAgainWhereTheCommitBeforeIsGone) {
  TempRepository repository;
  std::string first = repository.Commit({{.path = "lockkeeper.yaml", .content = kFleet}});
  std::string second = repository.Commit({{.path = "clusters/c1.yaml", .content = ClusterText("c1")}});
  FaultyRepository faulty(Opened(repository.path()));
  FleetReader reader(faulty);
  ASSERT_OK(reader.Read(first));
  faulty.FailAt({.call = faulty.calls() + 1, .kind = ErrorKind::kNotFound});
  auto state = reader.Read(second);
  ASSERT_OK(state);
  EXPECT_EQ((*state)->fleet.clusters.size(), 1U);
  EXPECT_ERROR(reader.Read(std::string(40, '1')), ErrorKind::kNotFound, "1111");
  ASSERT_OK(reader.Read(first));
}

}  // namespace
}  // namespace lockkeeper
