// A published catalog, as it grew: what a policy would have asked for at each time.

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "tests/core/plan/policy_fleet.h"

namespace lockkeeper {
namespace {

Instant At(std::string_view text) { return *ParseInstant(text); }

struct PublishedStep {
  const char* at;
  const char* release;  ///< that is asked for by then; empty: nothing new
  bool approval = false;
};

class PublishedHistory : public testing::Test {
 protected:
  void SetUp() override {
    const auto folder = std::filesystem::path(LK_SHARED) / "fixtures/giantswarm-releases/capa";
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "the published catalog is not here";
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (entry.path().filename() != "release.yaml") continue;
      std::ifstream file(entry.path());
      fleet_.Add(std::string{std::istreambuf_iterator<char>(file), {}});
    }
    ASSERT_GT(fleet_.fleet.releases.size(), 90U);
  }

  /// Passes at the steps and at every wake between them; then each step's release was asked for in between.
  void Replay(const char* start, const std::vector<PublishedStep>& steps) {
    Instant now = At(start);
    for (const PublishedStep& step : steps) {
      SCOPED_TRACE(step.at);
      std::vector<std::string> made;
      while (true) {
        for (const Document& document : fleet_.PassAt(now)) made.push_back(document.proposal->release);
        EXPECT_TRUE(fleet_.PlanAt(now).documents.empty());
        auto wake = fleet_.PlanAt(now).next_wake;
        if (!wake || *wake > At(step.at)) break;
        now = *wake;
      }
      now = At(step.at);
      if (*step.release == '\0') {
        EXPECT_THAT(made, testing::IsEmpty());
        continue;
      }
      EXPECT_THAT(made, testing::ElementsAre(step.release));
      EXPECT_EQ(fleet_.Upgrade(fmt::format("follow-{}", step.release)).approval.required, step.approval);
    }
  }

  PolicyFleet fleet_;
};

TEST_F(PublishedHistory, PatchesAreAutomaticAndTheRestIsAskedFor) {
  fleet_.AddCluster("prod1", "33.1.0", "aws");
  fleet_.AddPolicy("releases: {provider: aws}, minimumReleaseAge: 72h, autoApprove: patch");
  Replay("2025-12-10T00:00:00Z", {
                                     {"2025-12-19T15:16:12Z", ""},  // aws-33.1.1 is not three days old yet
                                     {"2025-12-19T15:16:13Z", "aws-33.1.1", false},
                                     {"2026-01-20T00:00:00Z", ""},  // aws-33.1.2 and 33.1.3 were withdrawn
                                     {"2026-01-26T12:11:29Z", "aws-34.0.0", true},
                                     {"2026-03-05T15:01:14Z", "aws-34.1.0", true},
                                     {"2026-04-26T14:28:06Z", "aws-34.1.1", true},
                                     {"2026-05-31T00:00:00Z", ""},  // aws-34.2.0 and 34.3.0 were withdrawn
                                     {"2026-06-05T16:36:59Z", "aws-34.4.0", true},
                                     {"2026-07-17T16:12:08Z", "aws-34.4.1", true},
                                     {"2026-07-26T09:17:35Z", "aws-34.5.0", true},
                                     {"2027-01-01T00:00:00Z", ""},
                                 });
}

TEST_F(PublishedHistory, ARangeStaysInItsMajor) {
  fleet_.AddCluster("prod1", "33.1.1", "aws");
  fleet_.AddPolicy(
      "releases: {provider: aws, range: \">=33.0.0 <34.0.0\"}, minimumReleaseAge: 7d, autoApprove: minor");
  Replay("2026-01-01T00:00:00Z", {
                                     {"2026-06-09T16:36:20Z", ""},
                                     {"2026-06-09T16:36:21Z", "aws-33.4.0", false},
                                     {"2027-01-01T00:00:00Z", ""},
                                 });
}

TEST_F(PublishedHistory, WhatIsBlockedIsPassedOver) {
  fleet_.AddCluster("prod1", "34.1.1", "aws");
  fleet_.AddPolicy("releases: {provider: aws}, blocked: [\"34\\\\.4\\\\..*\"], autoApprove: minor");
  Replay("2026-05-01T00:00:00Z",
         {{"2026-07-20T00:00:00Z", ""}, {"2026-07-23T09:17:35Z", "aws-34.5.0", false}});
}

TEST_F(PublishedHistory, ClustersOfOneTargetBelongToOneUpgrade) {
  fleet_.AddCluster("old", "31.1.2", "aws");
  fleet_.AddCluster("new", "34.1.1", "aws");
  fleet_.AddPolicy("releases: {provider: aws}, autoApprove: minor");
  Replay("2026-07-30T00:00:00Z", {{"2026-07-30T00:00:00Z", "aws-34.5.0", true}});
  EXPECT_EQ(FleetModel::Build(fleet_.fleet).upgrades().front().clusters.size(), 2U);
}

}  // namespace
}  // namespace lockkeeper
