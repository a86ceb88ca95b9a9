#include "reconciler/core/simulate/simulate.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/core/plan/random_fleet.h"

namespace lockkeeper {
namespace {

using std::chrono::days;
using std::chrono::hours;

Instant At(std::string_view text) { return *ParseInstant(text); }

/// Two clusters, one upgrade that somebody checks, and a schedule that is open from 06:00 to 10:00.
struct SmallFleet {
  std::vector<Cluster> clusters;
  Fleet fleet;
  StatusBook book;
  std::map<ObjectName, std::string> broken;

  SmallFleet() {
    fleet.settings.emplace();
    MaintenanceSchedule schedule{.name = {.name = "mornings"}};
    schedule.match.written = true;
    WindowItem morning;
    morning.name = "morning";
    morning.start.value = std::chrono::local_days{std::chrono::year{2026} / 1 / 5} + hours{6};
    morning.duration = Field<Seconds>{hours{4}, {}};
    morning.recurrence.value = "FREQ=DAILY";
    schedule.windows.push_back(morning);
    fleet.schedules.push_back(schedule);
    ClusterUpgrade upgrade{.name = {.name = "up"}};
    upgrade.match.written = true;
    upgrade.match.matchers.push_back({.key = "cluster", .value = "c.*", .is_regex = true});
    upgrade.release.name.value = "v1.32.0";
    upgrade.spec_hash = "sha256:1";
    upgrade.checks_after.push_back({.type = "Nodes", .parameters = "{}"});
    fleet.upgrades.push_back(upgrade);
    for (const char* name : {"c1", "c2"}) {
      Cluster cluster{.name = name, .file = fmt::format("clusters/{}.yaml", name)};
      cluster.labels = {{"cluster", name}, {"release", "1.31.0"}};
      cluster.release = "1.31.0";
      cluster.refs.push_back({.file = cluster.file,
                              .path = "spec.version",
                              .value = "v1.31.0",
                              .version = "1.31.0",
                              .format = "v{version}"});
      clusters.push_back(cluster);
    }
    fleet.clusters = clusters;
  }

  ClusterUpgrade& upgrade() { return fleet.upgrades.front(); }

