// What the values hold; the findings are in manifest_golden_test.cc.
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

TEST(DecodeFleet, TakesEveryField) {
  DecodedFile file = DecodeGood("fleet.yaml");
  ASSERT_EQ(file.fleets.size(), 1u);
  const FleetSettings& fleet = file.fleets[0];
  EXPECT_EQ(fleet.name.str(), "default/acme");
  EXPECT_EQ(fleet.origin.file, "fleet.yaml");
  EXPECT_EQ(fleet.origin.mark, (Mark{1, 1}));
  EXPECT_EQ(fleet.manifests, (std::vector<std::string>{"upgrades/", "teams/*/upgrades/**"}));
  EXPECT_TRUE(fleet.has_catalog());
  EXPECT_EQ(fleet.unscheduled, Unscheduled::kClosed);
  EXPECT_EQ(fleet.delivery.mode.value, DeliveryMode::kMergeRequest);
  EXPECT_EQ(fleet.delivery.mode.mark, (Mark{40, 20}));
  EXPECT_EQ(fleet.delivery.group_by, GroupBy::kStage);
  EXPECT_EQ(fleet.delivery.branch_prefix, "bumps/");
  EXPECT_EQ(fleet.delivery.open_before, std::chrono::days{3});
  EXPECT_EQ(fleet.delivery.merge, MergeBy::kPeople);
  EXPECT_EQ(fleet.status.path, "record/");
  EXPECT_EQ(fleet.status.branch.value, "lockkeeper-status");
  ASSERT_TRUE(fleet.forge.has_value());
  EXPECT_EQ(fleet.forge->type, ForgeType::kGitlab);
  EXPECT_EQ(fleet.forge->url.value, "https://git.example.com");
  EXPECT_EQ(fleet.forge->project.value, "group/fleet");
  EXPECT_EQ(fleet.limits.open_merge_requests, 20);
  EXPECT_EQ(fleet.limits.bumps_per_hour, 5);
  EXPECT_EQ(fleet.limits.max_concurrency, 3);
  EXPECT_EQ(fleet.commit.author_name, "Lock Keeper");
  EXPECT_EQ(fleet.commit.author_email, "lockkeeper@example.com");
  EXPECT_EQ(fleet.commit.signing.value, "ssh");
  ASSERT_EQ(fleet.checks_before.size(), 1u);
  EXPECT_EQ(fleet.checks_before[0].type, "Nodes");
  EXPECT_EQ(fleet.checks_before[0].parameters, R"({"minReady":"100%"})");
  ASSERT_EQ(fleet.checks_after.size(), 2u);
  EXPECT_EQ(fleet.checks_after[0].parameters, "{}");
  EXPECT_EQ(fleet.checks_after[1].parameters,
            R"({"expect":200,"url":"https://{cluster}.example.com/healthz"})");
}

TEST(DecodeFleet, TakesInventoryRules) {
  DecodedFile file = DecodeGood("fleet.yaml");
  ASSERT_EQ(file.fleets.size(), 1u);
  ASSERT_EQ(file.fleets[0].inventory.size(), 2u);
  const InventoryRule& rule = file.fleets[0].inventory[0];
  EXPECT_EQ(rule.name, "workload-clusters");
  EXPECT_EQ(rule.profile, "");
  EXPECT_EQ(rule.include, std::vector<std::string>{"clusters/*/cluster.yaml"});
  EXPECT_EQ(rule.exclude, std::vector<std::string>{"**/bases/**"});
  EXPECT_EQ(rule.select_api_version, "cluster.x-k8s.io/*");
  EXPECT_EQ(rule.select_kind, "Cluster");
  EXPECT_EQ(rule.where.at("metadata.labels.[acme.example/managed-by]"), "lockkeeper");
  EXPECT_EQ(rule.needle, "cluster.x-k8s.io");
  EXPECT_EQ(rule.cluster.value, "metadata.name");
  EXPECT_EQ(rule.cluster_namespace.value, "metadata.namespace");
  EXPECT_EQ(rule.labels_from.value, "metadata.labels");
  EXPECT_EQ(rule.labels, (std::map<std::string, std::string>{{"provider", "aws"}, {"tier", "1"}}));
  EXPECT_EQ(rule.time_zone, "Europe/Stockholm");
  EXPECT_EQ(rule.max_skip.minor, 1);
  EXPECT_EQ(rule.max_skip.major, std::nullopt);
  ASSERT_EQ(rule.refs.size(), 2u);
  EXPECT_EQ(rule.refs[0].path.value, "spec.topology.version");
  EXPECT_EQ(rule.refs[0].path.mark, (Mark{25, 13}));
  EXPECT_EQ(rule.refs[0].format.value, "v{version}");
  EXPECT_EQ(rule.refs[0].role, RefRole::kRelease);
  EXPECT_EQ(rule.refs[1].file.value, "../../infra/{cluster}/kustomization.yaml");
  EXPECT_EQ(rule.refs[1].select_kind, "Kustomization");
  EXPECT_EQ(rule.refs[1].where.at("metadata.name"), "{cluster}");
  EXPECT_EQ(rule.refs[1].role, RefRole::kNodes);
  EXPECT_TRUE(rule.refs[1].optional);
}

TEST(DecodeFleet, MergesProfiles) {
  DecodedFile file =
      DecodeManifests("lockkeeper.yaml",
                      "apiVersion: lockkeeper.dev/v1alpha1\nkind: Fleet\nmetadata: {name: a}\n"
                      "spec:\n  inventory:\n  - profile: capi-topology\n    labels: {stage: dev}\n");
  ASSERT_EQ(file.fleets.size(), 1u);
  ASSERT_EQ(file.fleets[0].inventory.size(), 1u);
  const InventoryRule& rule = file.fleets[0].inventory[0];
  EXPECT_EQ(rule.name, "capi-topology");
  EXPECT_EQ(rule.select_kind, "Cluster");
  EXPECT_EQ(rule.labels.at("stage"), "dev");
  ASSERT_EQ(rule.refs.size(), 1u);
  EXPECT_EQ(rule.refs[0].path.value, "spec.topology.version");
  EXPECT_EQ(rule.max_skip.minor, 1);
}

TEST(DecodeUpgrade, TakesEveryField) {
  DecodedFile file = DecodeGood("upgrade.yaml");
  ASSERT_EQ(file.upgrades.size(), 1u);
  const ClusterUpgrade& upgrade = file.upgrades[0];
  EXPECT_EQ(upgrade.name.str(), "team-a/to-34-1");
  ASSERT_EQ(upgrade.match.matchers.size(), 4u);
  EXPECT_EQ(upgrade.match.matchers[0], (Matcher{"cluster_id", "mgab6", false, true, {6, 31}}));
  EXPECT_EQ(upgrade.match.matchers[1], (Matcher{"stage", "dev|staging", true, true, {7, 45}}));
  EXPECT_FALSE(upgrade.match.matchers[2].is_equal);
  EXPECT_EQ(upgrade.match.matchers[3].value, "5");
  ASSERT_EQ(upgrade.match.selector.size(), 3u);
  EXPECT_EQ(upgrade.match.selector[0].key, "team");
  EXPECT_EQ(upgrade.match.selector[0].values, std::vector<std::string>{"a"});
  EXPECT_EQ(upgrade.match.selector[1].op, SelectorOperator::kNotIn);
  EXPECT_EQ(upgrade.match.selector[1].values, (std::vector<std::string>{"gold", "1"}));
  EXPECT_EQ(upgrade.match.selector[2].op, SelectorOperator::kDoesNotExist);
  EXPECT_EQ(upgrade.release.api_version, "release.giantswarm.io/v1alpha1");
  EXPECT_EQ(upgrade.release.name.value, "aws-34.1.0");
  EXPECT_EQ(FormatInstant(*upgrade.start_time), "2026-03-10T07:00:00Z");
  EXPECT_EQ(FormatInstant(*upgrade.start_deadline), "2026-04-09T22:00:00Z");
  EXPECT_EQ(upgrade.finish_timeout, std::chrono::hours{2});
  EXPECT_EQ(upgrade.schedule->value.str(), "team-a/working-hours");
  EXPECT_EQ(upgrade.plan->value.str(), "platform/dev-then-prod");
  EXPECT_EQ(upgrade.runway, std::chrono::minutes{45});
  EXPECT_EQ(upgrade.scope, UpgradeScope::kControlPlane);
  EXPECT_EQ(upgrade.notice_period, std::chrono::days{45});
  EXPECT_EQ(upgrade.reminders, (std::vector<Seconds>{std::chrono::days{7}, std::chrono::days{1}}));
  EXPECT_TRUE(upgrade.approval.required);
  EXPECT_EQ(upgrade.approval.approvers, (std::vector<std::string>{"alice", "bob"}));
  EXPECT_EQ(upgrade.approval.expires_after, std::chrono::days{14});
  EXPECT_EQ(upgrade.priority, -5);
  EXPECT_TRUE(upgrade.suspend);
  ASSERT_TRUE(upgrade.override_.has_value());
  EXPECT_TRUE(upgrade.override_->windows);
  EXPECT_EQ(upgrade.override_->reason, "CVE-2026-1\nsee the wiki");
  EXPECT_EQ(upgrade.override_->by, "alice");
  EXPECT_EQ(upgrade.delivery->value, DeliveryMode::kBranch);
  ASSERT_EQ(upgrade.checks_after.size(), 1u);
  EXPECT_EQ(upgrade.checks_after[0].type, "Prometheus");
  EXPECT_TRUE(upgrade.spec_hash.starts_with("sha256:"));
  EXPECT_EQ(upgrade.spec_hash.size(), 7u + 64u);
}

TEST(DecodeSchedule, TakesEveryField) {
  DecodedFile file = DecodeGood("schedules.yaml");
  ASSERT_EQ(file.schedules.size(), 2u);
  const MaintenanceSchedule& schedule = file.schedules[0];
  EXPECT_EQ(schedule.origin.document, 2);
  EXPECT_EQ(schedule.time_zone.value, "Europe/Stockholm");
  EXPECT_EQ(schedule.time_zone.mark, (Mark{11, 13}));
  EXPECT_TRUE(schedule.match.written);
  EXPECT_TRUE(schedule.match.empty());
  EXPECT_TRUE(schedule.is_default);
  ASSERT_EQ(schedule.windows.size(), 2u);
  const WindowItem& window = schedule.windows[0];
  EXPECT_EQ(window.name, "working-hours");
  EXPECT_EQ(FormatCivil(std::get<CivilTime>(window.start.value)), "2026-03-10T07:00:00");
  EXPECT_FALSE(window.end.has_value());
  EXPECT_EQ(window.duration->value, std::chrono::hours{10});
  EXPECT_EQ(window.time_zone.value, "America/New_York");
  ASSERT_EQ(window.exdates.size(), 3u);
  EXPECT_TRUE(std::holds_alternative<std::chrono::local_days>(window.exdates[0].value));
  EXPECT_TRUE(std::holds_alternative<CivilTime>(std::get<WrittenTime>(window.exdates[1].value)));
  EXPECT_TRUE(std::holds_alternative<Instant>(std::get<WrittenTime>(window.exdates[2].value)));
  EXPECT_TRUE(schedule.windows[1].end.has_value());
  EXPECT_EQ(schedule.windows[1].scope, kEveryScope);
  ASSERT_EQ(schedule.exclusions.size(), 1u);
  EXPECT_EQ(schedule.exclusions[0].scope,
            static_cast<ChangeScopes>(ChangeScope::kMajor) | static_cast<ChangeScopes>(ChangeScope::kMinor));
  ASSERT_EQ(schedule.calendars.size(), 1u);
  EXPECT_EQ(schedule.calendars[0].path.value, "calendars/se.ics");
  EXPECT_FALSE(schedule.calendars[0].allows);
  EXPECT_EQ(schedule.runway, std::chrono::minutes{45});
  EXPECT_EQ(schedule.spread, std::chrono::minutes{30});
  EXPECT_FALSE(file.schedules[1].match.written);
  EXPECT_EQ(file.schedules[1].time_zone.value, "UTC");
}

TEST(DecodeRelease, TakesEveryField) {
  DecodedFile file = DecodeGood("releases.yaml");
  ASSERT_EQ(file.releases.size(), 2u);
  const Release& own = file.releases[0];
  EXPECT_EQ(own.name, "v1.20.0");
  EXPECT_EQ(own.state, ReleaseState::kDeprecated);
  EXPECT_EQ(FormatInstant(*own.date), "2026-03-01T00:00:00Z");
  EXPECT_EQ(FormatInstant(*own.end_of_life), "2027-03-01T11:00:00Z");
  ASSERT_EQ(own.components.size(), 3u);
  EXPECT_EQ(own.components[1].version, "1.20");
  EXPECT_EQ(own.components[2].name, "cilium");
  EXPECT_TRUE(own.security);
  EXPECT_EQ(own.upgrades_from.value, ">=1.19.0 <1.20.0");
  ASSERT_EQ(own.blocked_from.size(), 1u);
  EXPECT_EQ(own.blocked_from[0].range.value, "<1.19.5");
  EXPECT_EQ(own.blocked_from[0].reason, "etcd loses its members");
  ASSERT_TRUE(own.blocked_from[0].match.has_value());
  EXPECT_EQ(own.blocked_from[0].match->matchers[0].value, "azure");
  EXPECT_EQ(own.notes_url, "https://example.com/v1.20.0");
  EXPECT_EQ(own.disruption, Disruption::kControlPlane);
  EXPECT_EQ(file.releases[1].name, "aws-34.1.0");
  EXPECT_EQ(file.releases[1].state, ReleaseState::kPreview);
  EXPECT_EQ(file.releases[1].components.size(), 2u);
}

TEST(DecodeBroken, AnObjectWithAnErrorIsOnlyInBroken) {
  DecodedFile file =
      DecodeManifests("a.yaml",
                      "apiVersion: lockkeeper.dev/v1alpha1\nkind: MaintenanceSchedule\n"
                      "metadata: {name: nights, namespace: ops}\n"
                      "spec: {matchers: [{key: stage, value: prod}], runway: soon, zone: UTC}\n"
                      "---\napiVersion: lockkeeper.dev/v1alpha1\nkind: MaintenanceSchedule\n"
                      "metadata: {name: days}\nspec: {}\n");
  ASSERT_EQ(file.broken.size(), 1u);
  const BrokenObject& broken = file.broken[0];
  EXPECT_EQ(broken.kind, "MaintenanceSchedule");
  EXPECT_EQ(broken.name.str(), "ops/nights");
  EXPECT_EQ(broken.origin.mark, (Mark{1, 1}));
  EXPECT_TRUE(broken.message.starts_with("spec.runway: 'soon' is not a duration")) << broken.message;
  ASSERT_EQ(broken.match.matchers.size(), 1u);
  EXPECT_EQ(broken.match.matchers[0].value, "prod");
  ASSERT_EQ(file.schedules.size(), 1u);  // the neighbour goes on
  EXPECT_EQ(file.schedules[0].name.name, "days");
}

TEST(DecodeBroken, WhatCannotBeDecodedIsNeverPassedOver) {
  for (const char* text : {"apiVersion: lockkeeper.dev/v1alpha1\nkind: ClusterLock\nmetadata: {name: stop}\n",
                           "apiVersion: lockkeeper.dev/v1alpha1\nkind: ClusterLok\n",
                           "apiVersion: lockkeeper.dev/v2\nkind: ClusterLock\n",
                           "apiVersion: lockkeeper.dev/v1alpha1\n", "kind: ClusterLock\n", "kind: [", ",",
                           "apiVersion: lockkeeper.dev/v1alpha1\nkind: ClusterUpgrade\nkind: Fleet\n"}) {
    DecodedFile file = DecodeManifests("a.yaml", text);
    EXPECT_EQ(file.broken.size(), 1u) << text;
    ASSERT_FALSE(file.diagnostics.empty()) << text;
    EXPECT_EQ(file.diagnostics[0].severity, Severity::kError) << text;
    EXPECT_GT(file.diagnostics[0].mark.line, 0) << text;
  }
}

TEST(DecodeBroken, OfTwoObjectsOfOneNameNeitherCounts) {
  std::string object =
      "apiVersion: lockkeeper.dev/v1alpha1\nkind: MaintenanceSchedule\nmetadata: {name: a}\nspec: {}\n";
  DecodedFile file = DecodeManifests("a.yaml", object + "---\n" + object);
  EXPECT_TRUE(file.schedules.empty());
  EXPECT_EQ(file.broken.size(), 2u);
  ASSERT_EQ(file.diagnostics.size(), 1u);
  EXPECT_EQ(file.diagnostics[0].code, "duplicate-object");
  EXPECT_EQ(file.diagnostics[0].mark, (Mark{6, 1}));
}

TEST(DecodeForeign, OtherDocumentsAreIgnored) {
  for (const char* text :
       {"", "# nothing\n", "---\n---\n", "- a\n- b\n", "just text", "apiVersion: v1\nkind: ConfigMap\n",
        "apiVersion: apps/v1\nkind: Release\n", "apiVersion: fleet.cattle.io/v1alpha1\nkind: Fleet\n",
        "kind: Deployment\n", "apiVersion: [1]\nkind: Fleet\n", "a: &x 1\nb: *x\n",
        "kind: Cluster\napiVersion:\n"}) {
    DecodedFile file = DecodeManifests("a.yaml", text);
    EXPECT_TRUE(file.diagnostics.empty()) << text;
    EXPECT_TRUE(file.broken.empty()) << text;
  }
}

}  // namespace
}  // namespace lockkeeper
