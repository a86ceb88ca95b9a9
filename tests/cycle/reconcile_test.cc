#include "reconciler/cycle/reconcile.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>

#include "reconciler/cycle/rebuild_status.h"
#include "tests/support/faulty_repository.h"
#include "tests/support/temp_repository.h"

namespace lockkeeper {
namespace {

constexpr const char* kFleet = R"(apiVersion: lockkeeper.dev/v1alpha1
kind: Fleet
metadata: {name: acme}
spec:
  inventory:
  - profile: capi-topology
    include: ["clusters/**"]
)";

constexpr const char* kSchedule = R"(apiVersion: lockkeeper.dev/v1alpha1
kind: MaintenanceSchedule
metadata: {name: mornings}
spec:
  matchers: []
  maintenanceWindows:
  - {name: morning, startTime: 2026-01-05T06:00:00Z, duration: 4h, recurrence: FREQ=DAILY}
)";

std::string UpgradeText(const std::string& target) {
  return fmt::format(
      "apiVersion: lockkeeper.dev/v1alpha1\nkind: ClusterUpgrade\nmetadata: {{name: up}}\nspec:\n"
      "  matchers: [{{key: cluster, value: c.*, isRegex: true}}]\n"
      "  releaseRef: {{apiVersion: lockkeeper.dev/v1alpha1, kind: Release, name: {}}}\n",
      target);
}

std::string ClusterText(const std::string& name, const std::string& version) {
  return fmt::format(
      "apiVersion: cluster.x-k8s.io/v1beta1\nkind: Cluster\nmetadata: {{name: {}}}\n"
      "spec: {{topology: {{class: c, version: {}}}}}\n",
      name, version);
}

Instant At(std::string_view text) { return *ParseInstant(text); }

TEST(ReconcileClock, WhatIsFetchedLateIsDecidedOnLate) {
  TempRepository temp;
  temp.Commit({{"lockkeeper.yaml", kFleet},
               {"upgrades/schedule.yaml", kSchedule},
               {"upgrades/up.yaml", UpgradeText("v1.32.0")},
               {"clusters/c1.yaml", ClusterText("c1", "v1.31.0")}});
  auto repository = OpenLocalRepository({.location = temp.path(), .branch = "main"});
  ASSERT_TRUE(repository);
  FleetReader reader{**repository};
  ReconcileOptions options{.now = At("2026-03-02T09:59:00Z")};
  options.clock = [] { return At("2026-03-02T10:14:00Z"); };
  auto result = Reconcile(**repository, reader, options);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->plan.at, At("2026-03-02T10:14:00Z"));
  for (const Decision& decision : result->plan.decisions) EXPECT_EQ(decision.action, Action::kWait);
}

/// A few days of a repository: people commit, and a pass is made after each.
class Story {
 public:
  Story() {
    Commit({{"lockkeeper.yaml", kFleet},
            {"upgrades/schedule.yaml", kSchedule},
            {"upgrades/up.yaml", UpgradeText("v1.32.0")},
            {"clusters/c1.yaml", ClusterText("c1", "v1.31.0")},
            {"clusters/c2.yaml", ClusterText("c2", "v1.31.2")}});
    real_ = *OpenLocalRepository({.location = temp_.path(), .branch = "main"});
    auto faulty = std::make_unique<FaultyRepository>(std::move(real_));
    repository_ = std::move(faulty);
    reader_.emplace(*repository_);
  }

  FaultyRepository& repository() { return *repository_; }
  const TempRepository& temp() const { return temp_; }

  /// Each pass is tried until it succeeds, as a daemon or a cron job would.
  void Play() {
    Pass("2026-03-02T05:00:00Z");
    Pass("2026-03-02T06:00:00Z");
    Commit({{"clusters/c3.yaml", ClusterText("c3", "v1.30.0")}});
    Pass("2026-03-02T09:00:00Z");
    Commit(
        {{"upgrades/up.yaml", UpgradeText("v1.32.1")}, {"clusters/c2.yaml", ClusterText("c2", "v1.31.2")}});
    Pass("2026-03-02T11:00:00Z");
    Pass("2026-03-03T06:00:00Z");
  }

  int errors() const { return errors_; }

 private:
  void Commit(const std::vector<TestFile>& files) { temp_.Commit(files); }

  void Pass(std::string_view at) {
    for (int attempt = 0; attempt < 5; ++attempt) {
      auto result = Reconcile(*repository_, *reader_, {.now = At(at)});
      if (result) return;
      ++errors_;
      last_error_ = result.error().message;
    }
    FAIL() << "no success at " << at << ": " << last_error_;
  }

