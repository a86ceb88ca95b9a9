#include "reconciler/core/task/plan_tasks.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "tests/core/task/task_world.h"
#include "tests/core/time_testing.h"

namespace lockkeeper {
namespace {

using testing::At;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr Seconds kDay{86'400};

std::string Wake(const TaskPlan& plan) { return plan.next_wake ? FormatInstant(*plan.next_wake) : "never"; }

TEST(PlanTasks, FallsDueAndIsOverdue) {
  TaskWorld world;
  world.AddTask("rotate", "2026-01-05T09:00:00", "FREQ=DAILY;INTERVAL=90").due_within = kDay;
  EXPECT_THAT(world.Pass("2026-01-01T00:00:00Z"), IsEmpty());
  EXPECT_EQ(Wake(world.PlanAt(At("2026-01-01T00:00:00Z"))), "2026-01-05T09:00:00Z");
  EXPECT_THAT(world.Pass("2026-01-05T09:00:00Z"), ElementsAre("rotate 2026-01-05 open"));
  EXPECT_EQ(Wake(world.PlanAt(At("2026-01-05T09:00:00Z"))), "2026-01-06T09:00:00Z");
  EXPECT_THAT(world.Pass("2026-01-06T08:59:59Z"), IsEmpty());
  EXPECT_THAT(world.Pass("2026-01-06T09:00:00Z"), ElementsAre("rotate 2026-01-05 overdue"));
  EXPECT_EQ(Wake(world.PlanAt(At("2026-01-06T09:00:00Z"))), "2026-04-05T09:00:00Z");
}

TEST(PlanTasks, WhatIsDoneIsNeitherOverdueNorOpenedAgain) {
  TaskWorld world;
  world.AddTask("rotate", "2026-01-05T09:00:00", "FREQ=DAILY;INTERVAL=90").due_within = kDay;
  world.Pass("2026-01-05T09:00:00Z");
  world.Done(world.status.book.begin()->first, At("2026-01-05T12:00:00Z"));
  EXPECT_EQ(Wake(world.PlanAt(At("2026-01-05T12:00:00Z"))), "2026-04-05T09:00:00Z");
  EXPECT_THAT(world.Pass("2026-01-20T00:00:00Z"), IsEmpty());
  EXPECT_EQ(world.status.book.begin()->second.done_by, "Ada");
}

TEST(PlanTasks, FirstSeenLongAfterItsStart) {
  struct Row {
    const char* rule;
    const char* now;
    std::vector<std::string> opened;
  };
  for (const Row& row : {
           Row{"FREQ=MONTHLY", "2026-03-20T00:00:00Z", {"rotate 2026-03-05 open"}},
           // Its last period was a day long, and so long ago that nobody waits for it.
           Row{"FREQ=DAILY;COUNT=3", "2026-03-20T00:00:00Z", {}},
           Row{"FREQ=DAILY;COUNT=3", "2026-01-08T08:59:59Z", {"rotate 2026-01-07 open"}},
           Row{"FREQ=DAILY;COUNT=3", "2026-01-08T09:00:00Z", {}},
           Row{"", "2026-03-20T00:00:00Z", {"rotate 2026-01-05 open"}},
       }) {
    SCOPED_TRACE(fmt::format("{} {}", row.rule, row.now));
    TaskWorld world;
    world.AddTask("rotate", "2026-01-05T09:00:00", row.rule);
    EXPECT_EQ(world.Pass(row.now), row.opened);
    EXPECT_THAT(world.Pass(row.now), IsEmpty());
  }
}

TEST(PlanTasks, MissedPassesOpenEveryDueDateAndWhatIsOverdueAtOnce) {
  TaskWorld world;
  world.AddTask("review", "2026-01-05T09:00:00", "FREQ=WEEKLY").due_within = 3 * kDay;
  world.Pass("2026-01-05T09:00:00Z");
  EXPECT_THAT(world.Pass("2026-01-20T00:00:00Z"),
              ElementsAre("review 2026-01-12 open", "review 2026-01-19 open", "review 2026-01-05 overdue",
                          "review 2026-01-12 overdue"));
  EXPECT_THAT(world.Pass("2026-01-20T00:00:00Z"), IsEmpty());
}

TEST(PlanTasks, OfTooManyMissedDatesTheNewestAreOpened) {
  TaskWorld world;
  world.AddTask("daily", "2026-01-05T09:00:00", "FREQ=DAILY");
  world.Pass("2026-01-05T09:00:00Z");
  const Instant now = At("2026-06-01T12:00:00Z");
  const TaskPlan plan = world.PlanAt(now);
  ASSERT_EQ(plan.transitions.size(), kMissedDueDatesMax);
  EXPECT_EQ(FormatDate(plan.transitions.front().date), "2026-04-13");
  EXPECT_EQ(FormatDate(plan.transitions.back().date), "2026-06-01");
  EXPECT_THAT(plan.problems, ElementsAre(HasSubstr("those from 2026-01-06 to 2026-04-12 are left out")));
  world.Keep(world.RecordOf(plan, now));
  EXPECT_THAT(world.PlanAt(now).problems, IsEmpty());
}

TEST(PlanTasks, OneForEachClusterThatIsSelectedThen) {
  TaskWorld world;
  MaintenanceTask& task = world.AddTask("rotate", "2026-01-05T09:00:00", "FREQ=MONTHLY");
  task.match.written = true;
  task.match.matchers = {{.key = "stage", .value = "prod", .mark = {}}};
  world.SetClusters({{"a", "prod"}, {"b", "dev"}, {"c", "prod"}});
  EXPECT_THAT(world.Pass("2026-01-05T09:00:00Z"), ElementsAre("rotate 2026-01-05 open a c"));
  world.SetClusters({{"a", "prod"}, {"b", "prod"}});
  EXPECT_THAT(world.Pass("2026-01-20T00:00:00Z"), IsEmpty()) << "b has joined, and begins with the next";
  EXPECT_THAT(world.Pass("2026-02-05T09:00:00Z"), ElementsAre("rotate 2026-02-05 open a b"));
  EXPECT_EQ(world.tree.count("tasks/rotate/2026-01-05-c.yaml"), 1U);
}

TEST(PlanTasks, NoClusterNoWake) {
  TaskWorld world;
  world.AddTask("rotate", "2026-01-05T09:00:00", "FREQ=MONTHLY").match.written = true;
  EXPECT_THAT(world.Pass("2026-01-20T00:00:00Z"), IsEmpty());
  EXPECT_EQ(Wake(world.PlanAt(At("2026-01-20T00:00:00Z"))), "never");
}

TEST(PlanTasks, AnIncompleteInventoryOpensNothingForClusters) {
  TaskWorld world;
  MaintenanceTask& task = world.AddTask("rotate", "2026-01-05T09:00:00", "FREQ=MONTHLY");
  task.match.written = true;
  task.due_within = kDay;
  world.SetClusters({{"a", "prod"}});
  world.Pass("2026-01-05T09:00:00Z");
  world.fleet.inventory_incomplete = true;
  EXPECT_THAT(world.Pass("2026-02-05T09:00:00Z"), ElementsAre("rotate 2026-01-05 overdue a"));
  EXPECT_THAT(world.PlanAt(At("2026-02-05T09:00:00Z")).problems,
              ElementsAre(HasSubstr("a file of the inventory cannot be read")));
  world.fleet.inventory_incomplete = false;
  EXPECT_THAT(world.Pass("2026-02-05T09:00:00Z"), ElementsAre("rotate 2026-02-05 open a"));
}

TEST(PlanTasks, ARemovedManifestLeavesWhatIsOpenAlone) {
  TaskWorld world;
  world.AddTask("rotate", "2026-01-05T09:00:00", "FREQ=MONTHLY").due_within = kDay;
  world.Pass("2026-01-05T09:00:00Z");
  world.fleet.tasks.clear();
  EXPECT_THAT(world.Pass("2026-02-05T09:00:00Z"), IsEmpty());
  EXPECT_EQ(Wake(world.PlanAt(At("2026-02-05T09:00:00Z"))), "never");
}

TEST(PlanTasks, NothingIsDecidedWhereTheFileCannotBeTrusted) {
  TaskWorld world;
  world.AddTask("rotate", "2026-01-05T09:00:00", "FREQ=MONTHLY").due_within = kDay;
  world.status.broken["tasks/rotate/2026-01-05.yaml"] = "reverted";
  EXPECT_THAT(world.Pass("2026-01-20T00:00:00Z"), IsEmpty());
  EXPECT_THAT(world.Pass("2026-02-05T09:00:00Z"), ElementsAre("rotate 2026-02-05 open"));
}

TEST(PlanTasks, AMovedStartDoesNotOpenADateTwice) {
  TaskWorld world;
  world.AddTask("rotate", "2026-01-05T09:00:00", "FREQ=DAILY");
  world.Pass("2026-01-05T09:00:00Z");
  world.fleet.tasks.front().start.value = *ParseWrittenTime("2026-01-05T18:00:00");
  EXPECT_EQ(Wake(world.PlanAt(At("2026-01-05T10:00:00Z"))), "2026-01-06T18:00:00Z");
  EXPECT_THAT(world.Pass("2026-01-05T18:00:00Z"), IsEmpty());
}

TEST(PlanTasks, AHeldTaskSaysWhy) {
  TaskWorld world;
  world.AddTask("rotate", "2026-01-05T09:00:00", "FREQ=DAILY").time_zone.value = "Europe/Berln";
  const TaskPlan plan = world.PlanAt(At("2026-01-05T10:00:00Z"));
  EXPECT_THAT(plan.transitions, IsEmpty());
  EXPECT_THAT(plan.problems, ElementsAre(HasSubstr("task default/rotate is held: upgrades/tasks.yaml:")));
}

/// Tasks, clusters and people of dice.
class RandomTasks {
 public:
  explicit RandomTasks(unsigned seed) : random_(seed) {
    constexpr std::array kRules{"FREQ=DAILY",
                                "FREQ=DAILY;INTERVAL=9",
                                "FREQ=WEEKLY;BYDAY=MO,TH",
                                "FREQ=MONTHLY;BYMONTHDAY=31",
                                "FREQ=DAILY;COUNT=7",
                                ""};
    constexpr std::array kZones{"UTC", "Europe/Stockholm", "Pacific/Apia", "America/Santiago"};
    for (size_t n = 1; n <= 1 + Below(3); ++n) {
      MaintenanceTask& task = world.AddTask(fmt::format("task-{}", n),
                                            fmt::format("2026-03-{:02}T0{}:30:00", 1 + Below(30), Below(5)),
                                            kRules[Below(kRules.size())]);
      task.time_zone.value = kZones[Below(kZones.size())];
      if (Below(2) == 0) task.due_within = Seconds{3'600 * static_cast<int64_t>(1 + Below(80))};
      if (Below(2) == 0) task.match.written = true;
      if (Below(2) == 0) task.checklist = {"do it", "say: \"done\"\nthen"};
    }
    MoveClusters();
  }

  size_t Below(size_t end) { return random_() % end; }
  void MoveClusters() {
    std::vector<TaskWorld::NameAndStage> clusters;
    for (const char* name : {"a", "b", "c/d", "e.yaml"}) {
      if (Below(3) > 0) clusters.push_back({name, "prod"});
    }
    world.SetClusters(clusters);
  }
  void DoSomething(Instant now) {
    for (const auto& [key, record] : TaskBook{world.status.book}) {
      if (record.state != TaskState::kDone && Below(3) == 0) world.Done(key, now);
    }
  }

  TaskWorld world;

 private:
  std::mt19937 random_;
};

void LiveThrough(RandomTasks& dice, size_t& opened) {
  TaskWorld& world = dice.world;
  Instant now = At("2026-03-01T00:00:00Z");
  for (int step = 0; step < 25; ++step) {
    SCOPED_TRACE(fmt::format("step {} at {}", step, FormatInstant(now)));
    if (dice.Below(5) == 0) dice.MoveClusters();
    const TaskPlan plan = world.PlanAt(now);
    opened += plan.transitions.size();
    world.Keep(world.RecordOf(plan, now));
    ASSERT_THAT(world.PlanAt(now).transitions, IsEmpty());
    if (dice.Below(3) == 0) dice.DoSomething(now);
    const TaskPlan settled = world.PlanAt(now);
    ASSERT_THAT(settled.transitions, IsEmpty()) << "what people do opens nothing";
    if (!settled.next_wake) return;
    const Instant wake = *settled.next_wake;
    ASSERT_GT(wake, now);
    ASSERT_THAT(world.PlanAt(wake - Seconds{1}).transitions, IsEmpty());
    ASSERT_THAT(world.PlanAt(wake).transitions, Not(IsEmpty()));
    // Now and then nobody looks for a while.
    now = wake + Seconds{dice.Below(4) == 0 ? static_cast<int64_t>(dice.Below(2'000'000)) : 0};
  }
}

TEST(PlanTasksLaw, SettledWokenInTimeAndRebuilt) {
  size_t opened = 0;
  for (unsigned seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    RandomTasks dice(seed);
    LiveThrough(dice, opened);
    if (HasFatalFailure()) return;
    const TaskWorld& world = dice.world;
    std::map<std::string, std::string> rebuilt;
    for (const StatusWrite& file : world.rebuild.Files()) rebuilt[file.path] = file.content;
    ASSERT_EQ(rebuilt, world.tree);
    ASSERT_EQ(world.rebuild.tasks(), world.status.book);
  }
  EXPECT_GT(opened, 2'000U);
}

}  // namespace
}  // namespace lockkeeper
