// Manifests that policies make, seen by an audit.

#include <gmock/gmock.h>

#include "tests/cycle/audit_story.h"

namespace lockkeeper {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kClosed = "2026-03-02T05:00:00Z";
constexpr const char* kMade = "upgrades/generated/follow-v1.33.0.yaml";

/// A release has appeared, and a pass has proposed it at kClosed.
void Propose(AuditStory& story) {
  std::string fleet = story.temp().Read("lockkeeper.yaml");
  AuditStory::Replace(fleet, "spec:\n", "spec:\n  releases: [releases/]\n");
  std::string releases;
  for (const char* version : {"v1.31.0", "v1.32.0", "v1.33.0"}) {
    releases += fmt::format(
        "apiVersion: lockkeeper.dev/v1alpha1\nkind: Release\nmetadata: {{name: {}}}\nspec: {{state: "
        "active}}\n---\n",
        version);
  }
  story.temp().Commit({{"lockkeeper.yaml", fleet},
                       {"releases/all.yaml", releases},
                       {"upgrades/policy.yaml",
                        "apiVersion: lockkeeper.dev/v1alpha1\nkind: UpgradePolicy\nmetadata: {name: follow}\n"
                        "spec: {matchers: [{key: cluster, value: c.*, isRegex: true}]}\n"}});
  story.Pass(kClosed);
}

TEST(AuditPolicy, WhatAPolicyAskedForIsClean) {
  AuditStory story;
  Propose(story);
  EXPECT_THAT(story.temp().Read(kMade), HasSubstr("releaseRef: {name: v1.33.0}"));
  story.Pass("2026-03-02T06:00:00Z");
  EXPECT_THAT(story.Found(), IsEmpty());
}

TEST(AuditPolicy, AFileThatWasThereIsLeftAlone) {
  AuditStory story;
  story.temp().Commit({{kMade, "# Mine.\n"}});
  Propose(story);
  EXPECT_EQ(story.temp().Read(kMade), "# Mine.\n");
  story.Pass("2026-03-02T06:00:00Z");
  EXPECT_THAT(story.Found(), IsEmpty());
}

TEST(AuditPolicy, AManifestThatSaysSomethingElseIsFound) {
  AuditStory story;
  Propose(story);
  std::string text = story.temp().Read(kMade);
  AuditStory::Replace(text, "  approval: {required: true}\n", "");
  story.Smuggle({{kMade, text}});
  EXPECT_THAT(story.Found(), ElementsAre(HasSubstr("unexpected-change")));
  const AuditResult result = story.Audited();
  ASSERT_FALSE(result.violations.empty());
  EXPECT_THAT(result.violations.front().message, HasSubstr("not the manifest that the policy asks for"));
}

TEST(AuditPolicy, AManifestThatNoPolicyAskedForIsFound) {
  AuditStory story;
  Propose(story);
  std::string text = story.temp().Read(kMade);
  story.Smuggle({{"upgrades/generated/more.yaml", text}});
  EXPECT_THAT(story.Found(), ElementsAre(HasSubstr("unexpected-change")));
}

}  // namespace
}  // namespace lockkeeper
