#include "tests/cycle/random_repository.h"

#include <fmt/format.h>

#include <array>

namespace lockkeeper {
namespace {

constexpr std::array kVersions{"1.30.1", "1.30.4", "1.31.0", "1.31.3", "1.32.0", "1.32.2", "1.33.0"};
constexpr std::array kStages{"dev", "staging", "prod"};
constexpr std::array kZones{"Europe/Stockholm", "America/New_York", "UTC"};

std::string Manifest(std::string_view kind, std::string_view name, std::string_view spec) {
  return fmt::format("---\napiVersion: lockkeeper.dev/v1alpha1\nkind: {}\nmetadata: {{name: {}}}\nspec:\n{}",
                     kind, name, spec);
}

}  // namespace

std::string RandomRepository::Version() { return kVersions[static_cast<size_t>(Pick(5))]; }

std::string RandomRepository::FleetText() {
  std::string spec =
      "  inventory:\n"
      "  - {profile: giantswarm-label, include: [\"vintage/**\"]}\n"
      "  - {profile: capi-topology, include: [\"clusters/**\"]}\n"
      "  - name: pairs\n"
      "    include: [\"pairs/**\"]\n"
      "    cluster: metadata.name\n"
      "    refs:\n"
      "    - {path: spec.plane.version, format: \"v{version}\", role: controlPlane}\n"
      "    - {path: spec.nodes.version, format: \"v{version}\", role: nodes}\n"
      "  - name: members\n"
      "    include: [\"members/**\"]\n"
      "    cluster: metadata.name\n"
      "    refs:\n"
      "    - {file: \"../shared/{namespace}.yaml\", path: version, format: \"{version}\"}\n"
      "  releases: [releases/]\n";
  spec += fmt::format("  unscheduled: {}\n", Pick(2) == 0 ? "Open" : "RequireStartTime");
  spec +=
      fmt::format("  delivery: {{groupBy: {}}}\n", std::array{"cluster", "stage", "upgrade"}[random_() % 3]);
  spec += fmt::format("  limits: {{maxConcurrency: {}, bumpsPerHour: {}}}\n", Pick(2) == 0 ? 0 : 2 + Pick(3),
                      Pick(3) == 0 ? 2 + Pick(2) : 0);
  if (Pick(3) == 0) spec += "  checks: {after: [{type: Nodes}]}\n";
  return Manifest("Fleet", "random", spec).substr(4);
}

std::string RandomRepository::ReleasesText() {
  std::string text;
  for (const char* version : kVersions) {
    std::string spec = fmt::format("  state: {}\n", Pick(8) == 0 ? "deprecated" : "active");
    if (Pick(4) == 0) spec += "  disruption: None\n";
    text += Manifest("Release", fmt::format("v{}", version), spec);
  }
  return text;
}

std::string RandomRepository::SchedulesText() {
  auto zone = [&] { return kZones[static_cast<size_t>(Pick(3))]; };
  std::string work = fmt::format("  timeZone: {}\n", zone());
  work +=
      "  matchers: [{key: stage, value: dev|staging, isRegex: true}]\n"
      "  maintenanceWindows:\n"
      "  - {name: work, startTime: 2026-01-05T08:00:00, duration: 8h, recurrence: "
      "\"FREQ=WEEKLY;BYDAY=MO,WE\"}\n"
      "  maintenanceExclusions:\n"
      "  - {name: month-start, startTime: 2026-01-01T00:00:00, duration: 4d, recurrence: FREQ=MONTHLY, "
      "scope: [minor]}\n";
  if (Pick(2) == 0) work += "  runway: 1h\n";
  std::string night = fmt::format("  timeZone: {}\n", zone());
  night += Pick(2) == 0 ? "  default: true\n" : "  matchers: [{key: stage, value: prod}]\n";
  night +=
      "  maintenanceWindows:\n"
      "  - {name: night, startTime: 2026-01-04T01:00:00, duration: 5h, recurrence: "
      "\"FREQ=WEEKLY;BYDAY=SU,TH\"}\n";
  if (Pick(2) == 0) night += "  spread: 2h\n";
  // Closed for whatever has come to 1.32: a bump shuts the door behind itself.
  std::string newest =
      "  matchers: [{key: release, value: \"1[.]32[.].*\", isRegex: true}]\n"
      "  maintenanceWindows:\n"
      "  - {name: tuesday, startTime: 2026-01-06T10:00:00, duration: 3h, recurrence: "
      "\"FREQ=WEEKLY;INTERVAL=2\"}\n";
  std::string text = Manifest("MaintenanceSchedule", "a-work", work);
  text += Manifest("MaintenanceSchedule", "b-night", night);
  if (Pick(2) == 0) text += Manifest("MaintenanceSchedule", "c-newest", newest);
  return text;
}

std::string RandomRepository::UpgradeText(int number) {
  constexpr std::array kMatchers{
      "{key: cluster, value: \".*\", isRegex: true}", "{key: stage, value: prod}",
      "{key: stage, value: dev|staging, isRegex: true}",
      "{key: release, value: \"1[.]3[01][.].*\", isRegex: true}",
      "{key: release.giantswarm.io/version, value: \"1[.]31[.].*\", isRegex: true}"};
  upgrades_.push_back(fmt::format("u{}", number));
  std::string spec = fmt::format("  matchers: [{}]\n", kMatchers[static_cast<size_t>(Pick(5))]);
  spec += fmt::format("  releaseRef: {{name: v{}}}\n", kVersions[2 + static_cast<size_t>(Pick(5))]);
  spec += fmt::format("  priority: {}\n", Pick(3));
  if (Pick(2) == 0) spec += fmt::format("  startTime: 2026-03-{:02}T07:00:00Z\n", 1 + Pick(28));
  if (Pick(4) == 0) spec += fmt::format("  startDeadline: 2026-04-{:02}T00:00:00Z\n", 1 + Pick(28));
  if (Pick(2) == 0) spec += fmt::format("  finishTimeout: {}h\n", 1 + Pick(4));
  if (Pick(3) == 0) spec += "  runway: 30m\n";
  if (Pick(5) == 0) spec += "  allowDowngrade: true\n";
  if (Pick(8) == 0) spec += "  suspend: true\n";
  if (Pick(6) == 0) spec += "  maintenanceScheduleRef: {name: a-work}\n";
  if (Pick(6) == 0) spec += "  scope: ControlPlane\n";
  if (Pick(6) == 0)
    spec += "  override: {windows: true, reason: urgent, by: alice, until: 2026-03-20T12:00:00Z}\n";
  if (Pick(2) == 0) spec += "  upgradePlanRef: {name: in-stages}\n";
  if (Pick(6) == 0) spec += "  approval: {required: true, expiresAfter: 30d}\n";
  if (Pick(4) == 0) spec += fmt::format("  noticePeriod: {}d\n  reminders: [2d, 6h]\n", 1 + Pick(12));
  const bool before = Pick(3) == 0, after = Pick(2) == 0;
  if (before || after) {
    spec += fmt::format("  checks: {{{}{}{}}}\n", before ? "before: [{type: Nodes}]" : "",
                        before && after ? ", " : "", after ? "after: [{type: Nodes}]" : "");
  }
  return Manifest("ClusterUpgrade", upgrades_.back(), spec);
}

/// A plan, locks, and a yes for some of the upgrades.
std::string RandomRepository::RolloutText() {
  std::string stages = "  stages:\n";
  for (const char* stage : kStages) {
    stages += fmt::format("  - name: {}\n    matchers: [{{key: stage, value: {}}}]\n", stage, stage);
    if (Pick(6) == 0) stages += "    dependsOn: []\n";
    if (Pick(2) == 0) stages += fmt::format("    maxConcurrency: {}\n", Pick(2) == 0 ? "1" : "50%");
    if (Pick(2) == 0) stages += fmt::format("    maxFailures: {}\n", Pick(2) == 0 ? "1" : "60%");
    if (Pick(2) == 0) stages += fmt::format("    soakTime: {}h\n", 1 + Pick(60));
    if (Pick(6) == 0) stages += "    approval: {required: true}\n";
  }
  if (Pick(3) == 0) stages += "  maxSkip: {minor: 1}\n";
  if (Pick(3) == 0) stages += "  mutexKeys: [stage]\n";
  if (Pick(3) != 0) stages += "  minInterval: {major: 9d, minor: 4d, patch: 30h}\n";
  std::string text = Manifest("UpgradePlan", "in-stages", stages);
  for (int i = Pick(3); i > 0; --i) {
    std::string spec = Pick(3) == 0 ? "  matchers: []\n"
                                    : fmt::format("  matchers: [{{key: stage, value: {}}}]\n",
                                                  kStages[static_cast<size_t>(Pick(3))]);
    const int day = 1 + Pick(20);
    spec += "  reason: release week\n";
    if (Pick(2) == 0) spec += fmt::format("  startTime: 2026-03-{:02}T10:00:00Z\n", day);
    spec += fmt::format("  expiresAt: 2026-03-{:02}T12:30:00Z\n", day + 1 + Pick(8));
    if (Pick(3) == 0) spec += "  scope: [minor]\n";
    text += Manifest("ClusterLock", fmt::format("lock-{}", i), spec);
  }
  for (int u = 0; u < 3; ++u) {
    if (Pick(3) == 0) continue;
    std::string spec = fmt::format("  upgrade: u{}\n  toRelease: v{}\n  by: alice\n", u,
                                   kVersions[2 + static_cast<size_t>(Pick(5))]);
    if (Pick(3) == 0) spec += fmt::format("  stage: {}\n", kStages[static_cast<size_t>(Pick(3))]);
    spec += fmt::format("  at: 2026-03-{:02}T09:00:00Z\n", 1 + Pick(20));
    if (Pick(3) == 0) spec += "  expiresAt: 2026-04-10T00:00:00Z\n";
    text += Manifest("UpgradeApproval", fmt::format("approval-{}", u), spec);
  }
  return text;
}

std::string RandomRepository::TasksText() {
  constexpr std::array kRules{"FREQ=DAILY;INTERVAL=23", "FREQ=WEEKLY;INTERVAL=3", "FREQ=MONTHLY"};
  auto times = [&] {
    std::string spec = fmt::format("  startTime: 2026-03-{:02}T{:02}:00:00\n", 1 + Pick(20), Pick(24));
    spec += fmt::format("  timeZone: {}\n", kZones[static_cast<size_t>(Pick(3))]);
    if (Pick(4) > 0) spec += fmt::format("  recurrence: {}\n", kRules[static_cast<size_t>(Pick(3))]);
    if (Pick(2) == 0) spec += "  dueWithin: 3d\n";
    return spec;
  };
  std::string keys =
      times() + (Pick(3) == 0 ? "  matchers: [{key: stage, value: prod}]\n"
                              : "  matchers: [{key: cluster, value: \"[cp][12]|m0\", isRegex: true}]\n");
  keys +=
      "  changes:\n"
      "  - {file: \"keys/{cluster}.yaml\", path: key, value: \"k-{date}\"}\n"
      "  - {file: \"keys/{cluster}.yaml\", path: other, value: \"{task}\"}\n";
  // Whoever moves to another stage has other schedules, locks and upgrades from then on.
  std::string moves = times() + "  matchers: [{key: cluster, value: \"c[0-2]\", isRegex: true}]\n";
  moves += fmt::format(
      "  changes: [{{file: \"clusters/{{cluster}}.yaml\", path: metadata.labels.stage, value: {}}}]\n",
      kStages[static_cast<size_t>(Pick(3))]);
  std::string release = times() + "  changes: [{file: shared/twins.yaml, path: version, value: \"9.9.9\"}]\n";
  std::string text = Manifest("MaintenanceTask", "keys", keys);
  if (Pick(2) == 0) text += Manifest("MaintenanceTask", "moves", moves);
  if (Pick(2) == 0) text += Manifest("MaintenanceTask", "release", release);
  return text;
}

TestFile RandomRepository::TopologyCluster(int number) {
  clusters_.push_back(fmt::format("c{}", number));
  // An anchor on the value is more than an edit dares to touch.
  const bool refuses = Pick(6) == 0;
  return {.path = fmt::format("clusters/c{}.yaml", number),
          .content = fmt::format("apiVersion: cluster.x-k8s.io/v1beta1\nkind: Cluster\n"
                                 "metadata: {{name: c{}, labels: {{stage: {}}}}}\n"
                                 "spec: {{topology: {{class: c, version: {}v{}}}{}}}\n",
                                 number, kStages[static_cast<size_t>(Pick(3))], refuses ? "&v " : "",
                                 Version(), refuses ? ", copy: *v" : "")};
}

TestFile RandomRepository::PairCluster(int number) {
  clusters_.push_back(fmt::format("p{}", number));
  return {.path = fmt::format("pairs/p{}.yaml", number),
          .content = fmt::format("kind: Pair\nmetadata: {{name: p{}, labels: {{stage: {}}}}}\n"
                                 "spec:\n  plane: {{version: \"v{}\"}}\n  nodes: {{version: 'v{}'}}\n",
                                 number, kStages[static_cast<size_t>(Pick(3))], Version(), Version())};
}

TestFile RandomRepository::LabelCluster(int number) {
  clusters_.push_back(fmt::format("v{}", number));
  return {
      .path = fmt::format("vintage/v{}.yaml", number),
      .content = fmt::format("apiVersion: cluster.x-k8s.io/v1beta1\nkind: Cluster\nmetadata:\n  name: v{}\n"
                             "  labels:\n    stage: {}\n    release.giantswarm.io/version: {}\n"
                             "spec: {{infrastructureRef: {{kind: AWSCluster}}}}\n",
                             number, kStages[static_cast<size_t>(Pick(3))], Version())};
}

void RandomRepository::AddMembers(std::vector<TestFile>& files) {
  const std::string stage = kStages[static_cast<size_t>(Pick(3))];
  for (int i = 0; i < 2; ++i) {
    clusters_.push_back(fmt::format("m{}", i));
    const std::string own = Pick(3) == 0 ? kStages[static_cast<size_t>(Pick(3))] : stage;
    files.push_back(
        {.path = fmt::format("members/m{}.yaml", i),
         .content = fmt::format(
             "kind: Member\nmetadata: {{name: m{}, namespace: twins, labels: {{stage: {}}}}}\n", i, own)});
  }
  files.push_back({.path = "shared/twins.yaml", .content = fmt::format("version: {}\n", Version())});
}

std::vector<TestFile> RandomRepository::Files() {
  std::vector<TestFile> files{{.path = "lockkeeper.yaml", .content = FleetText()},
                              {.path = "releases/all.yaml", .content = ReleasesText()},
                              {.path = "upgrades/schedules.yaml", .content = SchedulesText()},
                              {.path = "upgrades/roll-out.yaml", .content = RolloutText()}};
  for (int i = 0; i < 4; ++i) files.push_back(TopologyCluster(i));
  for (int i = 0; i < 2; ++i) files.push_back(PairCluster(i));
  for (int i = 0; i < 2; ++i) files.push_back(LabelCluster(i));
  AddMembers(files);
  std::string upgrades;
  for (int i = 0, count = 2 + Pick(3); i < count; ++i) upgrades += UpgradeText(i);
  files.push_back({.path = "upgrades/upgrades.yaml", .content = std::move(upgrades)});
  for (const char* cluster : {"c0", "c2", "p1"}) {
    files.push_back({.path = fmt::format("keys/{}.yaml", cluster),
                     .content = fmt::format("key: {}\nother: \"old\"\n", Pick(4) == 0 ? "&a old" : "old")});
  }
  files.push_back({.path = "upgrades/tasks.yaml", .content = TasksText()});
  return files;
}

}  // namespace lockkeeper