  Future Run(const Assumptions& assumptions = {}, TryEdits try_edits = {}, Seconds span = days{30}) const {
    const Instant start = At("2026-03-02T05:00:00Z");
    auto future = Simulate({.fleet = fleet,
                            .book = book,
                            .broken_status = broken,
                            .horizon = {start, start + span},
                            .assumptions = assumptions,
                            .try_edits = std::move(try_edits)});
    EXPECT_TRUE(future);
    return *future;
  }
};

std::vector<std::string> Lines(const Future& future, std::string_view cluster) {
  std::vector<std::string> lines;
  for (const Event& event : future.events) {
    if (event.cluster != cluster) continue;
    lines.push_back(fmt::format("{} {} {} {}", FormatInstant(event.at), Name(event), event.from, event.to));
  }
  return lines;
}

using Strings = std::vector<std::string>;

TEST(Simulate, WhatIsAssumedIsSeenSoMuchLater) {
  SmallFleet small;
  small.upgrade().finish_timeout = hours{2};
  const Future future = small.Run({.outcomes = {{"c2", Outcome::kFailure}}, .duration = Seconds{2400}});
  EXPECT_EQ(Lines(future, "c1"),
            (Strings{"2026-03-02T05:00:00Z wait v1.31.0 v1.32.0", "2026-03-02T06:00:00Z bump v1.31.0 v1.32.0",
                     "2026-03-02T06:40:00Z success v1.31.0 v1.32.0"}));
  EXPECT_EQ(Lines(future, "c2").back(), "2026-03-02T06:40:00Z failure v1.31.0 v1.32.0");
  EXPECT_EQ(future.events.front().message, "window: outside every window of schedule default/mornings");
  EXPECT_EQ(future.incomplete, "");
}

TEST(Simulate, WhoNeverAnswersTimesOut) {
  SmallFleet small;
  small.upgrade().finish_timeout = hours{2};
  const Future future = small.Run({.outcomes = {{"c1", Outcome::kTimedOut}}});
  EXPECT_EQ(Lines(future, "c1").back(), "2026-03-02T08:00:00Z timedOut v1.31.0 v1.32.0");
  EXPECT_EQ(Lines(future, "c2").back(), "2026-03-02T06:30:00Z success v1.31.0 v1.32.0");
}

TEST(Simulate, ChecksBeforeAStartAreTakenToPass) {
  SmallFleet small;
  small.upgrade().checks_before.push_back({.type = "Nodes", .parameters = "{}"});
  EXPECT_EQ(Lines(small.Run(), "c1").back(), "2026-03-02T06:30:00Z success v1.31.0 v1.32.0");
}

TEST(Simulate, ARunThatHasBegunIsSeenToItsEnd) {
  SmallFleet small;
  ClusterRecord line{.name = "c1", .state = ClusterState::kRunning, .from = "v1.31.0", .to = "v1.32.0"};
  line.triggered_at = At("2026-03-02T04:50:00Z");
  line.hops = {{.to = "v1.32.0", .triggered_at = *line.triggered_at}};
  small.book[{.name = "up"}] = {.upgrade = {.name = "up"}, .target = "v1.32.0", .spec_hash = "sha256:1"};
  small.book[{.name = "up"}].clusters = {line};
  small.clusters[0].refs[0].value = "v1.32.0";
  small.clusters[0].refs[0].version = "1.32.0";
  small.fleet.clusters = small.clusters;
  EXPECT_EQ(Lines(small.Run(), "c1"), (Strings{"2026-03-02T05:20:00Z success v1.31.0 v1.32.0"}));
}

TEST(Simulate, ARefusedEditHoldsItsClusterAndNoOther) {
  const SmallFleet small;
  const Future future = small.Run({}, [](const std::vector<Change>& changes) -> Result<EditRefusals> {
    for (const Change& change : changes) {
      for (const auto& [file, cluster] : change.clusters) {
        if (cluster == "c1") return EditRefusals{{cluster, "clusters/c1.yaml: the edit is refused"}};
      }
    }
    return EditRefusals{};
  });
  EXPECT_EQ(Lines(future, "c1").back(), "2026-03-02T06:00:00Z blocked v1.31.0 v1.32.0");
  EXPECT_EQ(Lines(future, "c2").back(), "2026-03-02T06:30:00Z success v1.31.0 v1.32.0");
  EXPECT_EQ(future.last.decisions.front().reason, "ref");
}

TEST(Simulate, AnErrorOfTheFilesEndsIt) {
  const SmallFleet small;
  const Instant start = At("2026-03-02T06:00:00Z");
  auto future = Simulate({.fleet = small.fleet,
                          .book = small.book,
                          .broken_status = small.broken,
                          .horizon = {start, start + days{1}},
                          .try_edits = [](const auto&) -> Result<EditRefusals> { return NotFound("gone"); }});
  ASSERT_FALSE(future);
  EXPECT_EQ(future.error().message, "gone");
}

TEST(Simulate, WhatPoliciesAskForIsToCome) {
  SmallFleet small;
  small.fleet.upgrades.clear();
  small.fleet.settings->releases = {"releases/"};
  small.fleet.releases.push_back({.name = "v1.32.0", .date = At("2026-03-03T00:00:00Z")});
  UpgradePolicy policy{.name = {.name = "follow"}};
  policy.match.written = true;
  policy.match.matchers.push_back({.key = "cluster", .value = "c1"});
  policy.minimum_release_age = days{1};
  policy.auto_approve = AutoApprove::kMinor;
  policy.spec_template =
      R"({"runway":"1h","checks":{"before":[{"type":"Nodes"}],"after":[{"type":"Nodes"}]}})";
  small.fleet.policies.push_back(policy);
  EXPECT_EQ(Lines(small.Run(), "c1"),
            (Strings{"2026-03-04T00:00:00Z wait v1.31.0 v1.32.0", "2026-03-04T06:00:00Z bump v1.31.0 v1.32.0",
                     "2026-03-04T07:00:00Z success v1.31.0 v1.32.0"}));
}

TEST(Simulate, TheEndIsOutside) {
  const SmallFleet small;
  EXPECT_EQ(Lines(small.Run({}, {}, hours{1}), "c1").size(), 1U);
  EXPECT_EQ(Lines(small.Run({}, {}, hours{1} + Seconds{1}), "c1").size(), 2U);
}

TEST(Simulate, SaysWhereItGivesUp) {
  SmallFleet small;
  // c1 never comes to an end and keeps the only place, and every other minute c2 may ask for it again.
  small.fleet.settings->limits.max_concurrency = 1;
  std::string& rule = small.fleet.schedules[0].windows[0].recurrence.value;
  rule = "FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23;BYMINUTE=0";
  for (int minute = 2; minute < 60; minute += 2) rule += fmt::format(",{}", minute);
  small.fleet.schedules[0].windows[0].duration = Field<Seconds>{Seconds{60}, {}};
  const Future future = small.Run({.outcomes = {{"c1", Outcome::kTimedOut}}}, {}, days{90});
  EXPECT_TRUE(future.incomplete.contains("after 20000 passes")) << future.incomplete;
}

TEST(Assumptions, DurationIsTheRunwayOrHalfAnHourAndFitsTheTimeout) {
  struct Row {
    const char* name;
    std::optional<Seconds> asked, runway, timeout;
    int64_t seconds;
  };
  const Row rows[] = {
      {"nothing_is_said", {}, {}, {}, 1800},
      {"runway", {}, Seconds{2700}, {}, 2700},
      {"timeout_is_shorter", {}, Seconds{2700}, Seconds{600}, 600},
      {"timeout_is_longer", {}, {}, hours{3}, 1800},
      {"asked_for_wins", Seconds{60}, Seconds{2700}, Seconds{600}, 60},
      {"asked_for_may_time_out", Seconds{7200}, {}, Seconds{600}, 7200},
  };
  for (const Row& row : rows) {
    const ClusterUpgrade upgrade{.finish_timeout = row.timeout, .runway = row.runway};
    EXPECT_EQ(Assumptions{.duration = row.asked}.DurationOf(&upgrade).count(), row.seconds) << row.name;
  }
  EXPECT_EQ(Assumptions{}.DurationOf(nullptr), Assumptions::kUsualDuration);
}

std::string Describe(const std::vector<Event>& events) {
  std::string text;
  for (const Event& event : events) {
    text += fmt::format("{} {} {} {} {} {} {}\n", FormatInstant(event.at), event.upgrade.str(), event.cluster,
                        Name(event), event.from, event.to, event.message);
  }
  return text;
}

TEST(SimulateLaw, ALongerViewBeginsWithTheShorterOne) {
  size_t bumps = 0;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    const World world(seed, 12);
    const std::map<ObjectName, std::string> broken;
    auto run = [&](Seconds span) {
      auto future = Simulate({.fleet = world.fleet(),
                              .book = world.book(),
                              .broken_status = broken,
                              .horizon = {World::Start(), World::Start() + span}});
      EXPECT_TRUE(future && future->incomplete.empty());
      return Describe(future->events);
    };
    const std::string all = run(days{60});
    EXPECT_EQ(all, run(days{60})) << "seed " << seed;
    EXPECT_TRUE(all.starts_with(run(days{3}))) << "seed " << seed;
    for (size_t at = all.find(" bump "); at != std::string::npos; at = all.find(" bump ", at + 1)) ++bumps;
  }
  EXPECT_GT(bumps, 200U);
}

}  // namespace
}  // namespace lockkeeper
