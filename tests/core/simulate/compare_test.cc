#include "reconciler/core/simulate/compare.h"

#include <gtest/gtest.h>

namespace lockkeeper {
namespace {

const ObjectName kUpgrade{.name = "up"};

Event Bump(int day, std::string to) {
  Event event{.upgrade = kUpgrade, .cluster = "c1", .kind = EventKind::kBump, .to = std::move(to)};
  event.at = Instant{std::chrono::days{20'000 + day}};
  return event;
}

Event End(int day, Outcome outcome) {
  Event event{.upgrade = kUpgrade, .cluster = "c1", .kind = EventKind::kEnd, .outcome = outcome};
  event.at = Instant{std::chrono::days{20'000 + day}};
  return event;
}

Event Hold(int day) {
  Event event{.upgrade = kUpgrade, .cluster = "c1", .kind = EventKind::kHold, .gate = "window"};
  event.at = Instant{std::chrono::days{20'000 + day}};
  return event;
}

struct Row {
  const char* name;
  std::vector<Event> before;
  std::vector<Event> after;
  const char* kind;  ///< empty: no difference
  int days = 0;
};

TEST(Compare, SaysWhatBecomesOfACluster) {
  const Outcome success = Outcome::kSuccess, failure = Outcome::kFailure;
  const Row rows[] = {
      {"nothing", {}, {}, ""},
      {"the_same", {Bump(1, "b"), End(2, success)}, {Bump(1, "b"), End(2, success)}, ""},
      {"held_otherwise_is_no_difference", {Hold(0), Bump(1, "b")}, {Hold(1), Bump(1, "b")}, ""},
      {"later", {Bump(1, "b"), End(2, success)}, {Bump(15, "b"), End(16, success)}, "later", 14},
      {"earlier", {Bump(9, "b")}, {Bump(2, "b")}, "earlier", 7},
      {"only_the_second_hop", {Bump(1, "b"), Bump(2, "c")}, {Bump(1, "b"), Bump(5, "c")}, "later", 3},
      {"only_the_end", {Bump(1, "b"), End(2, success)}, {Bump(1, "b"), End(4, success)}, "later", 2},
      {"the_rest_lies_beyond", {Bump(1, "b"), Bump(2, "c"), End(2, success)}, {Bump(80, "b")}, "later", 79},
      {"appears", {Hold(0)}, {Bump(1, "b")}, "appears"},
      {"disappears", {Bump(1, "b"), End(1, success)}, {Hold(0)}, "disappears"},
      {"another_release", {Bump(1, "b")}, {Bump(2, "c")}, "other"},
      {"another_outcome", {Bump(1, "b"), End(2, success)}, {Bump(1, "b"), End(2, failure)}, "other"},
      {"a_hop_less", {Bump(1, "b"), Bump(2, "c"), End(2, success)}, {Bump(1, "b"), End(1, success)}, "other"},
      {"ends_without_a_bump", {}, {End(1, Outcome::kExpired)}, "other"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const auto differences = Compare({.events = row.before}, {.events = row.after});
    ASSERT_EQ(differences.size(), *row.kind == '\0' ? 0U : 1U);
    if (differences.empty()) continue;
    EXPECT_EQ(Name(differences.front().kind), row.kind);
    EXPECT_EQ(differences.front().by, std::chrono::days{row.days});
  }
}

TEST(Compare, SaysWhyItDoesNotMoveAnyMore) {
  Future after;
  Decision held{.upgrade = kUpgrade, .cluster = "c1", .action = Action::kBlocked, .reason = "suspend"};
  held.gates.emplace_back(Gate::kSuspend, Blocked("up.yaml says suspend: true"));
  after.last.decisions.push_back(held);
  const Future before{.events = {Bump(1, "b")}};
  EXPECT_EQ(Compare(before, after).front().why, "suspend: up.yaml says suspend: true");
  EXPECT_EQ(Compare(before, {}).front().why, "no upgrade of this name selects it");
}

}  // namespace
}  // namespace lockkeeper
