// What can never happen, told before anybody waits for it.
#include "reconciler/core/reach/reach.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schemas/manifest/decode.h"

namespace lockkeeper {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kNow = "2026-03-02T09:00:00Z";

/// A fleet of two clusters at v1.30.0, and whatever manifests a row adds.
class Story {
 public:
  explicit Story(const std::string& manifests) {
    for (const char* name : {"dev1", "prod1"}) {
      Cluster cluster;
      cluster.name = name;
      cluster.file = std::string{"clusters/"} + name + ".yaml";
      cluster.mark = {1, 1};
      cluster.labels = {{"cluster", name}, {"stage", std::string{name} == "dev1" ? "dev" : "prod"}};
      Ref ref{.file = cluster.file, .path = "spec.version", .format = "v{version}"};
      ref.version = "1.30.0";
      ref.value = "v1.30.0";
      cluster.release = ref.version;
      cluster.refs.push_back(std::move(ref));
      clusters_.push_back(std::move(cluster));
    }
    DecodedFile file = DecodeManifests("upgrades/all.yaml", manifests);
    EXPECT_THAT(file.broken, IsEmpty()) << (file.broken.empty() ? "" : file.broken.front().message);
    fleet_.commit = std::string(40, '0');
    fleet_.settings.emplace();
    fleet_.settings->releases = {"releases/"};
    fleet_.settings->unscheduled = Unscheduled::kOpen;
    fleet_.clusters = clusters_;
    fleet_.upgrades = std::move(file.upgrades);
    fleet_.schedules = std::move(file.schedules);
    fleet_.plans = std::move(file.plans);
    fleet_.releases = std::move(file.releases);
  }
  Story(const Story&) = delete;
  Story& operator=(const Story&) = delete;

  std::vector<std::string> Findings() const {
    std::vector<std::string> lines;
    const FleetModel model = FleetModel::Build(fleet_);
    for (const Diagnostic& d : JudgeReach(model, {}, {}, *ParseInstant(kNow)))
      lines.push_back(FormatDiagnostic(d));
    return lines;
  }

 private:
  std::vector<Cluster> clusters_;
  Fleet fleet_;
};

const std::string kReleases = R"(---
apiVersion: lockkeeper.dev/v1alpha1
kind: Release
metadata: {name: v1.30.0}
spec: {state: active, date: 2025-01-01, endOfLifeDate: 2026-03-20}
---
apiVersion: lockkeeper.dev/v1alpha1
kind: Release
metadata: {name: v1.31.0}
spec: {state: active, date: 2025-06-01}
)";

std::string Upgrade(const std::string& more, const std::string& stage = ".*") {
  return "---\napiVersion: lockkeeper.dev/v1alpha1\nkind: ClusterUpgrade\nmetadata: {name: up}\nspec:\n"
         "  matchers: [{key: stage, value: \"" +
         stage + "\", isRegex: true}]\n  releaseRef: {name: v1.31.0}\n" + more;
}

std::string Schedule(const std::string& more) {
  return "---\napiVersion: lockkeeper.dev/v1alpha1\nkind: MaintenanceSchedule\nmetadata: {name: s}\nspec:\n"
         "  matchers: []\n" +
         more;
}

const std::string kNights =
    "  maintenanceWindows:\n  - {name: night, startTime: 2026-01-01T02:00:00Z, duration: 2h, recurrence: "
    "FREQ=DAILY}\n";

TEST(Reach, NothingIsSaidOfWhatCanHappen) {
  EXPECT_THAT(Story(kReleases + Upgrade("") + Schedule(kNights + "  runway: 2h\n")).Findings(), IsEmpty());
}

TEST(Reach, ARunwayThatFitsIntoNoWindow) {
  EXPECT_THAT(Story(kReleases + Schedule(kNights + "  runway: 2h1s\n")).Findings(),
              Contains(AllOf(HasSubstr("warning[runway-never-fits]"), HasSubstr("the longest has 2h"))));
}

