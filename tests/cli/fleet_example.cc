#include "tests/cli/fleet_example.h"

#include <fmt/format.h>

#include <algorithm>

namespace lockkeeper {
namespace {

std::string ClusterFile(std::string_view name, std::string_view stage, std::string_view version) {
  return fmt::format(
      "apiVersion: cluster.x-k8s.io/v1beta1\n"
      "kind: Cluster\n"
      "metadata:\n"
      "  name: {}\n"
      "  namespace: org-acme\n"
      "  labels: {{stage: {}}}\n"
      "spec:\n"
      "  topology:\n"
      "    class: c\n"
      "    version: {}\n",
      name, stage, version);
}

constexpr const char* kFleet = R"(apiVersion: lockkeeper.dev/v1alpha1
kind: Fleet
metadata: {name: acme}
spec:
  inventory:
  - profile: capi-topology
    include: ["clusters/*.yaml"]
    timeZone: Europe/Stockholm
)";

constexpr const char* kSchedules = R"(apiVersion: lockkeeper.dev/v1alpha1
kind: MaintenanceSchedule
metadata: {name: nights}
spec:
  timeZone: Europe/Stockholm
  matchers: [{name: stage, value: prod}]
  maintenanceWindows:
  - {name: night, startTime: 2026-01-05T22:00:00, duration: 8h, recurrence: "FREQ=WEEKLY;BYDAY=MO,TU"}
---
apiVersion: lockkeeper.dev/v1alpha1
kind: MaintenanceSchedule
metadata: {name: working-hours}
spec:
  default: true
  maintenanceWindows:
  - {name: day, startTime: 2026-01-05T09:00:00, duration: 7h, recurrence: "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH"}
)";

constexpr const char* kUpgrade = R"(apiVersion: lockkeeper.dev/v1alpha1
kind: ClusterUpgrade
metadata: {name: dev-first}
spec:
  matchers: [{name: stage, value: dev}]
  releaseRef: {name: v1.31.5}
  startTime: 2026-03-01T00:00:00Z
  checks: {after: [{type: Nodes}]}
)";

}  // namespace

std::vector<TestFile> FleetExample() {
  return {{"lockkeeper.yaml", kFleet},
          {"clusters/rose.yaml", ClusterFile("rose", "dev", "v1.31.4")},
          {"clusters/tulip.yaml", ClusterFile("tulip", "prod", "v1.30.2")},
          {"upgrades/schedules.yaml", kSchedules},
          {"upgrades/dev-first.yaml", kUpgrade}};
}

std::vector<TestFile> FleetExampleWith(const std::vector<TestFile>& others) {
  std::vector<TestFile> files = FleetExample();
  for (const TestFile& other : others) {
    auto same = std::ranges::find(files, other.path, &TestFile::path);
    if (same != files.end()) {
      *same = other;
    } else {
      files.push_back(other);
    }
  }
  return files;
}

}  // namespace lockkeeper
