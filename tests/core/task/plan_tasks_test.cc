#include "reconciler/core/task/plan_tasks.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "reconciler/core/task/plan_changes.h"
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
      if (Below(2) == 0) AddChanges(task);
    }
    MoveClusters();
    for (size_t n = Below(3); n > 0; --n) AddSchedule(n);
    for (size_t n = Below(3); n > 0; --n) AddLock(n);
  }

  size_t Below(size_t end) { return random_() % end; }
  void MoveClusters() {
    std::vector<TaskWorld::NameAndStage> clusters;
    for (const char* name : {"a", "b", "c/d", "e.yaml"}) {
      if (Below(3) > 0) clusters.push_back({name, "prod"});
    }
    world.SetClusters(clusters);
  }
  void AddChanges(MaintenanceTask& task) {
    for (const char* path : {"x", "y"}) {
      TaskChange change;
      change.file.value = task.match.written && Below(3) > 0 ? "of/{cluster}" : "shared";
      change.path.value = path;
      change.value = Below(3) == 0 ? "always" : "{task}-{date}";
      task.changes.push_back(change);
    }
  }
  void AddSchedule(size_t number) {
    MaintenanceSchedule schedule;
    schedule.name.name = fmt::format("schedule-{}", number);
    if (Below(3) == 0) {
      schedule.is_default = true;
    } else {
      schedule.match.written = true;
      if (Below(3) == 0) schedule.match.matchers = {{.key = "cluster", .value = "a"}};
    }
    WindowItem window;
    window.name = "window";
    window.start.value = *ParseWrittenTime(fmt::format("2026-01-0{}T{:02}:00:00", 1 + Below(9), Below(24)));
    window.duration = Field<Seconds>{Seconds{3'600 * static_cast<int64_t>(8 + Below(12))}, {}};
    window.recurrence.value = Below(6) > 0 ? "FREQ=DAILY" : "FREQ=WEEKLY";
    schedule.windows.push_back(window);
    if (Below(3) == 0) schedule.runway = Seconds{1'800};
    if (Below(3) == 0) schedule.spread = Seconds{2'400};
    world.fleet.schedules.insert(world.fleet.schedules.begin(), std::move(schedule));
  }
  void AddLock(size_t number) {
    ClusterLock lock;
    lock.name.name = fmt::format("lock-{}", number);
    lock.match.written = true;
    if (Below(2) == 0) lock.match.matchers = {{.key = "cluster", .value = "a"}};
    lock.start = At("2026-03-01T00:00:00Z") + Seconds{3'600 * static_cast<int64_t>(Below(2'000))};
    lock.expires_at = *lock.start + Seconds{3'600 * static_cast<int64_t>(1 + Below(200))};
    lock.reason = "dice";
    world.fleet.locks.insert(world.fleet.locks.begin(), std::move(lock));
  }
  /// Somebody adds a value, takes one away, or seals a file.
  void ChangeFiles() {
    for (const char* file : {"shared", "of/a", "of/b", "of/c/d", "of/e.yaml"}) {
      for (const char* path : {"x", "y"}) {
        const std::string place = fmt::format("{} {}", file, path);
        if (Below(2) == 0) world.values.try_emplace(place, "old");
        if (Below(9) == 0) world.values.erase(place);
      }
      if (Below(6) == 0) world.sealed.insert(file);
      if (Below(2) == 0) world.sealed.erase(file);
    }
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

/// What the slow way says: whether some schedule or lock that covers the cluster (the empty name: the fleet)
/// is in the way.
bool MayChange(const TaskWorld& world, const std::string& name, Instant now) {
  const Fleet& fleet = world.fleet;
  auto covers = [&](const ClusterMatch& match) {
    if (!match.written) return false;
    Diagnostics none;
    auto compiled = CompiledMatch::Compile(match, EmptyMatch::kEverythingIfWritten, "", none);
    if (name.empty() && fleet.clusters.empty()) return match.empty();
    return std::ranges::all_of(fleet.clusters, [&](const Cluster& c) {
      return (!name.empty() && c.name != name) || compiled->Selects(c.labels);
    });
  };
  std::vector<const MaintenanceSchedule*> governing;
  for (const MaintenanceSchedule& s : fleet.schedules) {
    if (!s.is_default && covers(s.match)) governing.push_back(&s);
  }
  for (const MaintenanceSchedule& s : fleet.schedules) {
    if (governing.empty() && s.is_default) governing.push_back(&s);
  }
  bool open = true;
  for (const MaintenanceSchedule* s : governing) {
    Diagnostics none;
    auto calendar = ScheduleCalendar::Compile(*s, fleet.calendars, none);
    auto around = calendar->Around(now, kEveryScope);
    open = open && around && (!s->runway || around->interval.end - now >= *s->runway);
  }
  return open && std::ranges::none_of(fleet.locks, [&](const ClusterLock& lock) {
           return covers(lock.match) && *lock.start <= now && now < lock.expires_at;
         });
}

bool IsEmptyPlan(const TaskPlan& plan) { return plan.transitions.empty() && plan.edits.empty(); }

struct Lived {
  size_t opened = 0;
  size_t changed = 0;
  size_t refused = 0;
};

void LiveThrough(RandomTasks& dice, Lived& lived) {
  std::set<TaskKey> changed;
  TaskWorld& world = dice.world;
  Instant now = At("2026-03-01T00:00:00Z");
  for (int step = 0; step < 25; ++step) {
    SCOPED_TRACE(fmt::format("step {} at {}", step, FormatInstant(now)));
    if (dice.Below(5) == 0) dice.MoveClusters();
    if (dice.Below(2) == 0) dice.ChangeFiles();
    const TaskPlan plan = world.PlanAt(now);
    lived.opened += plan.transitions.size();
    lived.changed += plan.edits.size();
    for (const TaskTransition& t : plan.transitions) lived.refused += t.step == TaskStep::kRefused ? 1 : 0;
    for (const TaskEdits& made : plan.edits) {
      const TaskKey key = KeyOf(made.transition);
      ASSERT_TRUE(changed.insert(key).second) << key.task.str() << " changes twice what it changes once";
      ASSERT_TRUE(MayChange(world, key.cluster, now)) << key.task.str() << " " << key.cluster;
    }
    world.CarryOut(plan, now);
    ASSERT_TRUE(IsEmptyPlan(world.PlanAt(now)));
    if (dice.Below(3) == 0) dice.DoSomething(now);
    const TaskPlan settled = world.PlanAt(now);
    ASSERT_TRUE(IsEmptyPlan(settled)) << "what people do opens nothing";
    for (const WaitingChanges& waiting : settled.waiting) {
      if (!waiting.until) continue;
      ASSERT_GT(*waiting.until, now);
      ASSERT_LE(*settled.next_wake, *waiting.until);
      ASSERT_TRUE(MayChange(world, waiting.key.cluster, *waiting.until)) << waiting.why;
    }
    if (!settled.next_wake) return;
    const Instant wake = *settled.next_wake;
    ASSERT_GT(wake, now);
    ASSERT_TRUE(IsEmptyPlan(world.PlanAt(wake - Seconds{1})));
    ASSERT_FALSE(IsEmptyPlan(world.PlanAt(wake)));
    // Now and then nobody looks for a while.
    now = wake + Seconds{dice.Below(4) == 0 ? static_cast<int64_t>(dice.Below(2'000'000)) : 0};
  }
}

TEST(PlanTasksLaw, SettledWokenInTimeAndRebuilt) {
  Lived lived;
  for (unsigned seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    RandomTasks dice(seed);
    LiveThrough(dice, lived);
    if (HasFatalFailure()) return;
    const TaskWorld& world = dice.world;
    std::map<std::string, std::string> rebuilt;
    for (const StatusWrite& file : world.rebuild.Files()) rebuilt[file.path] = file.content;
    ASSERT_EQ(rebuilt, world.tree);
    ASSERT_EQ(world.rebuild.tasks(), world.status.book);
  }
  EXPECT_GT(lived.opened, 700U);
  EXPECT_GT(lived.changed, 200U);
  EXPECT_GT(lived.refused, 50U);
}

}  // namespace
}  // namespace lockkeeper