TEST(Reach, TouchingWindowsAreOne) {
  EXPECT_THAT(
      Story(kReleases + Schedule("  maintenanceWindows:\n"
                                 "  - {name: a, startTime: 2026-01-01T02:00:00Z, duration: 2h, recurrence: "
                                 "FREQ=DAILY}\n"
                                 "  - {name: b, startTime: 2026-01-01T04:00:00Z, duration: 1h, recurrence: "
                                 "FREQ=DAILY}\n  runway: 3h\n"))
          .Findings(),
      IsEmpty());
}

TEST(Reach, ExclusionsOverEveryWindow) {
  EXPECT_THAT(
      Story(kReleases + Schedule(kNights + "  maintenanceExclusions:\n  - {name: quiet, startTime: "
                                           "2026-01-01T01:00:00Z, duration: 4h, recurrence: FREQ=DAILY}\n"))
          .Findings(),
      Contains(HasSubstr("warning[always-excluded]")));
}

TEST(Reach, ANoticeThatEndsAfterTheDeadline) {
  EXPECT_THAT(
      Story(kReleases + Upgrade("  noticePeriod: 10d\n  startDeadline: 2026-03-12T09:00:00Z\n")).Findings(),
      Contains(HasSubstr("warning[notice-too-long]")));
  EXPECT_THAT(
      Story(kReleases + Upgrade("  noticePeriod: 10d\n  startDeadline: 2026-03-12T09:00:01Z\n")).Findings(),
      Not(Contains(HasSubstr("notice-too-long"))));
}

TEST(Reach, AnUpgradeWhoseWindowsAreOver) {
  EXPECT_THAT(
      Story(kReleases + Upgrade("") +
            Schedule(
                "  maintenanceWindows:\n  - {name: once, startTime: 2026-01-01T02:00:00Z, duration: 2h}\n"))
          .Findings(),
      Contains(AllOf(HasSubstr("warning[never-starts]"), HasSubstr("2 clusters (dev1, prod1)"))));
}

TEST(Reach, AStartAfterTheEndOfLife) {
  EXPECT_THAT(Story(kReleases + Upgrade("  startTime: 2026-03-20T00:00:00Z\n")).Findings(),
              Contains(AllOf(HasSubstr("warning[too-late]"),
                             HasSubstr("end of life of v1.30.0 is 2026-03-20T00:00:00Z"))));
  EXPECT_THAT(Story(kReleases + Upgrade("  startTime: 2026-03-19T23:59:59Z\n")).Findings(), IsEmpty());
}

TEST(Reach, ClustersThatNobodyMovesInTime) {
  const std::string late =
      "  maintenanceWindows:\n  - {name: spring, startTime: 2026-04-01T02:00:00Z, duration: 2h}\n";
  EXPECT_THAT(Story(kReleases + Upgrade("", "dev") + Schedule(late)).Findings(),
              Contains(AllOf(HasSubstr("clusters/prod1.yaml:1:1: warning[no-way-out]"), HasSubstr("prod1"),
                             HasSubstr("open at 2026-04-01T02:00:00Z only"))));
}

TEST(Reach, ClustersInNoStageAndInTwo) {
  const std::string plan =
      "---\napiVersion: lockkeeper.dev/v1alpha1\nkind: UpgradePlan\nmetadata: {name: p}\nspec:\n  stages:\n"
      "  - {name: a, matchers: [{key: stage, value: dev}]}\n  - {name: b, matchers: [{key: cluster, value: "
      "dev1}]}\n";
  auto findings = Story(kReleases + Upgrade("  upgradePlanRef: {name: p}\n") + plan).Findings();
  EXPECT_THAT(findings, Contains(AllOf(HasSubstr("warning[in-no-stage]"), HasSubstr("1 cluster (prod1)"))));
  EXPECT_THAT(findings, Contains(AllOf(HasSubstr("warning[in-several-stages]"),
                                       HasSubstr("are in stage a, though b"))));
}

}  // namespace
}  // namespace lockkeeper
