#include "reconciler/core/status/transition.h"

#include <gtest/gtest.h>

#include "reconciler/core/status/record.h"

namespace lockkeeper {
namespace {

const ObjectName kUpgrade{.ns = "default", .name = "u"};

Instant Hour(int hours) { return Instant{std::chrono::hours{450'000 + hours}}; }

Record At(int hour, std::vector<Transition> transitions) {
  return {.at = Hour(hour),
          .decided_on = "commit-" + std::to_string(hour),
          .transitions = std::move(transitions)};
}

Bumped Bump(std::string to) { return {kUpgrade, "a", "v1", std::move(to), {}, {}}; }

StateChanged State(ClusterState state, Outcome outcome = Outcome::kNone, std::string reason = "") {
  return {
      .upgrade = kUpgrade, .cluster = "a", .state = state, .outcome = outcome, .reason = std::move(reason)};
}

/// The line of cluster `a` after these records.
ClusterRecord LineAfter(const std::vector<Record>& records, std::vector<EndedRun>* ended = nullptr) {
  StatusBook book;
  for (const Record& record : records) Apply(record, book, ended);
  return *book.at(kUpgrade).Find("a");
}

TEST(Apply, ABumpStartsARun) {
  const auto line =
      LineAfter({At(1, {State(ClusterState::kPending, Outcome::kNone, "window")}), At(2, {Bump("v2")})});
  const ClusterRecord expected{.name = "a",
                               .state = ClusterState::kRunning,
                               .from = "v1",
                               .to = "v2",
                               .hops = {{"v2", Hour(2)}},
                               .triggered_at = Hour(2),
                               .decided_on = "commit-2"};
  EXPECT_EQ(line, expected);
}

TEST(Apply, AFurtherHopGoesOnWithTheRun) {
  for (const ClusterState between :
       {ClusterState::kRunning, ClusterState::kPending, ClusterState::kProposed}) {
    auto second = Bump("v3");
    second.from = "v2";
    const auto line = LineAfter({At(1, {Bump("v2")}), At(2, {State(between)}), At(3, {second})});
    EXPECT_EQ(line.from, "v1");
    EXPECT_EQ(line.to, "v3");
    EXPECT_EQ(line.triggered_at, Hour(1));
    EXPECT_EQ(line.hops, (std::vector<HopRecord>{{"v2", Hour(1)}, {"v3", Hour(3)}}));
    EXPECT_EQ(line.decided_on, "commit-3");
    EXPECT_EQ(line.state, ClusterState::kRunning);
  }
}

TEST(Apply, AFinishedClusterThatWaitsOrIsBumpedStartsAnew) {
  const Record first = At(1, {Bump("v2"), State(ClusterState::kFinished, Outcome::kFailure, "check")});
  const ClusterRecord waiting{.name = "a", .reason = "window", .earlier_bumps = {Hour(1)}};
  EXPECT_EQ(LineAfter({first, At(2, {State(ClusterState::kPending, Outcome::kNone, "window")})}), waiting);
  const ClusterRecord bumped{.name = "a",
                             .state = ClusterState::kRunning,
                             .from = "v1",
                             .to = "v3",
                             .hops = {{"v3", Hour(2)}},
                             .earlier_bumps = {Hour(1)},
                             .triggered_at = Hour(2),
                             .decided_on = "commit-2"};
  EXPECT_EQ(LineAfter({first, At(2, {Bump("v3")})}), bumped);
}

TEST(Apply, OfEarlierBumpsTheLastHourAndTheLastOneStay) {
  const auto end = State(ClusterState::kFinished, Outcome::kUnverified);
  auto line = LineAfter({At(1, {Bump("v2"), end}), At(2, {Bump("v3"), end}), At(9, {Bump("v4"), end}),
                         At(9, {Bump("v5"), end}), At(9, {State(ClusterState::kPending)})});
  EXPECT_EQ(line.earlier_bumps, (std::vector<Instant>{Hour(9), Hour(9)}));
  line =
      LineAfter({At(1, {Bump("v2"), end}), At(2, {Bump("v3"), end}), At(9, {State(ClusterState::kPending)})});
  EXPECT_EQ(line.earlier_bumps, std::vector<Instant>{Hour(2)});
}

TEST(Apply, OverranAndOverriddenStayForTheRun) {
  auto overridden = Bump("v2");
  overridden.override_ = OverrideRecord{"alice", "now"};
  auto late = State(ClusterState::kRunning);
  late.overran = true;
  const auto line = LineAfter(
      {At(1, {overridden}), At(2, {late}), At(3, {Bump("v3")}), At(4, {State(ClusterState::kRunning)})});
  EXPECT_TRUE(line.overran);
  EXPECT_EQ(line.override_, (OverrideRecord{"alice", "now"}));
  const auto next = LineAfter(
      {At(1, {overridden, late, State(ClusterState::kFinished, Outcome::kSuccess)}), At(2, {Bump("v3")})});
  EXPECT_FALSE(next.overran);
  EXPECT_EQ(next.override_, std::nullopt);
}

TEST(Apply, HandsOutRunsAsTheyStoodAtTheirEnd) {
  std::vector<EndedRun> ended;
  LineAfter({At(1, {Bump("v2"), State(ClusterState::kFinished, Outcome::kUnverified), Bump("v3"),
                    State(ClusterState::kFinished, Outcome::kSuccess)}),
             At(2, {State(ClusterState::kFinished, Outcome::kSkipped, "gone")}),
             At(3, {State(ClusterState::kPending), State(ClusterState::kFinished, Outcome::kCancelled)})},
            &ended);
  ASSERT_EQ(ended.size(), 3U);
  EXPECT_EQ(ended[0].upgrade, kUpgrade);
  EXPECT_EQ(ended[0].line.outcome, Outcome::kUnverified);
  EXPECT_EQ(ended[0].line.to, "v2");
  EXPECT_EQ(ended[0].line.finished_at, Hour(1));
  EXPECT_EQ(ended[1].line.outcome, Outcome::kSuccess);
  EXPECT_EQ(ended[1].line.to, "v3");
  EXPECT_EQ(ended[2].line.outcome, Outcome::kCancelled);
  EXPECT_EQ(ended[2].line.to, "");
}

TEST(Apply, ATargetOpensAnUpgradeAndLeavesItsClustersAlone) {
  StatusBook book;
  Apply(At(1, {TargetSet{kUpgrade, "v2", "sha256:1"}}), book);
  EXPECT_EQ(book.at(kUpgrade).upgrade, kUpgrade);
  EXPECT_TRUE(book.at(kUpgrade).clusters.empty());
  Apply(At(2, {Bump("v2")}), book);
  const auto lines = book.at(kUpgrade).clusters;
  Apply(At(3, {TargetSet{kUpgrade, "v3", "sha256:2"}}), book);
  EXPECT_EQ(book.at(kUpgrade).target, "v3");
  EXPECT_EQ(book.at(kUpgrade).spec_hash, "sha256:2");
  EXPECT_EQ(book.at(kUpgrade).clusters, lines);
}

// One by one in front of the others, these would move 20,000 lines each: minutes instead of milliseconds.
TEST(Apply, TakesManyClustersAtOnceInAnyOrder) {
  StatusBook book;
  for (const char* prefix : {"m", "a"}) {
    Record record = At(1, {});
    for (int i = 0; i < 20'000; ++i) {
      auto change = State(ClusterState::kPending);
      change.cluster = prefix + std::to_string((i * 7919) % 20'000);
      record.transitions.emplace_back(change);
    }
    Apply(record, book);
  }
  const auto& lines = book.at(kUpgrade).clusters;
  ASSERT_EQ(lines.size(), 40'000U);
  for (size_t i = 1; i < lines.size(); ++i) ASSERT_LT(lines[i - 1].name, lines[i].name);
}

}  // namespace
}  // namespace lockkeeper