  TempRepository temp_;
  std::unique_ptr<Repository> real_;
  std::unique_ptr<FaultyRepository> repository_;
  std::optional<FleetReader> reader_;
  int errors_ = 0;
  std::string last_error_;
};

using Mode = FaultyRepository::Mode;
using Fault = std::pair<Mode, ErrorKind>;

class ReconcileFault : public testing::TestWithParam<Fault> {};

TEST_P(ReconcileFault, AnyCallMayFailOnceAndTheEndIsTheSame) {
  Story calm;
  calm.Play();
  const std::string end = calm.temp().Head();
  const int calls = calm.repository().calls();
  ASSERT_GT(calls, 10);
  for (int call = 1; call <= calls; ++call) {
    Story story;
    story.repository().FailAt({.call = call, .kind = GetParam().second, .mode = GetParam().first});
    story.Play();
    EXPECT_EQ(story.temp().Head(), end)
        << "call " << call << " " << calm.repository().journal()[static_cast<size_t>(call) - 1];
  }
}

INSTANTIATE_TEST_SUITE_P(Faults, ReconcileFault,
                         testing::Values(Fault{Mode::kBefore, ErrorKind::kTransient},
                                         Fault{Mode::kBefore, ErrorKind::kDenied},
                                         Fault{Mode::kUnknownOutcome, ErrorKind::kTransient}));

TEST(Reconcile, TheStatusIsTheSameFromTheHistoryAlone) {
  Story story;
  story.Play();
  FleetReader reader(story.repository());
  auto rebuilt = RebuildStatus(story.repository(), reader, {.now = At("2026-03-04T00:00:00Z")});
  ASSERT_TRUE(rebuilt) << rebuilt.error().message;
  EXPECT_GT(rebuilt->records, 3U);
  EXPECT_TRUE(rebuilt->written.empty() && rebuilt->removed.empty())
      << fmt::format("{}", fmt::join(rebuilt->written, " "));
  EXPECT_EQ(story.temp().TryGit({"fsck", "--strict"}).exit_code, 0);
}

/// Loses every race: somebody commits in front of each Publish.
class RacedRepository : public Repository {
 public:
  RacedRepository(std::unique_ptr<Repository> real, TempRepository& temp, int races)
      : real_(std::move(real)), temp_(temp), races_(races) {}

  Result<std::string> Fetch() override { return real_->Fetch(); }
  const std::string& branch() const override { return real_->branch(); }
  Result<std::string> Resolve(const std::string& revision) override { return real_->Resolve(revision); }
  Result<std::vector<TreeDifference>> Diff(const std::string& from, const std::string& to) override {
    return real_->Diff(from, to);
  }
  Result<std::string_view> ReadBlob(const std::string& id) override { return real_->ReadBlob(id); }
  Result<std::string_view> ReadCommit(const std::string& id) override { return real_->ReadCommit(id); }
  Result<TreeEntry> FindFile(const std::string& commit, std::string_view path) override {
    return real_->FindFile(commit, path);
  }
  Result<void> WalkHistory(const std::string& from,
                           const std::function<bool(const CommitRecord&)>& visit) override {
    return real_->WalkHistory(from, visit);
  }
  Result<std::vector<std::string>> Publish(const std::string& base,
                                           const std::vector<CommitDraft>& commits) override {
    if (races_-- > 0) temp_.Commit({{"people.txt", fmt::format("{}\n", races_)}}, "Human");
    return real_->Publish(base, commits);
  }

 private:
  std::unique_ptr<Repository> real_;
  TempRepository& temp_;
  int races_;
};

struct RaceCase {
  int races;
  bool wins;
  int retries;
};

class ReconcileRace : public testing::TestWithParam<RaceCase> {};

TEST_P(ReconcileRace, DecidesAgainAndNeverLosesAHuman) {
  TempRepository temp;
  temp.Commit({{"lockkeeper.yaml", kFleet},
               {"upgrades/schedule.yaml", kSchedule},
               {"upgrades/up.yaml", UpgradeText("v1.32.0")},
               {"clusters/c1.yaml", ClusterText("c1", "v1.31.0")}});
  auto real = OpenLocalRepository({.location = temp.path(), .branch = "main"});
  ASSERT_TRUE(real);
  RacedRepository repository(std::move(*real), temp, GetParam().races);
  FleetReader reader(repository);
  std::vector<int> waits;
  auto result =
      Reconcile(repository, reader,
                {.now = At("2026-03-02T06:00:00Z"), .back_off = [&](int retry) { waits.push_back(retry); }});
  ASSERT_EQ(result.has_value(), GetParam().wins);
  EXPECT_EQ(waits.size(), static_cast<size_t>(GetParam().retries));
  if (result) {
    EXPECT_EQ(result->retries, GetParam().retries);
    EXPECT_EQ(result->read, temp.Git({"rev-parse", "main~1"}).substr(0, 40));
  } else {
    EXPECT_EQ(result.error().kind, ErrorKind::kConflict);
  }
  const std::string subjects = temp.Git({"log", "--format=%s", "--author-date-order", "main"});
  size_t humans = 0;
  for (size_t at = subjects.find("Human"); at != std::string::npos; at = subjects.find("Human", at + 1))
    ++humans;
  EXPECT_EQ(humans, static_cast<size_t>(std::min(GetParam().races, ReconcileOptions::kRetriesMax + 1)));
}

