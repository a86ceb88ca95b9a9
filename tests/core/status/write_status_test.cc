#include "reconciler/core/status/write_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "reconciler/core/status/rebuild.h"

namespace lockkeeper {
namespace {

using ::testing::HasSubstr;

Instant At(std::string_view text) { return ParseInstant(text).value(); }

constexpr std::string_view kCommit = "0123456789abcdef0123456789abcdef01234567";

/// The files below the status path, as a branch holds them.
using Tree = std::map<std::string, std::string>;

std::vector<StatusWrite> WriteInto(Tree& tree, const Record& record, StatusBook& book) {
  auto writes = WriteStatus(record, book, [&](const std::string& path) {
    auto it = tree.find(path);
    return it == tree.end() ? std::string{} : it->second;
  });
  for (const StatusWrite& write : writes) tree[write.path] = write.content;
  return writes;
}

Record BumpAndFinish(std::string_view upgrade, std::string_view at, std::string_view from,
                     std::string_view to) {
  const ObjectName name{.ns = "default", .name = std::string{upgrade}};
  return {.at = At(at),
          .decided_on = std::string{kCommit},
          .transitions = {TargetSet{name, std::string{to}, "sha256:1"},
                          Bumped{name, "mgab6", std::string{from}, std::string{to}, {}, {}},
                          StateChanged{.upgrade = name,
                                       .cluster = "mgab6",
                                       .state = ClusterState::kFinished,
                                       .outcome = Outcome::kUnverified}}};
}

TEST(WriteStatus, PutsTheNewestRunFirstIntoTheHistory) {
  Tree tree;
  StatusBook book;
  StatusRebuild rebuild;
  for (const Record& record : {BumpAndFinish("a", "2021-03-11T07:00:00Z", "v1.16.0", "v1.20.0"),
                               BumpAndFinish("b", "2021-04-11T07:00:00Z", "v1.20.0", "v1.21.0")}) {
    WriteInto(tree, record, book);
    rebuild.Add(record);
  }
  EXPECT_EQ(tree["clusters/mgab6.yaml"],
            "apiVersion: lockkeeper.dev/v1alpha1\n"
            "kind: ClusterHistory\n"
            "metadata: {name: mgab6}\n"
            "upgrades:\n"
            "- upgrade: default/b\n"
            "  outcome: unverified\n"
            "  fromRelease: v1.20.0\n"
            "  toRelease: v1.21.0\n"
            "  triggeredAt: 2021-04-11T07:00:00Z\n"
            "  finishedAt: 2021-04-11T07:00:00Z\n"
            "  decidedOn: 0123456789abcdef0123456789abcdef01234567\n"
            "- upgrade: default/a\n"
            "  outcome: unverified\n"
            "  fromRelease: v1.16.0\n"
            "  toRelease: v1.20.0\n"
            "  triggeredAt: 2021-03-11T07:00:00Z\n"
            "  finishedAt: 2021-03-11T07:00:00Z\n"
            "  decidedOn: 0123456789abcdef0123456789abcdef01234567\n");
  Tree rebuilt;
  for (const StatusWrite& file : rebuild.Files()) rebuilt[file.path] = file.content;
  EXPECT_EQ(rebuilt, tree);
}

TEST(WriteStatus, GivesEachFileOnceSortedByPath) {
  Record record = BumpAndFinish("a", "2021-03-11T07:00:00Z", "v1", "v2");
  for (const Transition& t : BumpAndFinish("b", "2021-03-11T07:00:00Z", "v2", "v3").transitions) {
    record.transitions.push_back(t);
  }
  Tree tree;
  StatusBook book;
  const auto writes = WriteInto(tree, record, book);
  ASSERT_EQ(writes.size(), 3U);
  EXPECT_EQ(writes[0].path, "clusters/mgab6.yaml");
  EXPECT_EQ(writes[1].path, "default/a.yaml");
  EXPECT_EQ(writes[2].path, "default/b.yaml");
  EXPECT_LT(writes[0].content.find("default/b"), writes[0].content.find("default/a"));
}

TEST(WriteStatus, TellsOfAHistoryThatCannotBeCarriedOnAndGoesOn) {
  Tree tree{{"clusters/mgab6.yaml", "broken by hand\n"}};
  StatusBook book;
  const auto writes = WriteInto(tree, BumpAndFinish("a", "2021-03-11T07:00:00Z", "v1", "v2"), book);
  ASSERT_EQ(writes.size(), 2U);
  EXPECT_THAT(writes[0].problem, HasSubstr("lockkeeper status rebuild"));
  EXPECT_THAT(writes[0].content, HasSubstr("- upgrade: default/a\n"));
  EXPECT_EQ(writes[1].problem, "");
}

}  // namespace
}  // namespace lockkeeper
