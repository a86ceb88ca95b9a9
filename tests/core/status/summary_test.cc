#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "reconciler/core/status/record.h"

namespace lockkeeper {
namespace {

/// `p`ending, proposed (`q`), `r`unning, stopp`e`d by failures, or the letter of an outcome.
ClusterRecord Line(char letter, int hour) {
  ClusterRecord line;
  line.name = std::to_string(1000 + hour);
  switch (letter) {
    case 'p':
      line.reason = "window";
      return line;
    case 'q':
      line.state = ClusterState::kProposed;
      return line;
    case 'r':
      line.state = ClusterState::kRunning;
      break;
    case 'e':
      line.reason = "failure-budget";
      return line;
    case 'S':
      line.outcome = Outcome::kSuccess;
      break;
    case 'U':
      line.outcome = Outcome::kUnverified;
      break;
    case 'F':
      line.outcome = Outcome::kFailure;
      break;
    case 'T':
      line.outcome = Outcome::kTimedOut;
      break;
    case 'K':
      line.outcome = Outcome::kSkipped;
      break;
    case 'R':
      line.outcome = Outcome::kRejected;
      break;
    case 'X':
      line.outcome = Outcome::kExpired;
      break;
    case 'C':
      line.outcome = Outcome::kCancelled;
      break;
    case 'D':
      line.outcome = Outcome::kSuperseded;
      break;
    default:
      ADD_FAILURE() << letter;
  }
  const Instant start{std::chrono::hours{450'000 + hour}};
  if (line.outcome != Outcome::kNone) {
    line.state = ClusterState::kFinished;
    line.finished_at = start + std::chrono::minutes{30};
  }
  const bool ran = std::string_view{"rSUFT"}.contains(letter);
  if (ran) line.triggered_at = start;
  return line;
}

UpgradeSummary Of(std::string_view letters) {
  UpgradeRecord record;
  int hour = 0;
  for (char letter : letters) record.clusters.push_back(Line(letter, hour++));
  return Summarise(record);
}

struct StateRow {
  const char* clusters;
  UpgradeState state;
  Outcome outcome = Outcome::kNone;
};

TEST(Summarise, StateAndOutcome) {
  using enum UpgradeState;
  const StateRow rows[] = {
      {"", kPending},
      {"p", kPending},
      {"q", kPending},
      {"pK", kPending},
      {"pX", kPending},
      {"r", kRunning},
      {"pr", kRunning},
      {"pS", kRunning},
      {"qF", kRunning},
      {"rSF", kRunning},
      {"e", kStopped},
      {"eF", kStopped},
      {"eFr", kStopped},
      {"epF", kStopped},
      {"S", kFinished, Outcome::kSuccess},
      {"U", kFinished, Outcome::kUnverified},
      {"F", kFinished, Outcome::kFailure},
      {"T", kFinished, Outcome::kTimedOut},
      {"K", kFinished, Outcome::kSkipped},
      {"R", kFinished, Outcome::kRejected},
      {"X", kFinished, Outcome::kExpired},
      {"C", kFinished, Outcome::kCancelled},
      {"D", kFinished, Outcome::kSuperseded},
      {"SS", kFinished, Outcome::kSuccess},
      {"SK", kFinished, Outcome::kSuccess},
      {"SU", kFinished, Outcome::kUnverified},
      {"SUK", kFinished, Outcome::kUnverified},
      {"SF", kFinished, Outcome::kPartial},
      {"UT", kFinished, Outcome::kPartial},
      {"SC", kFinished, Outcome::kPartial},
      {"SX", kFinished, Outcome::kPartial},
      {"KF", kFinished, Outcome::kFailure},
      {"KC", kFinished, Outcome::kCancelled},
      {"FT", kFinished, Outcome::kFailure},
      {"TR", kFinished, Outcome::kTimedOut},
      {"RX", kFinished, Outcome::kRejected},
      {"XC", kFinished, Outcome::kExpired},
      {"CD", kFinished, Outcome::kCancelled},
  };
  for (const StateRow& row : rows) {
    const UpgradeSummary s = Of(row.clusters);
    EXPECT_EQ(s.state, row.state) << row.clusters;
    EXPECT_EQ(s.outcome, row.outcome) << row.clusters;
  }
}

// Every set of up to four clusters: the order says nothing, the counts add up, and what has an outcome is
// finished.
TEST(Summarise, HoldsForEveryCombination) {
  const std::string letters = "pqreSUFTKRXCD";
  size_t combinations = 0;
  for (size_t code = 0; code < letters.size() * letters.size() * letters.size() * letters.size(); ++code) {
    std::string clusters;
    for (size_t rest = code, n = 0; n < 4; ++n, rest /= letters.size())
      clusters += letters[rest % letters.size()];
    const UpgradeSummary s = Of(clusters);
    auto count = [&](std::string_view of) {
      return static_cast<int>(std::ranges::count_if(clusters, [&](char c) { return of.contains(c); }));
    };
    ASSERT_EQ(s.total, 4);
    ASSERT_EQ(s.pending, count("pqe")) << clusters;
    ASSERT_EQ(s.running, count("r")) << clusters;
    ASSERT_EQ(s.succeeded, count("S")) << clusters;
    ASSERT_EQ(s.unverified, count("U")) << clusters;
    ASSERT_EQ(s.failed, count("FT")) << clusters;
    ASSERT_EQ(s.skipped, count("KRXCD")) << clusters;
    const bool done = count("pqre") == 0;
    ASSERT_EQ(s.state == UpgradeState::kFinished, done) << clusters;
    ASSERT_EQ(s.outcome != Outcome::kNone, done) << clusters;
    ASSERT_EQ(s.finished_at.has_value(), done) << clusters;
    ASSERT_EQ(s.state == UpgradeState::kStopped, count("e") > 0) << clusters;
    ASSERT_EQ(s.triggered_at.has_value(), count("rSUFT") > 0) << clusters;
    if (done) {
      const bool some = count("SU") > 0;
      const bool other = count("FTRXCD") > 0;
      ASSERT_EQ(s.outcome == Outcome::kPartial, some && other) << clusters;
      ASSERT_EQ(s.outcome == Outcome::kSuccess, count("S") > 0 && count("SK") == 4) << clusters;
      ASSERT_EQ(s.outcome == Outcome::kSkipped, count("K") == 4) << clusters;
    }
    std::string sorted = clusters;
    std::ranges::sort(sorted);
    const UpgradeSummary t = Of(sorted);
    ASSERT_EQ(s.state, t.state) << clusters;
    ASSERT_EQ(s.outcome, t.outcome) << clusters;
    ++combinations;
  }
  EXPECT_EQ(combinations, 28'561U);
}

TEST(Summarise, TakesTheFirstBumpAndTheLastEnd) {
  const UpgradeSummary s = Of("KSFK");
  EXPECT_EQ(s.triggered_at, Instant{std::chrono::hours{450'001}});
  EXPECT_EQ(s.finished_at, Instant{std::chrono::hours{450'003} + std::chrono::minutes{30}});
}

TEST(Summarise, SaysMixedWhereTheReleasesDiffer) {
  UpgradeRecord record;
  auto from = [&](std::vector<const char*> releases) {
    record.clusters.clear();
    for (const char* release : releases) record.clusters.push_back({.name = "a", .from = release});
    return Summarise(record).from;
  };
  EXPECT_EQ(from({}), "");
  EXPECT_EQ(from({"", ""}), "");
  EXPECT_EQ(from({"v1"}), "v1");
  EXPECT_EQ(from({"v1", "", "v1"}), "v1");
  EXPECT_EQ(from({"v1", "v2"}), "mixed");
  EXPECT_EQ(from({"v1", "v2", "v1"}), "mixed");
}

TEST(StatusWords, AreThoseOfTheSpecification) {
  const std::pair<ClusterState, const char*> states[] = {{ClusterState::kPending, "pending"},
                                                         {ClusterState::kProposed, "proposed"},
                                                         {ClusterState::kRunning, "running"},
                                                         {ClusterState::kFinished, "finished"}};
  for (auto [state, word] : states) {
    EXPECT_EQ(Name(state), word);
    EXPECT_EQ(ParseClusterState(word), state);
  }
  EXPECT_EQ(Name(UpgradeState::kPending), "pending");
  EXPECT_EQ(Name(UpgradeState::kRunning), "running");
  EXPECT_EQ(Name(UpgradeState::kStopped), "stopped");
  EXPECT_EQ(Name(UpgradeState::kFinished), "finished");
  const std::pair<Outcome, const char*> outcomes[] = {{Outcome::kNone, ""},
                                                      {Outcome::kSuccess, "success"},
                                                      {Outcome::kFailure, "failure"},
                                                      {Outcome::kPartial, "partial"},
                                                      {Outcome::kSkipped, "skipped"},
                                                      {Outcome::kTimedOut, "timedOut"},
                                                      {Outcome::kRejected, "rejected"},
                                                      {Outcome::kExpired, "expired"},
                                                      {Outcome::kCancelled, "cancelled"},
                                                      {Outcome::kSuperseded, "superseded"},
                                                      {Outcome::kUnverified, "unverified"}};
  for (auto [outcome, word] : outcomes) {
    EXPECT_EQ(Name(outcome), word);
    EXPECT_EQ(ParseOutcome(word), outcome);
  }
  EXPECT_EQ(ParseOutcome("Success"), std::nullopt);
  EXPECT_EQ(ParseClusterState("stopped"), std::nullopt);
}

}  // namespace
}  // namespace lockkeeper
