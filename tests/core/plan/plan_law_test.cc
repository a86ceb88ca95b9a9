// The laws of planning, over random worlds that live for a few weeks.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <numeric>
#include <set>
#include <vector>

#include "tests/core/plan/random_fleet.h"

namespace lockkeeper {
namespace {

/// More of them for a long run: LK_WORLDS=1000.
unsigned Worlds() {
  const char* wanted = std::getenv("LK_WORLDS");
  return wanted != nullptr ? static_cast<unsigned>(std::strtoul(wanted, nullptr, 10)) : 50;
}

constexpr int kSteps = 25;

/// Those of a run, and worlds beyond them in which a law was once found broken.
std::vector<unsigned> Seeds() {
  std::vector<unsigned> seeds(Worlds());
  std::iota(seeds.begin(), seeds.end(), 1U);
  for (unsigned seed : {101U, 215U, 356U}) {
    if (seed > seeds.size()) seeds.push_back(seed);
  }
  return seeds;
}

bool IsSettled(const Plan& plan) {
  if (!plan.transitions.empty()) return false;
  return std::ranges::all_of(plan.decisions,
                             [](const Decision& d) { return d.transitions.empty() && d.edits.empty(); });
}

/// Calls `visit(world, now)` before each pass of each world, until one fails; passes are carried out in
/// between.
template <class Visit>
void LiveThrough(Visit visit) {
  for (unsigned seed = 1; seed <= Worlds() && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    World world(seed, 12);
    std::mt19937 random{seed * 7919};
    Instant now = World::Start();
    for (int step = 0; step < kSteps && !testing::Test::HasFailure(); ++step) {
      SCOPED_TRACE(fmt::format("step {} at {}", step, FormatInstant(now)));
      visit(world, now);
      Plan plan = world.MakePlanAt(now);
      world.CarryOut(plan);
      if (random() % 4 == 0) world.Disturb();
      auto wake = world.MakePlanAt(now).next_wake;
      now = wake ? *wake : now + std::chrono::hours{6};
    }
  }
}

TEST(PlanLaw, EqualInputsGiveEqualBytes) {
  LiveThrough([](World& world, Instant now) {
    EXPECT_EQ(Describe(world.MakePlanAt(now, Detail::kAll)), Describe(world.MakePlanAt(now, Detail::kAll)));
  });
}

TEST(PlanLaw, DetailsChangeNoDecision) {
  LiveThrough([](World& world, Instant now) {
    EXPECT_EQ(Gist(world.MakePlanAt(now)), Gist(world.MakePlanAt(now, Detail::kAll)));
  });
}

TEST(PlanLaw, ACarriedOutPlanIsSettled) {
  for (unsigned seed : Seeds()) {
    World world(seed, 12);
    std::mt19937 random{seed};
    Instant now = World::Start();
    for (int step = 0; step < kSteps; ++step) {
      Plan plan = world.MakePlanAt(now);
      world.CarryOut(plan);
      Plan again = world.MakePlanAt(now);
      ASSERT_TRUE(IsSettled(again)) << "seed " << seed << " step " << step << "\n"
                                    << Describe(plan) << "then\n"
                                    << Describe(again);
      if (random() % 4 == 0) {
        world.Disturb();
        continue;
      }
      now = again.next_wake ? *again.next_wake : now + std::chrono::hours{6};
    }
  }
}

TEST(PlanLaw, NothingChangesBeforeTheNextWake) {
  for (unsigned seed : Seeds()) {
    World world(seed, 12);
    std::mt19937 random{seed};
    Instant now = World::Start();
    for (int step = 0; step < kSteps; ++step) {
      world.CarryOut(world.MakePlanAt(now));
      Plan settled = world.MakePlanAt(now);
      Instant end = settled.next_wake.value_or(now + std::chrono::days{30});
      ASSERT_GT(end, now);
      auto span = static_cast<unsigned long>((end - now).count());
      for (Instant probe : {end - Seconds{1}, now + Seconds{static_cast<long>(random() % span)}}) {
        Plan between = world.MakePlanAt(probe);
        ASSERT_TRUE(IsSettled(between)) << "seed " << seed << " step " << step << " planned at "
                                        << FormatInstant(now) << " for " << FormatInstant(end) << "\n"
                                        << Describe(settled) << "then\n"
                                        << Describe(between);
        ASSERT_EQ(Gist(settled), Gist(between))
            << "seed " << seed << " step " << step << " at " << FormatInstant(probe);
      }
      if (random() % 5 == 0) world.Disturb();
      now = end;
    }
  }
}

TEST(PlanLaw, ABumpPassesEveryGateAndItsInstantWasForetold) {
  std::map<std::pair<std::string, std::string>, Instant> foretold;
  size_t bumps = 0;
  for (unsigned seed = 1; seed <= Worlds(); ++seed) {
    foretold.clear();
    World world(seed, 12);
    Instant now = World::Start();
    for (int step = 0; step < kSteps; ++step) {
      Plan plan = world.MakePlanAt(now);
      for (const Decision& d : plan.decisions) {
        auto key = std::pair{d.upgrade.str(), d.cluster};
        if (d.action == Action::kBump) {
          ++bumps;
          for (const auto& [gate, result] : d.gates) ASSERT_EQ(result.verdict, Verdict::kPass) << Name(gate);
          auto told = foretold.find(key);
          if (told != foretold.end()) {
            ASSERT_GE(now, told->second) << "seed " << seed << " " << d.cluster;
          }
        }
        if (d.until) {
          ASSERT_GT(*d.until, now) << "seed " << seed << "\n" << Describe(plan);
        }
        if (d.action == Action::kWait && d.until && (d.reason == "window" || d.reason == "start-time")) {
          foretold[key] = *d.until;
        }
      }
      world.CarryOut(plan);
      auto wake = world.MakePlanAt(now).next_wake;
      if (!wake) break;
      now = *wake;
    }
  }
  EXPECT_GT(bumps, 100U);
}

TEST(PlanLaw, SharedRefsNeverPart) {
  LiveThrough([](World& world, Instant now) {
    Plan plan = world.MakePlanAt(now);
    std::map<std::string, std::set<std::string>> bumped_in_file;
    for (const Decision& d : plan.decisions) {
      for (const RefEdit& edit : d.edits) bumped_in_file[edit.file].insert(d.cluster);
    }
    for (const Cluster& cluster : world.fleet().clusters) {
      auto moved = bumped_in_file.find(cluster.refs.front().file);
      if (moved != bumped_in_file.end()) {
        EXPECT_TRUE(moved->second.contains(cluster.name)) << Describe(plan);
      }
    }
  });
}

TEST(PlanLaw, AtMostOneUpgradeMovesACluster) {
  LiveThrough([](World& world, Instant now) {
    Plan plan = world.MakePlanAt(now);
    std::set<std::string> moved;
    for (const Decision& d : plan.decisions) {
      if (d.action == Action::kBump) {
        EXPECT_TRUE(moved.insert(d.cluster).second) << Describe(plan);
      }
    }
  });
}

TEST(PlanLaw, LimitsHold) {
  LiveThrough([](World& world, Instant now) {
    Plan plan = world.MakePlanAt(now);
    const LimitSettings& limits = world.fleet().settings->limits;
    std::set<std::string> busy;
    for (const Decision& d : plan.decisions) {
      bool under_way = d.action == Action::kBump || d.action == Action::kObserve;
      if (under_way) busy.insert(d.cluster);
    }
    if (limits.max_concurrency > 0) {
      EXPECT_LE(busy.size(), static_cast<size_t>(limits.max_concurrency)) << Describe(plan);
    }
  });
}

}  // namespace
}  // namespace lockkeeper