INSTANTIATE_TEST_SUITE_P(Races, ReconcileRace,
                         testing::Values(RaceCase{0, true, 0}, RaceCase{1, true, 1}, RaceCase{10, true, 10},
                                         RaceCase{11, false, 10}, RaceCase{99, false, 10}));

TEST(Reconcile, ARevertedBumpIsNotMadeAgain) {
  TempRepository temp;
  temp.Commit({{"lockkeeper.yaml", kFleet},
               {"upgrades/schedule.yaml", kSchedule},
               {"upgrades/up.yaml", UpgradeText("v1.32.0")},
               {"clusters/c1.yaml", ClusterText("c1", "v1.31.0")}});
  auto repository = OpenLocalRepository({.location = temp.path(), .branch = "main"});
  ASSERT_TRUE(repository);
  FleetReader reader(**repository);
  auto pass = [&](std::string_view at) { return Reconcile(**repository, reader, {.now = At(at)}); };
  ASSERT_TRUE(pass("2026-03-02T06:00:00Z"));
  ASSERT_TRUE(temp.Read("clusters/c1.yaml").contains("v1.32.0"));
  // What `git revert` makes: the release and the record go back together.
  temp.Commit({{"clusters/c1.yaml", ClusterText("c1", "v1.31.0")},
               {.path = "status/default/up.yaml", .content = "", .remove = true},
               {.path = "status/clusters/c1.yaml", .content = "", .remove = true}},
              "Revert \"Upgrade c1 from v1.31.0 to v1.32.0\"");
  auto held = pass("2026-03-02T07:00:00Z");
  ASSERT_TRUE(held) << held.error().message;
  EXPECT_TRUE(held->commits.empty());
  ASSERT_EQ(held->plan.decisions.size(), 1U);
  EXPECT_EQ(held->plan.decisions.front().reason, "manifest");
  auto rebuilt = RebuildStatus(**repository, reader, {.now = At("2026-03-02T07:00:00Z")});
  ASSERT_TRUE(rebuilt) << rebuilt.error().message;
  EXPECT_EQ(rebuilt->written.size(), 2U);
  ASSERT_TRUE(pass("2026-03-02T07:00:00Z"));
  EXPECT_TRUE(temp.Read("clusters/c1.yaml").contains("v1.31.0"));
  EXPECT_TRUE(temp.Read("status/default/up.yaml").contains("outcome: rejected"));
  auto later = pass("2026-03-03T06:30:00Z");
  ASSERT_TRUE(later);
  EXPECT_TRUE(later->commits.empty());
}

TEST(Reconcile, ARefusedEditHoldsItsClusterAndNoOther) {
  TempRepository temp;
  // The value is read well; an anchor on it is more than an edit dares to touch.
  temp.Commit({{"lockkeeper.yaml", kFleet},
               {"upgrades/schedule.yaml", kSchedule},
               {"upgrades/up.yaml", UpgradeText("v1.32.0")},
               {"clusters/c1.yaml", ClusterText("c1", "v1.31.0")},
               {"clusters/c2.yaml",
                "apiVersion: cluster.x-k8s.io/v1beta1\nkind: Cluster\nmetadata: {name: c2}\n"
                "spec: {topology: {class: c, version: &v v1.31.0}, copy: *v}\n"}});
  auto repository = OpenLocalRepository({.location = temp.path(), .branch = "main"});
  ASSERT_TRUE(repository);
  FleetReader reader(**repository);
  auto result = Reconcile(**repository, reader, {.now = At("2026-03-02T06:00:00Z")});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(temp.Read("clusters/c1.yaml").contains("v1.32.0"));
  EXPECT_TRUE(temp.Read("clusters/c2.yaml").contains("v1.31.0"));
  EXPECT_TRUE(temp.Read("status/default/up.yaml").contains("reason: ref"));
  auto again = Reconcile(**repository, reader, {.now = At("2026-03-02T06:00:00Z")});
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(again->commits.empty());
}

}  // namespace
}  // namespace lockkeeper
