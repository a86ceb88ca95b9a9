// What policies make of a fleet and its catalog (SPEC 2.7).

#include <gmock/gmock.h>

#include "tests/core/plan/policy_fleet.h"

namespace lockkeeper {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Instant At(std::string_view text) { return *ParseInstant(text); }

const Instant kNow = At("2026-03-02T00:00:00Z");

struct ChoiceRow {
  const char* name;
  std::vector<std::pair<const char*, const char*>> releases;  ///< name and fields
  const char* from;
  const char* policy;
  const char* made;  ///< the release; empty: nothing
  bool approval = true;
};

class PolicyChoice : public testing::TestWithParam<ChoiceRow> {};

TEST_P(PolicyChoice, IsTheNewestThatIsAllowed) {
  const ChoiceRow& row = GetParam();
  PolicyFleet fleet;
  fleet.AddCluster("c1", row.from);
  for (const auto& [name, fields] : row.releases) fleet.AddRelease(name, fields);
  fleet.AddPolicy(row.policy);
  const auto paths = Paths(fleet.PassAt(kNow));
  if (*row.made == '\0') {
    EXPECT_THAT(paths, IsEmpty());
    return;
  }
  const std::string name = fmt::format("follow-{}", row.made);
  ASSERT_THAT(paths, ElementsAre(fmt::format("upgrades/generated/{}.yaml", name)));
  EXPECT_EQ(fleet.Upgrade(name).release.name.value, row.made);
  EXPECT_EQ(fleet.Upgrade(name).approval.required, row.approval);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, PolicyChoice,
    testing::ValuesIn(std::vector<ChoiceRow>{
        {"newest", {{"v1.1.0", ""}, {"v1.2.0", ""}, {"v1.10.0", ""}}, "1.1.0", "", "v1.10.0"},
        {"nothing_newer", {{"v1.1.0", ""}}, "1.1.0", "", ""},
        {"never_back", {{"v1.0.0", ""}}, "1.1.0", "", ""},
        {"no_wip", {{"v1.2.0", "state: wip"}, {"v1.1.1", ""}}, "1.1.0", "", "v1.1.1"},
        {"no_deprecated", {{"v1.2.0", "state: deprecated"}}, "1.1.0", "", ""},
        {"no_preview", {{"v1.2.0", "state: preview"}}, "1.1.0", "", ""},
        {"preview_where_welcome",
         {{"v1.2.0", "state: preview"}},
         "1.1.0",
         "releases: {prerelease: true}",
         "v1.2.0"},
        {"no_prerelease", {{"v1.2.0-rc1", ""}}, "1.1.0", "", ""},
        {"prerelease_where_welcome",
         {{"v1.2.0-rc1", ""}},
         "1.1.0",
         "releases: {prerelease: true}",
         "v1.2.0-rc1"},
        {"in_range", {{"v1.2.0", ""}, {"v2.0.0", ""}}, "1.1.0", "releases: {range: \"<2.0.0\"}", "v1.2.0"},
        {"blocked_whole_version",
         {{"v1.2.0", ""}, {"v1.2.1", ""}},
         "1.1.0",
         "blocked: [\"1.2.1\", \"2.0\"]",
         "v1.2.0"},
        {"blocked_pattern", {{"v1.2.0", ""}, {"v1.2.1", ""}}, "1.1.0", "blocked: [\"1.2.*\"]", ""},
        {"old_enough",
         {{"v1.2.0", "date: 2026-02-27T00:00:00Z"}},
         "1.1.0",
         "minimumReleaseAge: 72h",
         "v1.2.0"},
        {"too_young",
         {{"v1.2.0", "date: 2026-02-27T00:00:01Z"}, {"v1.1.1", "date: 2026-01-01T00:00:00Z"}},
         "1.1.0",
         "minimumReleaseAge: 72h",
         "v1.1.1"},
        {"age_unknown", {{"v1.2.0", ""}}, "1.1.0", "minimumReleaseAge: 72h", ""},
        {"not_out_yet", {{"v1.2.0", "date: 2026-03-02T00:00:01Z"}}, "1.1.0", "", ""},
        {"no_way", {{"v1.2.0", "upgradesFrom: \">=1.1.5\""}, {"v1.1.1", ""}}, "1.1.0", "", "v1.1.1"},
        {"over_another_one",
         {{"v1.2.0", "upgradesFrom: \">=1.1.1\""}, {"v1.1.1", ""}},
         "1.1.0",
         "",
         "v1.2.0"},
        {"patch_in_patch", {{"v1.1.1", ""}}, "1.1.0", "autoApprove: patch", "v1.1.1", false},
        {"minor_above_patch", {{"v1.2.0", ""}}, "1.1.0", "autoApprove: patch", "v1.2.0", true},
        {"minor_in_minor", {{"v1.2.0", ""}}, "1.1.0", "autoApprove: minor", "v1.2.0", false},
        {"major_above_minor", {{"v2.0.0", ""}}, "1.1.0", "autoApprove: minor", "v2.0.0", true},
        {"major_in_major", {{"v2.0.0", ""}}, "1.1.0", "autoApprove: major", "v2.0.0", false},
        {"patch_above_security", {{"v1.1.1", ""}}, "1.1.0", "autoApprove: security", "v1.1.1", true},
        {"security_in_security",
         {{"v1.1.1", "security: true"}},
         "1.1.0",
         "autoApprove: security",
         "v1.1.1",
         false},
        {"security_minor_above",
         {{"v1.2.0", "security: true"}},
         "1.1.0",
         "autoApprove: security",
         "v1.2.0",
         true},
        {"security_above_none", {{"v1.1.1", "security: true"}}, "1.1.0", "autoApprove: none", "v1.1.1", true},
        {"template_asks",
         {{"v1.1.1", ""}},
         "1.1.0",
         "autoApprove: major, template: {approval: {required: true}}",
         "v1.1.1",
         true},
    }),
    [](const auto& row) { return row.param.name; });

TEST(Policy, APassHasTheUpgradeAndItsRecordAndTheNextOneNothing) {
  PolicyFleet fleet;
  fleet.AddCluster("c1", "1.1.0");
  fleet.AddRelease("v1.2.0");
  fleet.AddPolicy("");
  EXPECT_EQ(fleet.PassAt(kNow).size(), 1U);
  ASSERT_TRUE(fleet.book.contains({.name = "follow-v1.2.0"}));
  EXPECT_EQ(fleet.book[{.name = "follow-v1.2.0"}].spec_hash, fleet.Upgrade("follow-v1.2.0").spec_hash);
  const Plan again = fleet.PlanAt(kNow);
  EXPECT_THAT(again.documents, IsEmpty());
  EXPECT_THAT(again.transitions, IsEmpty());
  for (const Decision& d : again.decisions) EXPECT_THAT(d.transitions, IsEmpty());
}

TEST(Policy, ADeletedManifestIsANo) {
  PolicyFleet fleet;
  fleet.AddCluster("c1", "1.1.0");
  fleet.AddRelease("v1.2.0");
  fleet.AddPolicy("");
  fleet.PassAt(kNow);
  fleet.Remove("follow-v1.2.0");
  EXPECT_THAT(fleet.PassAt(kNow + Seconds{1}), IsEmpty());
  EXPECT_THAT(fleet.PlanAt(kNow + Seconds{1}).problems, IsEmpty());
  fleet.AddRelease("v1.3.0");
  EXPECT_EQ(fleet.PassAt(kNow + Seconds{2}).size(), 1U);
}

TEST(Policy, ANewerOneSupersedesWhatHasNotStarted) {
  PolicyFleet fleet;
  fleet.AddCluster("c1", "1.1.0");
  fleet.AddRelease("v1.2.0");
  fleet.AddPolicy("autoApprove: major");
  fleet.PassAt(kNow);
  EXPECT_EQ(fleet.book[{.name = "follow-v1.2.0"}].clusters.front().state, ClusterState::kPending);
  fleet.AddRelease("v1.3.0");
  fleet.PassAt(kNow + Seconds{1});
  EXPECT_EQ(fleet.book[{.name = "follow-v1.2.0"}].clusters.front().outcome, Outcome::kSuperseded);
  EXPECT_EQ(fleet.book[{.name = "follow-v1.3.0"}].clusters.front().state, ClusterState::kPending);
}

TEST(Policy, TheTimeAtWhichAReleaseIsOldEnoughIsForetold) {
  PolicyFleet fleet;
  fleet.AddCluster("c1", "1.1.0");
  fleet.AddRelease("v1.0.5", "date: 2026-03-01T00:00:00Z");  // Older than what runs: nothing comes of it.
  fleet.AddRelease("v1.2.0", "date: 2026-03-01T12:00:00Z");
  fleet.AddPolicy("minimumReleaseAge: 48h");
  EXPECT_EQ(fleet.PlanAt(kNow).next_wake, At("2026-03-03T12:00:00Z"));
  EXPECT_THAT(fleet.PlanAt(At("2026-03-03T11:59:59Z")).documents, IsEmpty());
  EXPECT_EQ(fleet.PlanAt(At("2026-03-03T12:00:00Z")).documents.size(), 1U);
}

TEST(Policy, EachProviderHasItsOwnUpgrade) {
  PolicyFleet fleet;
  fleet.AddCluster("a1", "33.0.0", "aws");
  fleet.AddCluster("z1", "33.0.0", "azure");
  fleet.AddRelease("aws-34.0.0");
  fleet.AddRelease("azure-34.1.0");
  fleet.AddPolicy("");
  EXPECT_THAT(Paths(fleet.PassAt(kNow)), ElementsAre("upgrades/generated/follow-aws-34.0.0.yaml",
                                                     "upgrades/generated/follow-azure-34.1.0.yaml"));
  const FleetModel model = FleetModel::Build(fleet.fleet);
  EXPECT_THAT(model.upgrades()[0].clusters, ElementsAre(0U));
  EXPECT_THAT(model.upgrades()[1].clusters, ElementsAre(1U));
}

TEST(Policy, AProviderThatIsNamedIsTheOnlyOne) {
  PolicyFleet fleet;
  fleet.AddCluster("a1", "33.0.0", "aws");
  fleet.AddCluster("z1", "33.0.0", "azure");
  fleet.AddRelease("aws-34.0.0");
  fleet.AddRelease("azure-34.1.0");
  fleet.AddPolicy("releases: {provider: azure}");
  EXPECT_THAT(Paths(fleet.PassAt(kNow)), ElementsAre("upgrades/generated/follow-azure-34.1.0.yaml"));
}

TEST(Policy, ReleasesWithoutAPrefixAreForThoseWhoHaveNoOthers) {
  PolicyFleet fleet;
  fleet.AddCluster("a1", "1.0.0", "aws");
  fleet.AddCluster("n1", "1.0.0");
  fleet.AddCluster("z1", "1.0.0", "azure");
  fleet.AddRelease("aws-1.1.0");
  fleet.AddRelease("1.2.0");
  fleet.AddPolicy("");
  EXPECT_EQ(fleet.PassAt(kNow).size(), 2U);
  const FleetModel model = FleetModel::Build(fleet.fleet);
  EXPECT_THAT(model.upgrades()[0].clusters, ElementsAre(1U, 2U));  // 1.2.0
  EXPECT_THAT(model.upgrades()[1].clusters, ElementsAre(0U));      // aws-1.1.0
}

TEST(Policy, OneClusterAboveTheLevelAsksForAnApprovalOfAll) {
  PolicyFleet fleet;
  fleet.AddCluster("c1", "1.1.0");
  fleet.AddCluster("c2", "1.0.0");
  fleet.AddRelease("v1.1.1");
  fleet.AddPolicy("autoApprove: patch");
  fleet.PassAt(kNow);
  EXPECT_TRUE(fleet.Upgrade("follow-v1.1.1").approval.required);
}

TEST(Policy, ACloserUpgradeTakesNobodyAlongUnapproved) {
  PolicyFleet fleet;
  fleet.AddCluster("c1", "1.1.0");
  fleet.AddCluster("c2", "1.0.0");
  fleet.AddRelease("v1.1.1");
  fleet.AddRelease("v1.2.0", "upgradesFrom: \"=1.0.0\"");
  fleet.AddPolicy("autoApprove: patch");
  EXPECT_EQ(fleet.PassAt(kNow).size(), 2U);
  // It selects c2 too, and for that one it is a minor bump.
  EXPECT_TRUE(fleet.Upgrade("follow-v1.1.1").approval.required);
}

/// The gate's verdict and, where it does not pass, its words.
std::string ApprovalOf(const PolicyFleet& fleet, const std::string& cluster) {
  for (const Decision& d : fleet.PlanAt(kNow).decisions) {
    if (d.cluster != cluster) continue;
    const GateResult& gate = d.gate(Gate::kApproval);
    return gate.verdict == Verdict::kPass ? "pass" : gate.message;
  }
  return "no decision";
}

TEST(Policy, WhoComesLaterIsAskedAboutWhereItsOwnStepIsAboveTheLevel) {
  PolicyFleet fleet;
  fleet.AddCluster("c1", "1.1.0");
  fleet.AddRelease("v1.1.1", "security: true");
  fleet.AddPolicy("autoApprove: security");
  fleet.PassAt(kNow);
  ASSERT_FALSE(fleet.Upgrade("follow-v1.1.1").approval.required);
  fleet.AddCluster("c2", "1.0.9");
  fleet.AddCluster("c3", "1.1.0");
  fleet.AddCluster("c4", "1.1.1");
  fleet.AddCluster("c5", "nonsense");
  fleet.clusters.back().refs[0].version.clear();
  EXPECT_EQ(ApprovalOf(fleet, "c1"), "pass");
  EXPECT_THAT(ApprovalOf(fleet, "c2"),
              ::testing::StartsWith("v1.0.9 -> v1.1.1 is minor, and autoApprove of UpgradePolicy "
                                    "default/follow is security: nobody has approved the upgrade"));
  EXPECT_EQ(ApprovalOf(fleet, "c3"), "pass");
  EXPECT_EQ(ApprovalOf(fleet, "c4"), "pass") << "it is there already";
  EXPECT_THAT(ApprovalOf(fleet, "c5"), ::testing::StartsWith("nobody has approved"))
      << "nobody knows its step";
  // Whose policy cannot be read, of that nobody knows what it lets pass.
  fleet.fleet.broken.push_back({.kind = "UpgradePolicy",
                                .name = fleet.fleet.policies[0].name,
                                .origin = {},
                                .message = "a slip",
                                .match = {}});
  fleet.fleet.policies.clear();
  EXPECT_NE(ApprovalOf(fleet, "c1"), "pass");
  // Who moves the manifest takes it over.
  fleet.fleet.upgrades[0].origin.file = "upgrades/mine.yaml";
  EXPECT_EQ(ApprovalOf(fleet, "c2"), "pass");
}

TEST(Policy, TheTemplateIsCopied) {
  PolicyFleet fleet;
  fleet.AddCluster("c1", "1.1.0");
  fleet.AddRelease("v1.2.0");
  fleet.AddPolicy(
      "template: {upgradePlanRef: {name: dev-then-prod}, runway: 2h, priority: 7, reminders: [7d, 1d], "
      "startTime: 2026-04-01T00:00:00Z, "
      "checks: {after: [{type: Nodes, minReady: \"100%\", depth: 1.5, on: {a: [true, null]}}]}}");
  fleet.PassAt(kNow);
  const ClusterUpgrade& upgrade = fleet.Upgrade("follow-v1.2.0");
  EXPECT_EQ(upgrade.plan->value.str(), "default/dev-then-prod");
  EXPECT_EQ(upgrade.runway, std::chrono::hours{2});
  EXPECT_EQ(upgrade.priority, 7);
  EXPECT_EQ(upgrade.reminders.size(), 2U);
  EXPECT_EQ(upgrade.start_time, At("2026-04-01T00:00:00Z"));
  ASSERT_EQ(upgrade.checks_after.size(), 1U);
  EXPECT_EQ(upgrade.checks_after[0].parameters, R"({"depth":1.5,"minReady":"100%","on":{"a":[true,null]}})");
}

TEST(Policy, MatchersAreCopiedAsTheyAre) {
  PolicyFleet fleet;
  fleet.AddCluster("c1", "1.1.0");
  fleet.AddRelease("v1.2.0");
  fleet.Add(
      "apiVersion: lockkeeper.dev/v1alpha1\nkind: UpgradePolicy\nmetadata: {name: p, namespace: "
      "team-a}\nspec:\n"
      "  matchers: [{key: fleet, value: \"a|all\", isRegex: true}, {key: stage, value: 'it''s \"x\"', "
      "isEqual: false}]\n"
      "  clusterSelector: {matchLabels: {fleet: all}, matchExpressions: [{key: gone, operator: "
      "DoesNotExist}]}\n");
  EXPECT_THAT(Paths(fleet.PassAt(kNow)), ElementsAre("upgrades/generated/team-a/p-v1.2.0.yaml"));
  const ClusterUpgrade& upgrade = fleet.Upgrade("p-v1.2.0");
  EXPECT_EQ(upgrade.name.ns, "team-a");
  auto same = [](const Matcher& a, const Matcher& b) {
    return a.key == b.key && a.value == b.value && a.is_regex == b.is_regex && a.is_equal == b.is_equal;
  };
  EXPECT_TRUE(std::ranges::equal(upgrade.match.matchers, fleet.fleet.policies[0].match.matchers, same));
  EXPECT_EQ(upgrade.match.selector.size(), 2U);
}

TEST(Policy, ABuildInAReleaseStandsInANameAsADash) {
  PolicyFleet fleet;
  fleet.AddCluster("c1", "1.31.7+rke2r1");
  fleet.AddRelease("v1.31.7+rke2r2");
  fleet.AddPolicy("autoApprove: patch");
  EXPECT_THAT(Paths(fleet.PassAt(kNow)), ElementsAre("upgrades/generated/follow-v1.31.7-rke2r2.yaml"));
  EXPECT_EQ(fleet.Upgrade("follow-v1.31.7-rke2r2").release.name.value, "v1.31.7+rke2r2");
  EXPECT_THAT(fleet.PassAt(kNow), IsEmpty());
}

TEST(Policy, ANameThatIsTakenIsToldAndLeftAlone) {
  PolicyFleet fleet;
  fleet.AddCluster("c1", "1.1.0");
  fleet.AddRelease("v1.2.0");
  fleet.AddPolicy("");
  fleet.Add(
      "apiVersion: lockkeeper.dev/v1alpha1\nkind: ClusterUpgrade\nmetadata: {name: follow-v1.2.0}\n"
      "spec: {matchers: [{key: cluster, value: other}], releaseRef: {name: v1.2.0}}\n");
  const Plan plan = fleet.PlanAt(kNow);
  EXPECT_THAT(plan.documents, IsEmpty());
  EXPECT_THAT(plan.problems, ElementsAre(HasSubstr("an upgrade of that name is there already: file.yaml:1")));
}

TEST(Policy, AFileThatIsThereIsToldAndLeftAlone) {
  PolicyFleet fleet;
  fleet.AddCluster("c1", "1.1.0");
  fleet.AddRelease("v1.2.0");
  fleet.AddPolicy("");
  fleet.refusals["upgrades/generated/follow-v1.2.0.yaml"] = "it is there already";
  EXPECT_THAT(fleet.PlanAt(kNow).documents, IsEmpty());
  EXPECT_THAT(fleet.PlanAt(kNow).problems, ElementsAre(HasSubstr("it is there already")));
}

TEST(Policy, OfTwoPoliciesThatWantOneNameTheFirstHasIt) {
  PolicyFleet fleet;
  fleet.AddCluster("c1", "1.0.0");
  fleet.AddCluster("d1", "1.0.0", "b");
  fleet.AddRelease("1.1.0");
  fleet.AddRelease("b-1.1.0");
  fleet.AddPolicy("releases: {provider: b}", "a");
  fleet.fleet.policies[0].match.matchers[0] = {.key = "cluster", .value = "d1"};
  fleet.AddPolicy("", "a-b");
  fleet.fleet.policies[1].match.matchers[0] = {.key = "cluster", .value = "c1"};
  const Plan plan = fleet.PlanAt(kNow);
  EXPECT_THAT(Paths(plan.documents), ElementsAre("upgrades/generated/a-b-1.1.0.yaml"));
  EXPECT_THAT(plan.problems, ElementsAre(HasSubstr("UpgradePolicy default/a-b")));
}

TEST(Policy, WhatCannotBeReadHoldsIt) {
  PolicyFleet fleet;
  fleet.AddCluster("c1", "1.1.0");
  fleet.AddRelease("v1.2.0");
  fleet.AddPolicy("");
  PolicyFleet incomplete = fleet;
  incomplete.fleet.clusters = incomplete.clusters;
  incomplete.fleet.inventory_incomplete = true;
  EXPECT_THAT(incomplete.PlanAt(kNow).documents, IsEmpty());
  fleet.fleet.unreadable_files = {"upgrades/x.yaml"};
  EXPECT_THAT(fleet.PlanAt(kNow).documents, IsEmpty());
}

struct EndRow {
  const char* name;
  const char* mode;
  const char* end;  ///< endOfLifeDate of what runs
  const char* made;
  bool approval = true;
};

class PolicyEndOfLife : public testing::TestWithParam<EndRow> {};

TEST_P(PolicyEndOfLife, LeadsOutOfTheRangeByProposalOnly) {
  const EndRow& row = GetParam();
  PolicyFleet fleet;
  fleet.AddCluster("c1", "1.1.0");
  fleet.AddRelease("v1.1.0", fmt::format("endOfLifeDate: {}", row.end));
  fleet.AddRelease("v2.0.0");
  fleet.AddPolicy(
      fmt::format("releases: {{range: \"<2.0.0\"}}, autoApprove: major, onEndOfLife: {}", row.mode));
  const auto documents = fleet.PassAt(kNow);
  if (*row.made == '\0') {
    EXPECT_THAT(documents, IsEmpty());
    return;
  }
  ASSERT_EQ(documents.size(), 1U);
  EXPECT_TRUE(fleet.Upgrade(row.made).approval.required);
  EXPECT_THAT(documents[0].text, HasSubstr("comes to its end of life"));
}

INSTANTIATE_TEST_SUITE_P(Rows, PolicyEndOfLife,
                         testing::ValuesIn(std::vector<EndRow>{
                             {"ignored", "Ignore", "2026-01-01T00:00:00Z", ""},
                             {"proposed", "Propose", "2026-01-01T00:00:00Z", "follow-v2.0.0"},
                             {"a_month_before", "Propose", "2026-04-01T00:00:00Z", "follow-v2.0.0"},
                             {"not_earlier", "Propose", "2026-04-01T00:00:01Z", ""},
                             {"enforced_is_proposed_out_of_range", "Enforce", "2026-01-01T00:00:00Z",
                              "follow-v2.0.0"},
                         }),
                         [](const auto& row) { return row.param.name; });

TEST(Policy, AnEndOfLifeIsEnforcedForThoseWhoRunIt) {
  PolicyFleet fleet;
  fleet.AddCluster("c1", "1.1.0");
  fleet.AddCluster("c2", "1.2.0");
  fleet.AddRelease("v1.1.0", "endOfLifeDate: 2026-03-10T00:00:00Z");
  fleet.AddRelease("v1.2.0");
  fleet.AddRelease("v1.3.0");
  fleet.AddPolicy("onEndOfLife: Enforce, template: {priority: 5, approval: {approvers: [alice]}}");
  EXPECT_THAT(Paths(fleet.PassAt(kNow)), ElementsAre("upgrades/generated/follow-v1.3.0.yaml"));
  const Instant end = At("2026-03-10T00:00:00Z");
  EXPECT_EQ(fleet.PlanAt(kNow).next_wake, end);
  EXPECT_THAT(Paths(fleet.PassAt(end)), ElementsAre("upgrades/generated/follow-v1.3.0-end-of-life.yaml"));
  const ClusterUpgrade& enforced = fleet.Upgrade("follow-v1.3.0-end-of-life");
  EXPECT_FALSE(enforced.approval.required);
  EXPECT_EQ(enforced.priority, 1'005);
  const FleetModel model = FleetModel::Build(fleet.fleet);
  EXPECT_THAT(model.upgrades()[1].clusters, ElementsAre(0U));
  EXPECT_THAT(fleet.PassAt(end), IsEmpty());
}

TEST(Policy, WhoHasSaidNoIsNotEnforced) {
  PolicyFleet fleet;
  fleet.AddCluster("c1", "1.1.0");
  fleet.AddRelease("v1.1.0", "endOfLifeDate: 2026-03-10T00:00:00Z");
  fleet.AddRelease("v1.3.0");
  fleet.AddPolicy("onEndOfLife: Enforce");
  fleet.PassAt(kNow);
  fleet.Remove("follow-v1.3.0");
  EXPECT_THAT(fleet.PassAt(At("2026-03-11T00:00:00Z")), IsEmpty());
}

TEST(Policy, WhatAPassDoesIsAskedAboutASecondLater) {
  PolicyFleet fleet;
  fleet.fleet.settings->unscheduled = Unscheduled::kOpen;
  fleet.AddCluster("c1", "1.1.0");
  fleet.AddRelease("v1.2.0", "endOfLifeDate: 2026-01-10T00:00:00Z");
  fleet.AddRelease("v2.0.0");
  fleet.AddPolicy("releases: {range: \"<2.0.0\"}, autoApprove: minor, onEndOfLife: Propose");
  fleet.PassAt(kNow);
  EXPECT_EQ(fleet.clusters[0].release.str(), "1.2.0");
  EXPECT_THAT(fleet.PassAt(kNow), IsEmpty());
  EXPECT_EQ(fleet.PlanAt(kNow).next_wake, kNow + Seconds{1});
  EXPECT_THAT(Paths(fleet.PassAt(kNow + Seconds{1})), ElementsAre("upgrades/generated/follow-v2.0.0.yaml"));
}

TEST(Policy, BetweenTwoHopsNothingIsMadeBeside) {
  PolicyFleet fleet;
  fleet.fleet.settings->unscheduled = Unscheduled::kOpen;
  fleet.AddCluster("c1", "1.1.0");
  fleet.clusters[0].max_skip.minor = 1;
  fleet.fleet.clusters = fleet.clusters;
  fleet.AddRelease("v1.1.0", "endOfLifeDate: 2026-01-10T00:00:00Z");
  fleet.AddRelease("v1.2.0");
  fleet.AddRelease("v1.3.0");
  fleet.AddPolicy("onEndOfLife: Enforce");
  EXPECT_THAT(Paths(fleet.PassAt(kNow)), ElementsAre("upgrades/generated/follow-v1.3.0-end-of-life.yaml"));
  EXPECT_EQ(fleet.clusters[0].release.str(), "1.2.0");
  EXPECT_THAT(fleet.PassAt(kNow), IsEmpty());
  EXPECT_THAT(fleet.PassAt(kNow + std::chrono::minutes{2}), IsEmpty());
  EXPECT_EQ(fleet.clusters[0].release.str(), "1.3.0");
}

}  // namespace
}  // namespace lockkeeper
