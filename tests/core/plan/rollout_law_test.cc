// What UpgradePlans, locks and the like promise, judged from the outside by simpler means than the gates'.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/core/plan/random_fleet.h"

namespace lockkeeper {
namespace {

constexpr unsigned kWorlds = 60;
constexpr int kSteps = 25;

template <class Visit>
void LiveThrough(Visit visit) {
  for (unsigned seed = 1; seed <= kWorlds && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    World world(seed, 12);
    std::mt19937 random{seed * 104'729};
    Instant now = World::Start();
    for (int step = 0; step < kSteps && !testing::Test::HasFailure(); ++step) {
      SCOPED_TRACE(fmt::format("step {} at {}", step, FormatInstant(now)));
      Plan plan = world.MakePlanAt(now);
      visit(world, plan);
      world.CarryOut(plan);
      if (random() % 3 == 0) world.Disturb();
      auto wake = world.MakePlanAt(now).next_wake;
      now = wake ? *wake : now + std::chrono::hours{6};
    }
  }
}

const Cluster& Find(const World& world, const std::string& name) {
  return *std::ranges::find(world.fleet().clusters, name, &Cluster::name);
}

const ClusterUpgrade& Find(const World& world, const ObjectName& name) {
  return *std::ranges::find(world.fleet().upgrades, name, &ClusterUpgrade::name);
}

TEST(RolloutLaw, TheWorldsReachEveryGate) {
  std::map<std::string, int> reasons;
  LiveThrough([&](const World&, const Plan& plan) {
    for (const Decision& d : plan.decisions) ++reasons[d.reason];
  });
  for (const char* gate :
       {"suspend", "ref", "version", "conflict", "start-time", "rejected", "stage", "failure-budget",
        "approval", "notice", "min-interval", "lock", "check", "window", "concurrency"}) {
    EXPECT_GT(reasons[gate], 0) << gate;
  }
}

TEST(RolloutLaw, NothingIsBumpedUnderALock) {
  LiveThrough([](const World& world, const Plan& plan) {
    for (const Decision& d : plan.decisions) {
      if (d.action != Action::kBump) continue;
      for (const ClusterLock& lock : world.fleet().locks) {
        const bool selects =
            lock.match.matchers.empty() ||
            FindLabel(Find(world, d.cluster).labels, "stage") == lock.match.matchers.front().value;
        const bool active = (!lock.start || *lock.start <= plan.at) && plan.at < lock.expires_at;
        EXPECT_FALSE(selects && active && lock.scope == kEveryScope) << d.cluster << " " << lock.name.str();
      }
    }
  });
}

TEST(RolloutLaw, AStageBeginsWhenThoseBeforeItAreDoneAndHaveSoaked) {
  size_t judged = 0;
  LiveThrough([&](const World& world, const Plan& plan) {
    for (const Decision& d : plan.decisions) {
      auto record = world.book().find(d.upgrade);
      if (d.action != Action::kBump || d.stage.empty() || record == world.book().end()) continue;
      const ClusterUpgrade& upgrade = Find(world, d.upgrade);
      const bool frozen = record->second.plan && record->second.spec_hash == upgrade.spec_hash;
      const ClusterRecord* line = record->second.Find(d.cluster);
      const bool begins = line == nullptr || !line->triggered_at || line->state == ClusterState::kFinished;
      if (!frozen || !begins) continue;
      auto copy = nlohmann::json::parse(record->second.plan->copy);
      for (const auto& stage : copy["stages"]) {
        if (stage["name"] != d.stage) continue;
        for (const auto& before : stage["dependsOn"]) {
          ++judged;
          for (const ClusterRecord& other : record->second.clusters) {
            if (other.stage != before.get<std::string>()) continue;
            const bool ends_now = std::ranges::any_of(plan.decisions, [&](const Decision& o) {
              return o.upgrade == d.upgrade && o.cluster == other.name &&
                     std::ranges::any_of(o.transitions, [](const Transition& t) {
                       const auto* change = std::get_if<StateChanged>(&t);
                       return change != nullptr && change->state == ClusterState::kFinished;
                     });
            });
            const bool gone = std::ranges::none_of(world.fleet().clusters,
                                                   [&](const Cluster& c) { return c.name == other.name; });
            EXPECT_TRUE(other.state == ClusterState::kFinished || ends_now || gone)
                << d.cluster << " begins before " << other.name << "\n"
                << Describe(plan);
          }
        }
      }
    }
  });
  EXPECT_GT(judged, 5U);
}

TEST(RolloutLaw, ClustersWithTheSameMutexKeyNeverRunTogether) {
  LiveThrough([](const World& world, const Plan& plan) {
    if (world.fleet().plans.front().mutex_keys.empty()) return;
    // Who runs already may have begun under another plan; nobody joins them.
    std::map<std::string, std::set<std::string>> running, starting;
    for (const Decision& d : plan.decisions) {
      std::string stage{FindLabel(Find(world, d.cluster).labels, "stage")};
      const bool follows = Find(world, d.upgrade).plan.has_value() && !d.stage.empty();
      auto record = world.book().find(d.upgrade);
      const ClusterRecord* line = record == world.book().end() ? nullptr : record->second.Find(d.cluster);
      const bool goes_on = line != nullptr && line->triggered_at && line->state != ClusterState::kFinished;
      const bool frozen = record != world.book().end() && record->second.plan &&
                          record->second.spec_hash == Find(world, d.upgrade).spec_hash;
      if (d.action == Action::kObserve) running[stage].insert(d.cluster);
      const bool live = !frozen || record->second.plan->hash == world.fleet().plans.front().hash;
      if (d.action == Action::kBump && follows && live && !goes_on) starting[stage].insert(d.cluster);
    }
    for (const auto& [stage, clusters] : starting) {
      EXPECT_LE(clusters.size(), 1U) << Describe(plan);
      EXPECT_TRUE(running[stage].empty()) << Describe(plan);
    }
  });
}

}  // namespace
}  // namespace lockkeeper
