// What lock, unlock, suspend, resume and approve write, decided from one state of a real repository.
#include <gtest/gtest.h>

#include "reconciler/core/plan/cluster_set.h"
#include "reconciler/cycle/approval_change.h"
#include "reconciler/cycle/lock_change.h"
#include "reconciler/cycle/suspend_change.h"
#include "tests/cycle/people_repository.h"

namespace lockkeeper {
namespace {

Instant At(std::string_view text) { return *ParseInstant(text); }
const Instant kNow = At("2026-03-01T07:00:00Z");

TestFile Lock(const std::string& name, const std::string& spec) {
  return {"upgrades/locks/" + name + ".yaml",
          fmt::format("apiVersion: lockkeeper.dev/v1alpha1\nkind: ClusterLock\nmetadata: {{name: {}}}\n"
                      "spec: {{reason: r, {}}}\n",
                      name, spec)};
}

LockRequest Request(std::vector<Matcher> matchers, const std::string& name = "") {
  LockRequest request{.lock = {}, .now = kNow};
  request.lock.name.name = name;
  request.lock.match = {.written = true, .matchers = std::move(matchers)};
  request.lock.reason = "r";
  request.lock.start = kNow;
  request.lock.expires_at = kNow + Seconds{3600};
  return request;
}

TEST(LockChange, NamesTheFileAfterItsMatchers) {
  struct Row {
    const char* name;
    std::vector<Matcher> matchers;
    std::string path;
    std::vector<std::string> clusters;
  };
  PeopleRepository world;
  const Row rows[] = {
      {"all", {}, "upgrades/locks/all.yaml", {"a1", "a2", "b1"}},
      {"cluster", {{.key = "cluster", .value = "a1"}}, "upgrades/locks/a1.yaml", {"a1"}},
      {"stage", {{.key = "stage", .value = "dev"}}, "upgrades/locks/stage-dev.yaml", {"a1", "a2"}},
      {"not",
       {{.key = "stage", .value = "dev", .is_regex = false, .is_equal = false}},
       "upgrades/locks/stage-not-dev.yaml",
       {"b1"}},
      {"two",
       {{.key = "stage", .value = "dev"}, {.key = "cluster", .value = "a2"}},
       "upgrades/locks/stage-dev-cluster-a2.yaml",
       {"a2"}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    auto change = DecideLock(world.Read(), *world.reader, Request(row.matchers));
    ASSERT_TRUE(change.has_value()) << change.error().message;
    EXPECT_EQ(change->path, row.path);
    EXPECT_EQ(change->clusters, row.clusters);
    EXPECT_EQ(change->changes.writes.size(), 1U);
  }
  auto regex = DecideLock(world.Read(), *world.reader,
                          Request({{.key = "stage", .value = "d.*", .is_regex = true, .is_equal = true}}));
  auto other = DecideLock(world.Read(), *world.reader,
                          Request({{.key = "stage", .value = "d.+", .is_regex = true, .is_equal = true}}));
  ASSERT_TRUE(regex && other);
  EXPECT_TRUE(regex->path.starts_with("upgrades/locks/stage-d-")) << regex->path;
  EXPECT_NE(regex->path, other->path);
}

TEST(LockChange, ItsPlaceMustBeFreeAndRead) {
  struct Row {
    const char* name;
    TestFile file;
    const char* message;
  };
  const Row rows[] = {
      {"another_lock", Lock("all", "matchers: [], expiresAt: 2026-03-02T07:00:00Z"),
       "holds until 2026-03-02"},
      {"a_broken_lock", Lock("all", "matchers: []"), "a lock all stands here and has errors"},
      {"something_else", {"upgrades/locks/all.yaml", "kind: Other\n"}, "holds something else"},
      {"in_another_file",
       {"upgrades/x.yaml", Lock("all", "matchers: [], expiresAt: 2026-03-01T06:00:00Z").content},
       "upgrades/x.yaml:1: a lock all stands here"},
      {"only_globs",
       {"lockkeeper.yaml",
        "apiVersion: lockkeeper.dev/v1alpha1\nkind: Fleet\nmetadata: {name: acme}\nspec: {manifests: "
        "[\"*/up*.yaml\", x.yaml], inventory: [{profile: capi-topology, include: [\"clusters/**\"]}]}\n"},
       "names no folder"},
      {"below_the_status",
       {"lockkeeper.yaml",
        "apiVersion: lockkeeper.dev/v1alpha1\nkind: Fleet\nmetadata: {name: acme}\nspec: {status: {path: "
        "upgrades/locks/}, inventory: [{profile: capi-topology, include: [\"clusters/**\"]}]}\n"},
       "would not be read"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    PeopleRepository world(std::vector<TestFile>{row.file});
    auto change = DecideLock(world.Read(), *world.reader, Request({}));
    ASSERT_FALSE(change.has_value()) << change->path;
    EXPECT_TRUE(change.error().message.contains(row.message)) << change.error().message;
  }
  PeopleRepository expired(
      std::vector<TestFile>{Lock("all", "matchers: [], expiresAt: 2026-03-01T07:00:00Z")});
  auto change = DecideLock(expired.Read(), *expired.reader, Request({}));
  ASSERT_TRUE(change.has_value()) << change.error().message;
  EXPECT_EQ(change->changes.writes.size(), 1U);
}

UnlockRequest Unlock(UnlockRequest::By by, const std::string& what) {
  return {.by = by, .what = what, .reason = "", .now = kNow};
}

TEST(UnlockChange, SaysWhoIsFreeAndWhoIsNot) {
  using By = UnlockRequest::By;
  PeopleRepository world(
      {Lock("dev", "matchers: [{name: stage, value: dev}], expiresAt: 2026-03-02T07:00:00Z"),
       Lock("one", "matchers: [{name: cluster, value: a1}], expiresAt: 2026-03-02T07:00:00Z"),
       Lock("old", "matchers: [], expiresAt: 2026-03-01T06:00:00Z"),
       Lock("later", "matchers: [], startTime: 2026-03-02T07:00:00Z, ttl: 1d")});
  struct Row {
    const char* name;
    UnlockRequest request;
    std::vector<std::string> removed;
    std::vector<std::string> free;
    std::vector<std::string> held;
  };
  const Row rows[] = {
      {"by_name", Unlock(By::kName, "dev"), {"dev"}, {"a2"}, {"a1"}},
      {"by_full_name", Unlock(By::kName, "default/one"), {"one"}, {}, {"a1"}},
      {"by_cluster", Unlock(By::kCluster, "a1"), {"one"}, {}, {"a1"}},
      {"expired", Unlock(By::kName, "old"), {"old"}, {}, {}},
      {"all", Unlock(By::kAll, ""), {"dev", "later", "old", "one"}, {"a1", "a2"}, {}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    auto change = DecideUnlock(world.Read(), *world.reader, row.request);
    ASSERT_TRUE(change.has_value()) << change.error().message;
    EXPECT_EQ(change->removed, row.removed);
    EXPECT_EQ(change->free, row.free);
    std::vector<std::string> held;
    for (const UnlockChange::Held& one : change->held) held.push_back(one.cluster);
    EXPECT_EQ(held, row.held);
    EXPECT_EQ(change->changes.writes.size(), row.removed.size());
    for (const FileWrite& write : change->changes.writes) EXPECT_TRUE(write.remove) << write.path;
  }
  for (const UnlockRequest& request :
       {Unlock(By::kName, "none"), Unlock(By::kCluster, "zz"), Unlock(By::kCluster, "a2")}) {
    auto change = DecideUnlock(world.Read(), *world.reader, request);
    ASSERT_FALSE(change.has_value()) << request.what;
    EXPECT_EQ(change.error().kind, ErrorKind::kNotFound) << change.error().message;
  }
}

TEST(SuspendChange, ChangesNothingWhereItIsSoAlready) {
  PeopleRepository world;
  auto resume =
      DecideSuspend(world.Read(), *world.reader, {.upgrade = "up", .wanted = Suspended::kNo, .reason = ""});
  ASSERT_TRUE(resume.has_value());
  EXPECT_TRUE(resume->changes.writes.empty());
  auto suspend = DecideSuspend(world.Read(), *world.reader,
                               {.upgrade = "default/up", .wanted = Suspended::kYes, .reason = "why"});
  ASSERT_TRUE(suspend.has_value());
  ASSERT_EQ(suspend->changes.writes.size(), 1U);
  EXPECT_TRUE(suspend->changes.writes[0].content.contains("spec:\n  suspend: true\n  matchers:"));
  EXPECT_EQ(suspend->changes.message, "Suspend upgrade default/up\n\nReason: why\n");
}

TEST(SuspendChange, RefusesWhatItCannotRead) {
  PeopleRepository world(std::vector<TestFile>{
      {"upgrades/bad.yaml",
       "apiVersion: lockkeeper.dev/v1alpha1\nkind: ClusterUpgrade\nmetadata: {name: bad}\n"
       "spec: {suspend: perhaps}\n"}});
  auto broken =
      DecideSuspend(world.Read(), *world.reader, {.upgrade = "bad", .wanted = Suspended::kYes, .reason = ""});
  ASSERT_FALSE(broken.has_value());
  EXPECT_TRUE(broken.error().message.starts_with("upgrades/bad.yaml:1: upgrade bad has errors"))
      << broken.error().message;
  auto missing = DecideSuspend(world.Read(), *world.reader,
                               {.upgrade = "x/up", .wanted = Suspended::kYes, .reason = ""});
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().kind, ErrorKind::kNotFound);
}

ApprovalRequest Approve(const std::string& stage = "") {
  return {.upgrade = "up", .stage = stage, .by = "ann", .note = "", .expires_after = {}, .now = kNow};
}

TEST(ApprovalChange, IsOfTheTargetAndTheClustersAsTheyAre) {
  PeopleRepository world;
  auto change = DecideApproval(world.Read(), *world.reader, Approve());
  ASSERT_TRUE(change.has_value()) << change.error().message;
  EXPECT_EQ(change->path, "upgrades/approvals/up.yaml");
  EXPECT_EQ(change->approval.to_release, "v1.32.0");
  EXPECT_EQ(change->approval.clusters, HashClusterSet({"a1", "a2", "b1"}));
  EXPECT_EQ(change->moves.size(), 3U);
  EXPECT_EQ(change->moves[0].from, "v1.31.0");
  ASSERT_EQ(change->changes.writes.size(), 1U);
  world.temp.Commit({{change->path, change->changes.writes[0].content}});
  auto again = DecideApproval(world.Read(), *world.reader, Approve());
  ASSERT_TRUE(again.has_value());
  EXPECT_TRUE(again->changes.writes.empty());
  ApprovalRequest other = Approve();
  other.by = "bob";
  auto by_another = DecideApproval(world.Read(), *world.reader, other);
  ASSERT_TRUE(by_another.has_value());
  EXPECT_EQ(by_another->path, change->path);
  EXPECT_EQ(by_another->changes.writes.size(), 1U);
}

TEST(ApprovalChange, ThePlacesOfTwoUpgradesDoNotCollide) {
  PeopleRepository world(std::vector<TestFile>{
      {"upgrades/approvals/up.yaml",
       "apiVersion: lockkeeper.dev/v1alpha1\nkind: UpgradeApproval\nmetadata: {name: up}\nspec: "
       "{upgrade: other, toRelease: v1.32.0, by: x, at: 2026-03-01T07:00:00Z}\n"}});
  auto change = DecideApproval(world.Read(), *world.reader, Approve());
  ASSERT_TRUE(change.has_value()) << change.error().message;
  EXPECT_TRUE(change->path.starts_with("upgrades/approvals/up-")) << change->path;
  EXPECT_EQ(change->path.size(), std::string_view{"upgrades/approvals/up-01234567.yaml"}.size());
}

TEST(ApprovalChange, CountsAsLongAsTheRuleSaysAtMost) {
  struct Row {
    const char* name;
    std::optional<Seconds> wanted;
    const char* expires;
  };
  PeopleRepository world(std::vector<TestFile>{
      {"upgrades/up.yaml",
       "apiVersion: lockkeeper.dev/v1alpha1\nkind: ClusterUpgrade\nmetadata: {name: up}\nspec:\n"
       "  matchers: [{name: stage, value: .+, isRegex: true}]\n  releaseRef: {name: v1.32.0}\n"
       "  approval: {required: true, expiresAfter: 2d}\n"}});
  const Row rows[] = {{"rule", {}, "2026-03-03T07:00:00Z"},
                      {"shorter", Seconds{3600}, "2026-03-01T08:00:00Z"},
                      {"longer", Seconds{864'000}, "2026-03-03T07:00:00Z"}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    ApprovalRequest request = Approve();
    request.expires_after = row.wanted;
    auto change = DecideApproval(world.Read(), *world.reader, request);
    ASSERT_TRUE(change.has_value()) << change.error().message;
    EXPECT_EQ(FormatInstant(change->approval.expires_at.value()), row.expires);
  }
}

}  // namespace
}  // namespace lockkeeper
