// A reader that has followed a history knows what a new one reads, whatever happened on the way.
#include <gtest/gtest.h>

#include <random>

#include "tests/cycle/fleet_text.h"
#include "tests/gitops/repository_test_cases.h"
#include "tests/support/faulty_repository.h"
#include "tests/support/temp_repository.h"

namespace lockkeeper {
namespace {

/// Changes of a repository: few names and places, so that they meet.
class RandomChanges {
 public:
  explicit RandomChanges(uint32_t seed) : random_(seed) {}

  std::vector<TestFile> Next(const std::map<std::string, std::string>& present) {
    std::map<std::string, TestFile> changes;
    for (int left = 1 + Below(4); left > 0; --left) {
      TestFile file = File();
      file.remove = Below(4) == 0;
      if (!file.remove || present.contains(file.path)) changes.insert_or_assign(file.path, file);
    }
    std::vector<TestFile> files;
    for (auto& [path, file] : changes) files.push_back(std::move(file));
    return files;
  }

 private:
  int Below(int end) { return static_cast<int>(random_() % static_cast<uint32_t>(end)); }
  std::string Name() { return std::string(1, static_cast<char>('a' + Below(3))); }
  std::string Pick(const std::vector<std::string>& list) {
    return list[static_cast<size_t>(Below(static_cast<int>(list.size())))];
  }

  TestFile File() {
    TestFile file;
    switch (Below(9)) {
      case 7:
      case 8:
        file = {.path = Pick({"calendars/a.ics", "upgrades/a.ics", "b.ics"}), .content = Calendar()};
        break;
      case 0:
        file = {.path = "lockkeeper.yaml", .content = Fleet()};
        break;
      case 1:
        file = {.path = fmt::format("status/{}/{}.yaml", Pick({"default", "prod", "clusters"}),
                                    Pick({"a", "b", "%61"})),
                .content = Status()};
        break;
      case 2:
        file = {.path = fmt::format("releases/{}.yaml", Name()), .content = Manifests()};
        break;
      default:
        file = {
            .path = fmt::format("{}/{}.yaml", Pick({"upgrades", "upgrades/deep", "other", "fleet"}), Name()),
            .content = Manifests()};
    }
    if (Below(25) == 0) file = {.path = file.path, .content = "target", .mode = "120000"};
    return file;
  }

  std::string Fleet() {
    std::string text = Below(3) == 0 ? "# A line more.\n" : "";
    if (Below(12) == 0) return text + "kind: [\n";
    text += "apiVersion: lockkeeper.dev/v1alpha1\nkind: Fleet\nmetadata: {name: acme}\nspec:\n";
    text += fmt::format("  manifests: [{}]\n",
                        Pick({"upgrades/", "upgrades/, other/", "\"**\"", "\"upgrades/*.yaml\""}));
    text += Pick({"", "  releases: [releases/]\n", "  releases: [releases/, other/]\n"});
    text += Pick({"", "", "  status: {path: status/}\n", "  status: {path: other}\n"});
    text += Pick({"", "  limits: {openMergeRequests: 3}\n", "  unscheduled: Perhaps\n"});
    text += "  inventory:\n  - profile: capi-topology\n";
    text += Pick({"", "    include: [\"fleet/**\"]\n", "    exclude: [\"**/c.yaml\"]\n"});
    return text + Pick({"", "  - profile: capi-kubeadm\n", "---\n" + Upgrade("a")});
  }

  static std::string Upgrade(const std::string& name) {
    return fmt::format(
        "apiVersion: lockkeeper.dev/v1alpha1\nkind: ClusterUpgrade\nmetadata: {{name: {}}}\nspec:\n"
        "  matchers: [{{name: x, value: y}}]\n  releaseRef: {{name: v1.20.0}}\n",
        name);
  }

  std::string Manifests() {
    std::string text;
    for (int documents = 1 + Below(2); documents > 0; --documents) text += "---\n" + Document();
    return text;
  }

  std::string Document() {
    std::string head = "apiVersion: lockkeeper.dev/v1alpha1\n";
    std::string name = Name();
    switch (Below(14)) {
      case 0:
      case 1:
        return Upgrade(name);
      case 2:
        return fmt::format("{}kind: ClusterUpgrade\nmetadata: {{name: {}}}\nspec: {{wrong: 1}}\n", head,
                           name);
      case 3:
        return fmt::format(
            "{}kind: MaintenanceSchedule\nmetadata: {{name: {}}}\nspec: {{matchers: [], timeZone: {}{}}}\n",
            head, name, Pick({"UTC", "Europe/Stockholm"}),
            Pick({"", ", calendars: [{path: calendars/a.ics, effect: Deny}]",
                  ", calendars: [{path: upgrades/a.ics, effect: Allow}, {path: b.ics, effect: Deny}]"}));
      case 4:
        return fmt::format("{}kind: Release\nmetadata: {{name: v1.{}.0}}\nspec: {{state: active}}\n", head,
                           Below(3));
      case 5:
        return fmt::format(
            "apiVersion: cluster.x-k8s.io/v1\nkind: Cluster\nmetadata: {{name: {}}}\nspec: {{topology: "
            "{{version: v1.{}.0}}}}\n",
            name, Below(9));
      case 6:
        return fmt::format("{}kind: {}\nmetadata: {{name: {}}}\n", head,
                           Pick({"ClusterLock", "Fleet", "Nothing"}), name);
      case 7:
        return "a: {b: c}\n";
      case 8:
      case 9:
      case 10:
      case 11:
        return OtherKind(name);
      case 12:
        // A broken one of the same name as a good one.
        return fmt::format("{}kind: {}\nmetadata: {{name: {}}}\nspec: {{wrong: 1}}\n", head,
                           Pick({"ClusterLock", "UpgradePlan", "UpgradeApproval", "UpgradePolicy",
                                 "MaintenanceTask", "NodeMaintenance"}),
                           name);
      default:
        return Pick({"broken: [\n", "kind: MaintenanceSchedule\nbroken: [\n",
                     "apiVersion: cluster.x-k8s.io/v1\ntopology: [\n"});
    }
  }

