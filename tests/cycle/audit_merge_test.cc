#include <gmock/gmock.h>

#include "tests/cycle/audit_story.h"

namespace lockkeeper {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr const char* kOpen = "2026-03-02T06:00:00Z";

class AuditMerge : public testing::Test {
 protected:
  std::string Id(const std::string& revision) {
    return story_.temp().Git({"rev-parse", revision}).substr(0, 40);
  }

  /// Makes `main` a merge with the tree of `tree`, or of what git merges.
  void Merge(const std::vector<std::string>& parents, std::string tree = "",
             const std::string& message = "Merge") {
    if (tree.empty())
      tree = story_.temp().Git({"merge-tree", "--write-tree", parents[0], parents[1]}).substr(0, 40);
    std::vector<std::string> arguments{"commit-tree", tree, "-m", message};
    for (const std::string& parent : parents) arguments.insert(arguments.end(), {"-p", Id(parent)});
    story_.temp().Git({"update-ref", "refs/heads/main", story_.temp().Git(arguments).substr(0, 40)});
  }
  void Branch(const std::string& name) { story_.temp().Git({"branch", name, "main"}); }

  AuditStory story_;
};

TEST_F(AuditMerge, OfABranchThatIsOlderThanTheBumpsIsClean) {
  story_.Pass("2026-03-02T05:00:00Z");
  Branch("work");
  const std::string by_hand = story_.temp().Commit(
      {{"clusters/c3.yaml", AuditStory::ClusterText("c3", "v1.31.0")}, {"notes.txt", "x\n"}}, "Add c3",
      "work");
  story_.Pass(kOpen);
  Merge({"main", "work"});
  story_.Pass("2026-03-02T07:00:00Z");
  AuditResult result = story_.Audited();
  EXPECT_THAT(story_.Found(), IsEmpty());
  EXPECT_EQ(result.checked, 3U);
  EXPECT_THAT(result.others, IsEmpty());
}

TEST_F(AuditMerge, WithTheBumpsBehindTheSecondParentIsClean) {
  story_.Pass("2026-03-02T05:00:00Z");
  Branch("work");
  story_.temp().Commit({{"notes.txt", "x\n"}}, "Work", "work");
  story_.Pass(kOpen);
  Merge({"work", "main"});
  story_.Pass("2026-03-02T07:00:00Z");
  EXPECT_THAT(story_.Found(), IsEmpty());
  EXPECT_EQ(story_.Audited().checked, 2U);
}

TEST_F(AuditMerge, TellsAReleaseByHandWhereItWasMadeAndOnce) {
  story_.Pass(kOpen);
  Branch("work");
  const std::string by_hand = story_.temp().Commit(
      {{"clusters/c1.yaml", AuditStory::ClusterText("c1", "v1.32.5")}}, "By hand", "work");
  story_.temp().Commit({{"notes.txt", "y\n"}});
  Merge({"main", "work"});
  AuditResult result = story_.Audited();
  EXPECT_THAT(result.violations, IsEmpty());
  ASSERT_EQ(result.others.size(), 1U);
  EXPECT_EQ(result.others.front().commit, by_hand);
}

TEST_F(AuditMerge, ThatDropsWhatLockkeeperWroteIsFound) {
  story_.Pass("2026-03-02T05:00:00Z");
  Branch("work");
  story_.temp().Commit({{"notes.txt", "x\n"}}, "Work", "work");
  story_.Pass(kOpen);
  Merge({"work", "main"}, Id("work^{tree}"));
  AuditResult result = story_.Audited();
  EXPECT_THAT(story_.Found(),
              UnorderedElementsAre("altered-status default/up ", "altered-status  ", "altered-status  "));
  EXPECT_EQ(result.violations.front().commit, story_.Head());
  EXPECT_EQ(result.violations.front().message,
            "status/clusters/c1.yaml: the merge has not kept what lockkeeper wrote");
  ASSERT_EQ(result.others.size(), 2U);
  EXPECT_EQ(result.others.front().cluster, "c1");
  EXPECT_EQ(result.others.front().from, "1.32.0");
  EXPECT_EQ(result.others.front().to, "1.31.0");
}

TEST_F(AuditMerge, ThatMixesInAStatusOfItsOwnIsFound) {
  story_.Pass(kOpen);
  Branch("work");
  story_.temp().Commit({{"notes.txt", "x\n"}}, "Work", "work");
  const std::string main = story_.Head();
  std::string text = story_.temp().Read("status/default/up.yaml");
  AuditStory::Replace(text, "unverified", "success");
  story_.temp().Commit({{"status/default/up.yaml", text}, {"notes.txt", "x\n"}}, "Only for its tree");
  Merge({main, "work"}, Id("main^{tree}"));
  EXPECT_THAT(story_.Found(), ElementsAre("altered-status default/up "));
}

TEST_F(AuditMerge, WithARecordInItsMessageIsForged) {
  story_.Pass(kOpen);
  Branch("work");
  story_.temp().Commit({{"notes.txt", "x\n"}}, "Work", "work");
  Merge({"main", "work"}, "",
        fmt::format("Merge\n\nLockkeeper-Status: default/up c1 finished rejected x\nLockkeeper-Decided-At: "
                    "2026-03-02T07:00:00Z\nLockkeeper-Decided-On: {}\n",
                    story_.Head()));
  std::vector<std::string> found = story_.Found();
  EXPECT_THAT(found, testing::Contains("wrong-base default/up c1"));
  EXPECT_THAT(found, testing::Contains("not-decided default/up c1"));
}

TEST_F(AuditMerge, CountsACherryPickOnce) {
  story_.Pass("2026-03-02T05:00:00Z");
  Branch("release");
  story_.Pass(kOpen);
  // The newest bump again, elsewhere and by a person.
  story_.temp().Commit({{"clusters/c2.yaml", story_.temp().Read("clusters/c2.yaml")}},
                       story_.temp().Git({"log", "-1", "--format=%B", "main"}), "release");
  Merge({"release", "main"}, Id("main^{tree}"));
  AuditResult result = story_.Audited();
  EXPECT_THAT(story_.Found(), IsEmpty());
  EXPECT_EQ(result.checked, 2U);
  ASSERT_EQ(result.others.size(), 1U);
  EXPECT_EQ(result.others.front().commit, Id("release"));
}

}  // namespace
}  // namespace lockkeeper
