// What plans, policies, locks, approvals and tasks hold; their findings are in manifest_golden_test.cc.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "schemas/manifest/decode.h"

namespace lockkeeper {
namespace {

DecodedFile DecodeGood(const std::string& name) {
  std::ifstream in(std::string(LK_TEST_DATA) + "/manifests/good/" + name, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return DecodeManifests(name, text.str());
}

DecodedFile DecodeSpec(const std::string& kind, const std::string& spec) {
  return DecodeManifests("a.yaml", "apiVersion: lockkeeper.dev/v1alpha1\nkind: " + kind +
                                       "\nmetadata: {name: a, namespace: ops}\nspec: " + spec + "\n");
}

using Names = std::vector<std::string>;

TEST(DecodePlan, TakesEveryField) {
  DecodedFile file = DecodeGood("plans.yaml");
  ASSERT_EQ(file.plans.size(), 2u);
  const UpgradePlan& plan = file.plans[0];
  EXPECT_EQ(plan.name.str(), "platform/dev-then-prod");
  EXPECT_EQ(plan.origin.file, "plans.yaml");
  EXPECT_EQ(plan.origin.mark, (Mark{1, 1}));
  ASSERT_EQ(plan.stages.size(), 5u);
  const PlanStage& canary = plan.stages[0];
  EXPECT_EQ(canary.name, "canary");
  EXPECT_EQ(canary.mark, (Mark{6, 5}));
  ASSERT_EQ(canary.match.matchers.size(), 2u);
  EXPECT_EQ(canary.match.matchers[0], (Matcher{"stage", "dev|staging", true, true, {8, 27}}));
  EXPECT_EQ(canary.match.matchers[1].value, "5");
  ASSERT_EQ(canary.match.selector.size(), 2u);
  EXPECT_EQ(canary.match.selector[1].op, SelectorOperator::kDoesNotExist);
  EXPECT_EQ(canary.max_concurrency, (Share{1, false}));
  EXPECT_EQ(canary.max_failures, (Share{10, true}));
  EXPECT_EQ(canary.soak_time, std::chrono::days{2});
  EXPECT_TRUE(canary.approval.required);
  EXPECT_EQ(canary.approval.approvers, (Names{"alice", "bob"}));
  EXPECT_EQ(canary.approval.expires_after, std::chrono::days{14});
  EXPECT_EQ(canary.checklist_before, (Names{"tell the users", "look at the dashboards: twice"}));
  EXPECT_EQ(canary.checklist_after, (Names{"say thanks"}));
  EXPECT_EQ(plan.stages[1].max_concurrency, (Share{25, true}));
  EXPECT_EQ(plan.stages[1].max_failures, (Share{3, false}));
  EXPECT_EQ(plan.stages[4].max_failures, (Share{100, true}));
  EXPECT_EQ(plan.max_skip, (MaxSkip{.major = 2, .minor = 1}));
  EXPECT_EQ(plan.mutex_keys, (Names{"region", "owner"}));
  EXPECT_EQ(plan.min_interval.major, std::chrono::days{90});
  EXPECT_EQ(plan.min_interval.minor, std::chrono::days{30});
  EXPECT_EQ(plan.min_interval.patch, std::chrono::days{7});
  EXPECT_TRUE(plan.hash.starts_with("sha256:"));
  EXPECT_EQ(plan.hash.size(), 7u + 64u);
}

TEST(DecodePlan, AStageDependsOnTheOneAboveUnlessItSaysElse) {
  DecodedFile file = DecodeGood("plans.yaml");
  ASSERT_EQ(file.plans.size(), 2u);
  const std::vector<PlanStage>& stages = file.plans[0].stages;
  ASSERT_EQ(stages.size(), 5u);
  EXPECT_EQ(stages[0].depends_on, Names{});
  EXPECT_EQ(stages[1].depends_on, Names{"canary"});
  EXPECT_EQ(stages[2].depends_on, Names{"canary"});
  EXPECT_EQ(stages[3].depends_on, (Names{"america", "Europe_1.0"}));
  EXPECT_EQ(stages[4].depends_on, Names{}) << "an empty list is none, not the default";
}

TEST(DecodePlan, LeavesDefaultsAlone) {
  DecodedFile file = DecodeGood("plans.yaml");
  ASSERT_EQ(file.plans.size(), 2u);
  const UpgradePlan& plan = file.plans[1];
  ASSERT_EQ(plan.stages.size(), 1u);
  const PlanStage& stage = plan.stages[0];
  EXPECT_TRUE(stage.match.written);
  EXPECT_TRUE(stage.match.empty());
  EXPECT_EQ(stage.max_concurrency, std::nullopt);
  EXPECT_EQ(stage.max_failures, Share{});
  EXPECT_EQ(stage.soak_time, Seconds{0});
  EXPECT_FALSE(stage.approval.required);
  EXPECT_EQ(plan.max_skip, MaxSkip{}) << "an empty one takes the inventory rule's limit away";
  EXPECT_TRUE(plan.mutex_keys.empty());
  EXPECT_EQ(plan.min_interval.minor, std::nullopt);
  EXPECT_EQ(file.plans[0].stages[1].match.written, true);
}

TEST(DecodePlan, MoreThanAHundredStagesAreRefused) {
  auto with = [](int count) {
    std::string spec = "{stages: [";
    for (int i = 0; i < count; ++i) spec += "{name: s" + std::to_string(i) + ", matchers: []}, ";
    return DecodeSpec("UpgradePlan", spec + "]}");
  };
  EXPECT_EQ(with(100).plans.size(), 1u);
  DecodedFile file = with(101);
  EXPECT_TRUE(file.plans.empty());
  ASSERT_EQ(file.diagnostics.size(), 1u);
  EXPECT_EQ(FormatDiagnostic(file.diagnostics[0]),
            "a.yaml:4:16: error[too-large]: spec.stages: has 101 items; at most 100 are allowed");
}

TEST(DecodeLock, TakesEveryField) {
  DecodedFile file = DecodeGood("people.yaml");
  ASSERT_EQ(file.locks.size(), 2u);
  const ClusterLock& lock = file.locks[0];
  EXPECT_EQ(lock.name.str(), "default/release-week");
  ASSERT_EQ(lock.match.matchers.size(), 1u);
  EXPECT_EQ(lock.match.matchers[0].key, "cluster_id");
  EXPECT_EQ(lock.reason, "critical release in progress\nask alice\n");
  EXPECT_EQ(FormatInstant(lock.start.value_or(Instant{})), "2026-03-01T00:00:00Z");
  EXPECT_EQ(FormatInstant(lock.expires_at), "2026-03-03T00:00:00Z");
  EXPECT_EQ(lock.scope, static_cast<int>(ChangeScope::kMajor) | static_cast<int>(ChangeScope::kMinor));
  EXPECT_EQ(lock.created_by, "alice");
}

TEST(DecodeLock, CountsTtlFromStartTime) {
  DecodedFile file = DecodeGood("people.yaml");
  ASSERT_EQ(file.locks.size(), 2u);
  const ClusterLock& lock = file.locks[1];
  EXPECT_TRUE(lock.match.written);
  EXPECT_TRUE(lock.match.empty());
  EXPECT_EQ(FormatInstant(lock.expires_at), "2026-03-03T00:00:00Z");
  EXPECT_EQ(lock.scope, kEveryScope);
}

TEST(DecodeApproval, TakesEveryField) {
  DecodedFile file = DecodeGood("people.yaml");
  ASSERT_EQ(file.approvals.size(), 2u);
  const UpgradeApproval& approval = file.approvals[0];
  EXPECT_EQ(approval.name.str(), "team-a/upgrade-to-v1-20-prod");
  EXPECT_EQ(approval.upgrade.value.str(), "team-a/upgrade-to-v1-20") << "in the approval's own namespace";
  EXPECT_EQ(approval.upgrade.mark, (Mark{27, 12}));
  EXPECT_EQ(approval.stage, "prod");
  EXPECT_EQ(approval.to_release, "aws-34.1.0");
  EXPECT_EQ(approval.clusters, "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(approval.by, "alice");
  EXPECT_EQ(FormatInstant(approval.at), "2026-03-01T09:00:00Z");
  EXPECT_EQ(FormatInstant(approval.expires_at.value_or(Instant{})), "2026-03-15T09:00:00Z");
  EXPECT_EQ(approval.author, "");
  const UpgradeApproval& other = file.approvals[1];
  EXPECT_EQ(other.upgrade.value.str(), "team-b/to-35.0");
  EXPECT_EQ(other.stage, "");
  EXPECT_EQ(other.clusters, "");
  EXPECT_EQ(FormatInstant(other.at), "2026-03-01T07:00:00Z");
  EXPECT_EQ(other.expires_at, std::nullopt);
}

TEST(DecodePolicy, TakesEveryField) {
  DecodedFile file = DecodeGood("policies-and-tasks.yaml");
  ASSERT_EQ(file.policies.size(), 2u);
  const UpgradePolicy& policy = file.policies[0];
  EXPECT_EQ(policy.name.str(), "platform/follow-stable");
  ASSERT_EQ(policy.match.matchers.size(), 1u);
  EXPECT_EQ(policy.provider, "aws");
  EXPECT_EQ(policy.range.value, ">=34.0.0 <36.0.0");
  EXPECT_EQ(policy.range.mark, (Mark{6, 37}));
  EXPECT_TRUE(policy.prerelease);
  EXPECT_EQ(policy.minimum_release_age, std::chrono::hours{72});
  ASSERT_EQ(policy.blocked.size(), 3u);
  EXPECT_EQ(policy.blocked[0].value, "34.2.*");
  EXPECT_EQ(policy.blocked[1].value, "34.3") << "what looks like a number stays the text that stands there";
  EXPECT_EQ(policy.blocked[2].value, "35\\.0\\.[0-4]");
  EXPECT_EQ(policy.auto_approve, AutoApprove::kMinor);
  EXPECT_EQ(policy.on_end_of_life, OnEndOfLife::kPropose);
  EXPECT_EQ(
      policy.spec_template,
      R"({"approval":{"approvers":["alice"]},"checks":{"after":[{"minReady":"100%","type":"Nodes"}]},)"
      R"("priority":7,"startDeadline":"2026-12-01T00:00:00Z","upgradePlanRef":{"name":"dev-then-prod"}})");
  const UpgradePolicy& plain = file.policies[1];
  EXPECT_EQ(plain.provider, "");
  EXPECT_EQ(plain.range.value, "");
  EXPECT_EQ(plain.minimum_release_age, Seconds{0});
  EXPECT_EQ(plain.auto_approve, AutoApprove::kNone);
  EXPECT_EQ(plain.on_end_of_life, OnEndOfLife::kIgnore);
  EXPECT_EQ(plain.spec_template, "{}");
}

TEST(DecodeTask, TakesEveryField) {
  DecodedFile file = DecodeGood("policies-and-tasks.yaml");
  ASSERT_EQ(file.tasks.size(), 2u);
  const MaintenanceTask& task = file.tasks[0];
  EXPECT_EQ(task.name.str(), "ops/rotate-cloud-credentials");
  ASSERT_TRUE(std::holds_alternative<CivilTime>(task.start.value));
  EXPECT_EQ(FormatCivil(std::get<CivilTime>(task.start.value)), "2026-01-05T09:00:00");
  EXPECT_EQ(task.start.mark, (Mark{27, 14}));
  EXPECT_EQ(task.recurrence.value, "FREQ=DAILY;INTERVAL=90");
  EXPECT_EQ(task.time_zone.value, "Europe/Stockholm");
  EXPECT_EQ(task.due_within, std::chrono::days{14});
  EXPECT_TRUE(task.match.written);
  EXPECT_EQ(task.checklist, (Names{"create the new key", "deploy", "delete the old key"}));
  ASSERT_EQ(task.changes.size(), 2u);
  EXPECT_EQ(task.changes[0].file.value, "clusters/{cluster}/{namespace}/credentials.yaml");
  EXPECT_EQ(task.changes[0].path.value, "spec.secretRef.[name=cloud].value");
  EXPECT_EQ(task.changes[0].value, "{cluster}-{date}");
  EXPECT_EQ(task.changes[1].value, "5");
  const MaintenanceTask& plain = file.tasks[1];
  EXPECT_FALSE(plain.match.written) << "one for the fleet";
  EXPECT_TRUE(std::holds_alternative<Instant>(plain.start.value));
  EXPECT_EQ(plain.recurrence.value, "");
  EXPECT_EQ(plain.time_zone.value, "UTC");
  EXPECT_EQ(plain.due_within, std::nullopt);
}

struct BrokenRow {
  const char* kind;
  const char* spec;
  bool match_read;
};

TEST(DecodeBroken, OfANewKindKeepsItsMatchers) {
  const char* const matchers = "matchers: [{key: stage, value: prod}]";
  for (const BrokenRow& row : {BrokenRow{"ClusterLock", "expiresAt: 2026-03-03T00:00:00Z", true},
                               {"UpgradePolicy", "autoApprove: all", true},
                               {"MaintenanceTask", "startTime: never", true},
                               {"NodeMaintenance", "nodes: []", false}}) {
    DecodedFile file = DecodeSpec(row.kind, std::string("{") + matchers + ", " + row.spec + "}");
    ASSERT_EQ(file.broken.size(), 1u) << row.kind;
    const BrokenObject& broken = file.broken[0];
    EXPECT_EQ(broken.kind, row.kind);
    EXPECT_EQ(broken.name.str(), "ops/a");
    EXPECT_FALSE(broken.message.empty());
    EXPECT_EQ(broken.match_read, row.match_read) << row.kind;
    EXPECT_EQ(broken.match.matchers.size(), row.match_read ? 1u : 0u) << row.kind;
  }
}

TEST(DecodeBroken, OfTwoLocksOfOneNameNeitherCounts) {
  std::string object =
      "apiVersion: lockkeeper.dev/v1alpha1\nkind: ClusterLock\nmetadata: {name: a}\n"
      "spec: {matchers: [{key: a, value: b}], reason: r, expiresAt: 2026-03-03T00:00:00Z}\n";
  DecodedFile file = DecodeManifests("a.yaml", object + "---\n" + object);
  EXPECT_TRUE(file.locks.empty());
  ASSERT_EQ(file.broken.size(), 2u);
  EXPECT_TRUE(file.broken[0].match_read);
  EXPECT_EQ(file.broken[0].match.matchers.size(), 1u);
}

TEST(DecodePolicy, RegularExpressionsAreBounded) {
  DecodedFile file =
      DecodeSpec("UpgradePolicy", "{matchers: [{key: a, value: b}], blocked: ['((a{100}){100}){100}', '" +
                                      std::string(5'000, 'a') + "']}");
  EXPECT_TRUE(file.policies.empty());
  ASSERT_EQ(file.diagnostics.size(), 2u);
  for (const Diagnostic& finding : file.diagnostics) EXPECT_EQ(finding.code, "bad-regex") << finding.message;
}

}  // namespace
}  // namespace lockkeeper
