#include "bench/audit_steps.h"

#include <fmt/format.h>

#include <algorithm>

#include "reconciler/cycle/audit.h"
#include "reconciler/cycle/reconcile.h"

namespace lockkeeper {
namespace {

constexpr const char* kFleet = R"(apiVersion: lockkeeper.dev/v1alpha1
kind: Fleet
metadata: {name: bench}
spec:
  inventory:
  - profile: capi-topology
    include: ["clusters/**"]
  limits: {maxConcurrency: 25}
)";
constexpr const char* kSchedule = R"(apiVersion: lockkeeper.dev/v1alpha1
kind: MaintenanceSchedule
metadata: {name: mornings}
spec:
  matchers: []
  maintenanceWindows:
  - {name: morning, startTime: 2026-01-05T06:00:00Z, duration: 12h, recurrence: FREQ=DAILY}
)";
constexpr Seconds kBetweenPasses{61};
constexpr int kPassesMax = 100'000;

std::string ClusterText(int number) {
  return fmt::format(
      "apiVersion: cluster.x-k8s.io/v1beta1\nkind: Cluster\nmetadata:\n  name: c{:04}\n  labels: {{stage: "
      "prod}}\n"
      "spec:\n  topology:\n    class: standard\n    version: v1.31.0\n",
      number);
}

std::string UpgradeText(int number) {
  return fmt::format(
      "apiVersion: lockkeeper.dev/v1alpha1\nkind: ClusterUpgrade\nmetadata: {{name: up-{0:03}}}\nspec:\n"
      "  matchers: [{{key: stage, value: prod}}]\n"
      "  releaseRef: {{apiVersion: lockkeeper.dev/v1alpha1, kind: Release, name: v1.31.{0}}}\n",
      number);
}

CommitDraft ByPeople(std::vector<FileWrite> writes, Instant at) {
  return {.writes = std::move(writes),
          .message = "Go on\n",
          .author_name = "Ada",
          .author_email = "ada@example.com",
          .time = at};
}

}  // namespace

Result<std::string> MakeHistory(Repository& repository, int clusters, int upgrades) {
  Instant now = *ParseInstant("2026-01-05T06:00:00Z");
  std::vector<FileWrite> files{{.path = "lockkeeper.yaml", .content = kFleet},
                               {.path = "upgrades/schedule.yaml", .content = kSchedule}};
  for (int i = 0; i < clusters; ++i)
    files.push_back(
        {.path = fmt::format("clusters/{:02}/c{:04}.yaml", i / 100, i), .content = ClusterText(i)});
  std::string head;
  FleetReader reader(repository);
  size_t bumps = 0;
  size_t passes = 0;
  for (int upgrade = 1; upgrade <= upgrades; ++upgrade) {
    files.push_back(
        {.path = fmt::format("upgrades/up-{:03}.yaml", upgrade), .content = UpgradeText(upgrade)});
    auto published = repository.Publish(head, {ByPeople(std::move(files), now)});
    if (!published) return std::unexpected(published.error());
    files.clear();
    head = published->back();
    for (size_t done = 0; done < static_cast<size_t>(clusters); now += kBetweenPasses) {
      if (++passes > kPassesMax) return Invalid("the passes come to no end");
      auto result = Reconcile(repository, reader, {.now = now, .back_off = {}});
      if (!result) return std::unexpected(result.error());
      if (!result->pushed.empty()) head = result->pushed;
      const auto made = std::ranges::count_if(result->plan.decisions,
                                              [](const Decision& d) { return d.action == Action::kBump; });
      done += static_cast<size_t>(made);
      bumps += static_cast<size_t>(made);
      // The night is passed over.
      if (made == 0 && result->plan.next_wake) now = std::max(now, *result->plan.next_wake - kBetweenPasses);
    }
  }
  return fmt::format("{} bumps in {} passes", bumps, passes);
}

Result<std::string> AuditHistory(Repository& repository, const std::string& head) {
  auto result = Audit(repository, {.head = head, .since = {}});
  if (!result) return std::unexpected(result.error());
  return fmt::format("{} commits, {} bumps, {} violations", result->commits, result->checked,
                     result->violations.size());
}

}  // namespace lockkeeper
