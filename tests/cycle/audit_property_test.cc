#include <gmock/gmock.h>

#include <random>

#include "tests/cycle/audit_story.h"

namespace lockkeeper {
namespace {

constexpr unsigned kSeed = 20261121;
constexpr int kLives = 8;
constexpr int kStepsMax = 10;

/// People, a clock that jumps to and fro, passes; everything by dice.
class Life {
 public:
  explicit Life(unsigned seed) : random_(seed) {}

  AuditStory& story() { return story_; }
  size_t Pick(size_t count) { return std::uniform_int_distribution<size_t>(0, count - 1)(random_); }

  std::string Instant() {
    return fmt::format("2026-03-{:02}T{:02}:{:02}:00Z", 2 + Pick(5), 4 + Pick(9), Pick(60));
  }

  void Step() {
    switch (Pick(8)) {
      case 0:
        Commit({{fmt::format("clusters/c{}.yaml", Pick(5)), "no: cluster\n"}});
        break;
      case 1:
      case 2: {
        const std::string name = fmt::format("c{}", Pick(5));
        Commit({{"clusters/" + name + ".yaml",
                 AuditStory::ClusterText(name, fmt::format("v1.{}.{}", 30 + Pick(3), Pick(4)))}});
        break;
      }
      case 3:
        Commit({{"upgrades/up.yaml",
                 AuditStory::UpgradeText(fmt::format("v1.{}.{}", 31 + Pick(2), Pick(5)), Options())}});
        break;
      case 4: {
        std::string second = AuditStory::UpgradeText(fmt::format("v1.32.{}", Pick(5)), Options());
        second.replace(second.find("name: up"), 8, "name: down");
        Commit({{"upgrades/down.yaml", second}});
        break;
      }
      case 5:
        Commit({{"lockkeeper.yaml", std::string(AuditStory::kFleet) +
                                        fmt::format("  limits: {{maxConcurrency: {}}}\n", Pick(3)) +
                                        (Pick(2) == 0 ? "  delivery: {groupBy: upgrade}\n" : "")}});
        break;
      case 6:
        Merge();
        break;
      default:
        break;
    }
    story_.Pass(Instant());
  }

 private:
  std::string Options() {
    const char* more[] = {
        "",
        "",
        "  priority: 1\n",
        "  suspend: true\n",
        "  startTime: 2026-03-04T00:00:00Z\n",
        "  startDeadline: 2026-03-04T00:00:00Z\n",
        "  allowDowngrade: true\n",
        "  override: {windows: true, reason: now, by: alice, until: 2026-03-05T00:00:00Z}\n",
        "  checks: {after: [{type: Nodes}]}\n  finishTimeout: 2h\n"};
    return more[Pick(std::size(more))];
  }

  void Commit(const std::vector<TestFile>& files) { story_.temp().Commit(files, "By a person"); }

  /// A branch that begins some commits before, with one of its own, on either side of the merge.
  void Merge() {
    const TempRepository& git = story_.temp();
    const std::string main = story_.Head();
    const std::string back = fmt::format("main~{}", Pick(4));
    const ProgramResult start = git.TryGit({"rev-parse", "--verify", "--quiet", back});
    if (start.exit_code != 0) return;
    git.Git({"update-ref", "refs/heads/work", start.output.substr(0, 40)});
    story_.temp().Commit({{fmt::format("notes{}.txt", ++merges_), "x\n"}}, "On a branch", "work");
    const std::string tree = git.Git({"merge-tree", "--write-tree", "main", "work"}).substr(0, 40);
    const std::string work = story_.temp().Head("work");
    const bool swapped = Pick(2) == 0;
    git.Git({"update-ref", "refs/heads/main",
             git.Git({"commit-tree", tree, "-m", "Merge", "-p", swapped ? work : main, "-p",
                      swapped ? main : work})
                 .substr(0, 40)});
  }

  AuditStory story_;
  std::mt19937 random_;
  int merges_ = 0;
};

bool IsBump(AuditStory& story) {
  return story.temp().Git({"log", "-1", "--format=%B", "main"}).find("Lockkeeper-Bump: ") !=
         std::string::npos;
}

TEST(AuditProperty, WhatLockkeeperDidIsCleanAndWhatIsTamperedWithIsFound) {
  size_t judged = 0;
  size_t tampered = 0;
  for (unsigned seed = kSeed; seed < kSeed + kLives; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Life life(seed);
    for (int step = 0; step < kStepsMax; ++step) {
      life.Step();
      if (testing::Test::HasFatalFailure()) return;
    }
    AuditStory& story = life.story();
    AuditResult result = story.Audited();
    judged += result.checked;
    for (const Violation& v : result.violations)
      ADD_FAILURE() << v.commit << " " << Name(v.code) << " " << v.upgrade << " " << v.cluster << ": "
                    << v.message;

    // Back to the newest bump, and then something of it is changed.
    while (!IsBump(story) &&
           story.temp().TryGit({"rev-parse", "--verify", "--quiet", "main~1"}).exit_code == 0)
      story.temp().Git({"update-ref", "refs/heads/main", "main~1"});
    if (!IsBump(story)) continue;
    ++tampered;
    switch (life.Pick(4)) {
      case 0:
        story.Rewrite([](std::string& raw) { AuditStory::Replace(raw, "author Fleet", "author Feet"); });
        break;
      case 1:
        story.Smuggle({{"notes.txt", "smuggled\n"}});
        break;
      case 2:
        story.Rewrite([](std::string& raw) {
          const size_t arrow = raw.find(" -> ", raw.find("Lockkeeper-Bump: "));
          raw.insert(raw.find('\n', arrow), "7");
        });
        break;
      default: {
        const std::string path = story.temp().Git(
            {"diff-tree", "-r", "--name-only", "--no-commit-id", "main", "--", "status/default"});
        story.Smuggle({{path.substr(0, path.find('\n')), "state: fine\n"}});
      }
    }
    EXPECT_FALSE(story.Audited(story.temp().Git({"rev-parse", "main~1"}).substr(0, 40)).violations.empty());
  }
  EXPECT_GT(judged, 30U);
  EXPECT_GT(tampered, 5U);
}

}  // namespace
}  // namespace lockkeeper