  std::string OtherKind(const std::string& name) {
    auto object = [&](std::string_view kind, std::string_view spec) {
      return fmt::format("apiVersion: lockkeeper.dev/v1alpha1\nkind: {}\nmetadata: {{name: {}}}\nspec: {}\n",
                         kind, name, spec);
    };
    switch (Below(5)) {
      case 0:
        return object("UpgradePlan", fmt::format("{{stages: [{{name: {}, matchers: []}}]}}", Name()));
      case 1:
        return object("UpgradePolicy", Pick({"{matchers: [{key: x, value: y}]}", "{autoApprove: minor}"}));
      case 2:
        return object("ClusterLock",
                      fmt::format("{{matchers: [], reason: {}, expiresAt: 2026-03-0{}T00:00:00Z}}", Name(),
                                  1 + Below(9)));
      case 3:
        return object("UpgradeApproval",
                      fmt::format("{{upgrade: {}, toRelease: v1.{}.0, by: alice, at: 2026-03-01T00:00:00Z}}",
                                  Name(), Below(3)));
      default:
        return object(
            "MaintenanceTask",
            fmt::format("{{startTime: 2026-03-0{}T00:00:00, recurrence: FREQ=DAILY}}", 1 + Below(9)));
    }
  }

  std::string Calendar() {
    return fmt::format("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:{}\nDTSTART:2026010{}\nEND:VEVENT\n{}", Name(),
                       Below(9), Pick({"END:VCALENDAR\n", "END:VCALENDAR\n", ""}));
  }

  std::string Status() {
    if (Below(6) == 0) return "kind: ClusterUpgrade\n";
    UpgradeRecord record;
    record.upgrade = {.ns = Pick({"default", "default", "prod"}), .name = Name()};
    record.target = fmt::format("v1.{}.0", Below(3));
    record.FindOrAdd("c1").state = ClusterState::kPending;
    return FormatStatusFile(record);
  }

  std::mt19937 random_;
};

std::string ReadAs(FleetReader& reader, const std::string& commit) {
  auto state = reader.Read(commit);
  return state ? Describe(**state) : "error: " + state.error().message;
}

/// Commits of one random history, oldest first.
std::vector<std::string> MakeHistory(TempRepository& repository, uint32_t seed, int length) {
  RandomChanges random(seed);
  std::map<std::string, std::string> present;
  std::vector<std::string> commits;
  for (int i = 0; i < length; ++i) {
    std::vector<TestFile> changes = random.Next(present);
    for (const TestFile& file : changes) {
      if (file.remove) {
        present.erase(file.path);
      } else {
        present.insert_or_assign(file.path, file.content);
      }
    }
    commits.push_back(repository.Commit(changes));
  }
  return commits;
}

TEST(FleetReaderProperty, FollowingEqualsReadingAnew) {
  for (uint32_t seed = 1; seed <= 8; ++seed) {
    TempRepository repository;
    std::vector<std::string> commits = MakeHistory(repository, seed, 25);
    auto opened = Opened(repository.path());
    FleetReader follower(*opened);
    for (const std::string& commit : commits) {
      FleetReader fresh(*opened);
      ASSERT_EQ(ReadAs(follower, commit), ReadAs(fresh, commit)) << "seed " << seed << " commit " << commit;
    }
    // Any commit after any other, not only the next one.
    std::mt19937 random(seed);
    for (int i = 0; i < 25; ++i) {
      const std::string& commit = commits[random() % commits.size()];
      FleetReader fresh(*opened);
      ASSERT_EQ(ReadAs(follower, commit), ReadAs(fresh, commit)) << "seed " << seed << " commit " << commit;
    }
  }
}

TEST(FleetReaderProperty, AFailureAtAnyCallLeavesNothingBehind) {
  for (uint32_t seed = 100; seed <= 103; ++seed) {
    TempRepository repository;
    std::vector<std::string> commits = MakeHistory(repository, seed, 12);
    auto opened = Opened(repository.path());
    const std::string& before = commits[5];
    const std::string& after = commits.back();
    FleetReader fresh(*opened);
    const std::string expected = ReadAs(fresh, after);
    for (int call = 1;; ++call) {
      FaultyRepository faulty(Opened(repository.path()));
      FleetReader reader(faulty);
      faulty.FailAt({.call = call, .kind = call % 2 == 0 ? ErrorKind::kTransient : ErrorKind::kDenied});
      bool failed = !reader.Read(before);
      auto first = reader.Read(after);
      failed = failed || !first;
      if (first) {
        ASSERT_EQ(Describe(**first), expected) << "seed " << seed << " call " << call;
      } else {
        EXPECT_NE(first.error().message.find("made to fail"), std::string::npos) << first.error().message;
        ASSERT_EQ(ReadAs(reader, after), expected) << "seed " << seed << " call " << call;
      }
      if (failed) continue;
      ASSERT_LE(faulty.calls(), call) << "an error was swallowed";
      EXPECT_GT(call, 5) << "nothing could fail";
      break;
    }
  }
}

}  // namespace
}  // namespace lockkeeper
