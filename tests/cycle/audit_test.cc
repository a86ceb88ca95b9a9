#include <gmock/gmock.h>

#include "tests/cycle/audit_story.h"

namespace lockkeeper {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr const char* kOpen = "2026-03-02T06:00:00Z";

TEST(Audit, OfNothingFindsNothing) {
  AuditStory story;
  AuditResult result = story.Audited();
  EXPECT_THAT(result.violations, IsEmpty());
  EXPECT_EQ(result.commits, 1U);
  EXPECT_EQ(result.records, 0U);
  EXPECT_EQ(result.checked, 0U);
}

TEST(Audit, OfWhatLockkeeperDidIsClean) {
  AuditStory story;
  story.Pass("2026-03-02T05:00:00Z");
  story.Pass(kOpen);
  story.temp().Commit({{"clusters/c3.yaml", AuditStory::ClusterText("c3", "v1.31.0")}});
  story.Pass("2026-03-02T09:00:00Z");
  story.temp().Commit({{"upgrades/up.yaml", AuditStory::UpgradeText("v1.32.1")}});
  story.Pass("2026-03-02T11:00:00Z");
  story.Pass("2026-03-03T06:00:00Z");
  AuditResult result = story.Audited();
  EXPECT_THAT(story.Found(), IsEmpty());
  EXPECT_EQ(result.checked, 6U);
  ASSERT_EQ(result.upgrades.size(), 1U);
  EXPECT_EQ(result.upgrades.front().bumps, 6U);
  EXPECT_EQ(result.upgrades.front().first, *ParseInstant(kOpen));
  EXPECT_EQ(result.upgrades.front().last, *ParseInstant("2026-03-03T06:00:00Z"));
  EXPECT_THAT(result.others, IsEmpty());
}

/// Two bumps are made at kOpen, c1's and then c2's; then somebody does this to the newest commit, or adds
/// one.
struct Tampering {
  const char* name;
  std::function<void(AuditStory&)> act;
  std::vector<std::string> found;
  std::string message;  ///< a part of the first one's
};

void PrintTo(const Tampering& row, std::ostream* out) { *out << row.name; }

class AuditFinds : public testing::TestWithParam<Tampering> {};

TEST_P(AuditFinds, It) {
  AuditStory story;
  story.Pass("2026-03-02T05:00:00Z");
  story.Pass(kOpen);
  ASSERT_THAT(story.Found(), IsEmpty());
  GetParam().act(story);
  EXPECT_THAT(story.Found(), testing::UnorderedElementsAreArray(GetParam().found));
  AuditResult result = story.Audited();
  if (!GetParam().message.empty()) {
    ASSERT_FALSE(result.violations.empty());
    EXPECT_THAT(result.violations.front().message, HasSubstr(GetParam().message));
  }
}

/// All of the commit's text that says when it was decided, and its dates.
void MoveTo(std::string& raw, std::string_view instant) {
  const std::string old_seconds = fmt::format("{}", ParseInstant(kOpen)->time_since_epoch().count());
  const std::string seconds = fmt::format("{}", ParseInstant(instant)->time_since_epoch().count());
  AuditStory::Replace(raw, old_seconds, seconds);
  AuditStory::Replace(raw, old_seconds, seconds);
  AuditStory::Replace(raw, "Decided-At: 2026-03-02T06:00:00Z", fmt::format("Decided-At: {}", instant));
}

std::string Bytes(AuditStory& story, const std::string& path) { return story.temp().Read(path); }

const Tampering kTamperings[] = {
    {"a_bump_outside_its_window",
     [](AuditStory& s) { s.Rewrite([](std::string& raw) { MoveTo(raw, "2026-03-02T11:00:00Z"); }); },
     // It begins a pass of its own now, with another instant in its status, and not on what it says.
     {"not-allowed default/up c2", "wrong-base default/up c2", "altered-status default/up c2",
      "altered-status default/up c2"},
     "it was decided on"},
    {"a_moved_date",
     [](AuditStory& s) {
       s.Rewrite([](std::string& raw) {
         AuditStory::Replace(raw, " 1772431200 +0000\n\n", " 1772431201 +0000\n\n");
       });
     },
     {"wrong-date default/up c2"},
     "decided at 2026-03-02T06:00:00Z and committed at 2026-03-02T06:00:01Z"},
    {"another_author",
     [](AuditStory& s) {
       s.Rewrite([](std::string& raw) {
         AuditStory::Replace(raw, "author Fleet Bot <bot@example.com>", "author Mallory <m@example.com>");
       });
     },
     {"wrong-author default/up c2"},
     "its author is Mallory <m@example.com>, not Fleet Bot <bot@example.com>"},
    {"another_committer",
     [](AuditStory& s) {
       s.Rewrite([](std::string& raw) {
         AuditStory::Replace(raw, "committer Fleet Bot <bot@example.com>",
                             "committer GitHub <noreply@github.com>");
       });
     },
     {"wrong-author default/up c2"},
     "its committer is GitHub"},
    {"another_file_along",
     [](AuditStory& s) { s.Smuggle({{"notes.txt", "bye\n"}}); },
     {"unexpected-change default/up c2"},
     "notes.txt: it is changed"},
    {"a_new_file_along",
     [](AuditStory& s) { s.Smuggle({{"backdoor.yaml", "a: b\n"}}); },
     {"unexpected-change default/up c2"},
     "backdoor.yaml"},
    {"a_file_less",
     [](AuditStory& s) { s.Smuggle({{.path = "notes.txt", .content = {}, .remove = true}}); },
     {"unexpected-change default/up c2"},
     "notes.txt"},
    {"more_bytes_of_the_ref_s_file",
     [](AuditStory& s) {
       s.Smuggle({{"clusters/c2.yaml", Bytes(s, "clusters/c2.yaml") + "# by the way\n"}});
     },
     {"unexpected-change default/up c2"},
     "clusters/c2.yaml: it changes more than the release"},
    {"the_ref_s_file_made_executable",
     [](AuditStory& s) { s.Smuggle({{"clusters/c2.yaml", Bytes(s, "clusters/c2.yaml"), "100755"}}); },
     {"unexpected-change default/up c2"},
     "clusters/c2.yaml"},
    {"another_version_than_the_trailers_say",
     [](AuditStory& s) { s.Smuggle({{"clusters/c2.yaml", AuditStory::ClusterText("c2", "v1.32.9")}}); },
     {"not-in-diff default/up c2"},
     "record a bump from v1.31.2 to v1.32.0, and the file holds v1.32.9"},
    {"a_ref_that_was_not_changed",
     [](AuditStory& s) { s.Smuggle({{"clusters/c2.yaml", AuditStory::ClusterText("c2", "v1.31.2")}}); },
     {"not-in-diff default/up c2"},
     "and the file is not changed"},
    {"a_cluster_removed_with_its_bump",
     [](AuditStory& s) { s.Smuggle({{.path = "clusters/c2.yaml", .content = {}, .remove = true}}); },
     {"not-in-diff default/up c2"},
     "no such cluster any more"},
    {"trailers_that_name_another_version",
     [](AuditStory& s) {
       s.Rewrite([](std::string& raw) {
         AuditStory::Replace(raw, "Lockkeeper-Bump: c2 v1.31.2 -> v1.32.0",
                             "Lockkeeper-Bump: c2 v1.31.2 -> v1.32.5");
       });
     },
     {"not-allowed default/up c2", "altered-status default/up c2", "altered-status default/up c2",
      "not-in-diff default/up c2"},
     "gate version: the way to v1.32.0 leads from v1.31.2 to v1.32.0"},
    {"trailers_that_name_another_window",
     [](AuditStory& s) {
       s.Rewrite([](std::string& raw) {
         AuditStory::Replace(raw, "2026-03-02T06:00:00Z/2026-03-02T10:00:00Z",
                             "2026-03-02T05:00:00Z/2026-03-02T10:00:00Z");
       });
     },
     {"not-decided default/up c2", "altered-status default/up c2", "altered-status default/up c2"},
     ""},
    {"trailers_that_name_another_cluster",
     [](AuditStory& s) {
       s.Rewrite([](std::string& raw) {
         AuditStory::Replace(raw, "Lockkeeper-Bump: c2 ", "Lockkeeper-Bump: c9 ");
         AuditStory::Replace(raw, "default/up c2 finished", "default/up c9 finished");
       });
     },
     // The book has no c9, whose history is missing; c2's is there, and nobody bumped it.
     {"not-allowed default/up c9", "unexpected-change default/up c9", "altered-status default/up c9",
      "altered-status default/up c9", "altered-status default/up c9"},
     ""},
    {"another_base",
     [](AuditStory& s) {
       // The first of a pass: by itself it says what it stands on.
       s.temp().Git({"update-ref", "refs/heads/main", "main~1"});
       s.Rewrite([](std::string& raw) {
         const size_t at = raw.find("Decided-On: ") + 12;
         raw.replace(at, 40, std::string(40, 'a'));
       });
     },
     {"wrong-base default/up c1", "altered-status default/up c1", "altered-status default/up c1"},
     "it was decided on aaaaaaaa"},
    {"no_base",
     [](AuditStory& s) {
       s.temp().Git({"update-ref", "refs/heads/main", "main~1"});
       s.Rewrite([](std::string& raw) { raw.erase(raw.find("Lockkeeper-Decided-On: "), 64); });
     },
     {"wrong-base default/up c1", "altered-status default/up c1", "altered-status default/up c1"},
     "it does not say on which commit"},
    {"unreadable_trailers",
     [](AuditStory& s) {
       s.Rewrite([](std::string& raw) {
         AuditStory::Replace(raw, "c2 v1.31.2 -> v1.32.0", "c2 v1.31.2 => v1.32.0");
       });
     },
     {"unreadable-trailers  ", "altered-status  ", "altered-status default/up "},
     "trailer Lockkeeper-Bump"},
    {"a_status_file_edited",
     [](AuditStory& s) {
       std::string text = Bytes(s, "status/default/up.yaml");
       AuditStory::Replace(text, "unverified", "success");
       s.temp().Commit({{"status/default/up.yaml", text}}, "Make it look better");
     },
     {"altered-status default/up "},
     "status/default/up.yaml: changed by Tester, not by lockkeeper"},
    {"a_status_file_removed",
     [](AuditStory& s) {
       s.temp().Commit({{.path = "status/default/up.yaml", .content = {}, .remove = true}});
     },
     {"altered-status default/up "},
     "removed by Tester"},
    {"a_history_file_edited",
     [](AuditStory& s) {
       s.temp().Commit({{"status/clusters/c1.yaml", "# mine\n" + Bytes(s, "status/clusters/c1.yaml")}});
     },
     {"altered-status  "},
     "status/clusters/c1.yaml"},
    {"a_status_altered_within_the_bump",
     [](AuditStory& s) {
       std::string text = Bytes(s, "status/default/up.yaml");
       AuditStory::Replace(text, "unverified", "success");
       s.Smuggle({{"status/default/up.yaml", text}});
     },
     {"altered-status default/up c2"},
     "status/default/up.yaml: it is not what this commit's trailers say"},
    {"a_reverted_bump",
     [](AuditStory& s) {
       s.temp().Commit({{"clusters/c2.yaml", AuditStory::ClusterText("c2", "v1.31.2")},
                        {"status/default/up.yaml", s.temp().Read("status/default/up.yaml", "main~1")},
                        {.path = "status/clusters/c2.yaml", .content = {}, .remove = true}},
                       "Revert \"Upgrade c2 from v1.31.2 to v1.32.0\"");
     },
     {"altered-status default/up ", "altered-status  "},
     ""},
    {"a_forged_end",
     [](AuditStory& s) {
       s.temp().Commit({{"clusters/c3.yaml", AuditStory::ClusterText("c3", "v1.31.0")}});
       s.temp().Commit(
           {{"notes.txt", "x\n"}},
           fmt::format("Record c3: rejected\n\nLockkeeper-Status: default/up c3 finished rejected "
                       "changed-by-hand\nLockkeeper-Decided-At: 2026-03-02T07:00:00Z\nLockkeeper-Decided-On: "
                       "{}\n",
                       s.Head()));
     },
     {"not-decided default/up c3", "wrong-date default/up c3", "wrong-author default/up c3",
      "wrong-author default/up c3", "unexpected-change default/up c3", "altered-status default/up c3",
      "altered-status default/up c3"},
     ""},
    {"a_forged_notice",
     [](AuditStory& s) {
       s.temp().Commit({{"notes.txt", "x\n"}},
                       fmt::format("Announce up\n\nLockkeeper-Reminder: default/up 7d\n"
                                   "Lockkeeper-Decided-At: 2026-03-02T07:00:00Z\nLockkeeper-Decided-On: {}\n",
                                   s.Head()));
     },
     {"not-decided default/up ", "wrong-date default/up ", "wrong-author default/up ",
      "wrong-author default/up ", "unexpected-change default/up "},
     ""},
    {"a_forged_bump_of_what_no_upgrade_selects",
     [](AuditStory& s) {
       s.temp().Commit({{"clusters/x1.yaml", AuditStory::ClusterText("x1", "v1.31.0")}});
       s.temp().Commit(
           {{"clusters/x1.yaml", AuditStory::ClusterText("x1", "v1.32.0")}},
           fmt::format(
               "Upgrade x1\n\nLockkeeper-Upgrade: default/up\nLockkeeper-Bump: x1 v1.31.0 -> v1.32.0\n"
               "Lockkeeper-Decided-At: 2026-03-02T07:00:00Z\nLockkeeper-Decided-On: {}\n",
               s.Head()));
     },
     {"not-allowed default/up x1", "wrong-date default/up x1", "wrong-author default/up x1",
      "wrong-author default/up x1", "altered-status default/up x1"},
     ""},
    {"a_rebuild_that_rebuilds_nothing",
     [](AuditStory& s) {
       std::string text = Bytes(s, "status/default/up.yaml");
       AuditStory::Replace(text, "unverified", "success");
       s.temp().Commit({{"status/default/up.yaml", text}, {"notes.txt", "x\n"}},
                       "Rebuild\n\nLockkeeper-Rebuilt-From: " + s.Head() + "\n");
     },
     {"wrong-author  ", "altered-status default/up ", "unexpected-change  "},
     ""},
};

INSTANTIATE_TEST_SUITE_P(Tampering, AuditFinds, testing::ValuesIn(kTamperings),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(Audit, NamesTheGateAndItsWords) {
  AuditStory story;
  story.Pass(kOpen);
  story.temp().Commit({{"clusters/c3.yaml", AuditStory::ClusterText("c3", "v1.31.0")},
                       {"upgrades/up.yaml", AuditStory::UpgradeText("v1.32.0", "  suspend: true\n")}});
  // A perfect forgery but for the decision: what the pass would have committed without `suspend`.
  const std::string suspended = story.Head();
  story.temp().Commit({{"upgrades/up.yaml", AuditStory::UpgradeText("v1.32.0")}});
  const std::string open = story.Head();
  story.Pass("2026-03-02T07:00:00Z");
  const std::string manifest = story.temp().Git({"rev-parse", suspended + ":upgrades/up.yaml"}).substr(0, 40);
  story.Smuggle({{"upgrades/up.yaml", story.temp().Read("upgrades/up.yaml", suspended)}});
  story.Rewrite([&](std::string& raw) {
    AuditStory::Replace(raw, "parent " + open, "parent " + suspended);
    AuditStory::Replace(raw, "Decided-On: " + open, "Decided-On: " + suspended);
  });
  AuditResult result = story.Audited();
  ASSERT_FALSE(result.violations.empty());
  const Violation& first = result.violations.front();
  EXPECT_EQ(first.commit, story.Head());
  EXPECT_EQ(Name(first.code), "not-allowed");
  EXPECT_EQ(first.upgrade, "default/up");
  EXPECT_EQ(first.cluster, "c3");
  EXPECT_THAT(first.message,
              HasSubstr("bumped from v1.31.0 to v1.32.0 at 2026-03-02T07:00:00Z: gate suspend: "));
}

TEST(Audit, ListsReleasesThatOthersChanged) {
  AuditStory story;
  story.Pass(kOpen);
  const std::string before = story.Head();
  story.temp().Commit({{"clusters/c2.yaml", AuditStory::ClusterText("c2", "v1.32.7")}, {"notes.txt", "x\n"}},
                      "By hand");
  AuditResult result = story.Audited();
  EXPECT_THAT(result.violations, IsEmpty());
  ASSERT_EQ(result.others.size(), 1U);
  const ChangeByOthers& other = result.others.front();
  EXPECT_EQ(other.commit, story.Head());
  EXPECT_EQ(other.author, "Tester");
  EXPECT_EQ(other.subject, "By hand");
  EXPECT_EQ(other.cluster, "c2");
  EXPECT_EQ(other.from, "1.32.0");
  EXPECT_EQ(other.to, "1.32.7");
  EXPECT_EQ(other.upgrade, "");
  EXPECT_THAT(story.Audited(story.Head()).others, IsEmpty());
  EXPECT_EQ(story.Audited(before).others.size(), 1U);
}

TEST(Audit, SaysWhichUpgradeWasUnderWay) {
  AuditStory story;
  story.temp().Commit(
      {{"upgrades/up.yaml", AuditStory::UpgradeText("v1.32.0", "  checks: {after: [{type: Nodes}]}\n")}});
  story.Pass(kOpen);
  story.temp().Commit({{"clusters/c2.yaml", AuditStory::ClusterText("c2", "v1.31.2")}}, "Back");
  AuditResult result = story.Audited();
  ASSERT_EQ(result.others.size(), 1U);
  EXPECT_EQ(result.others.front().upgrade, "default/up");
}

TEST(Audit, LooksOnlyAtWhatCameSince) {
  AuditStory story;
  story.Pass(kOpen);
  story.Rewrite([](std::string& raw) { AuditStory::Replace(raw, "author Fleet Bot", "author Mallory"); });
  const std::string forged = story.Head();
  story.temp().Commit({{"clusters/c3.yaml", AuditStory::ClusterText("c3", "v1.31.0")}});
  story.Pass("2026-03-02T07:00:00Z");
  EXPECT_THAT(story.Found(), ElementsAre("wrong-author default/up c2"));
  EXPECT_THAT(story.Found(forged), IsEmpty());
  EXPECT_EQ(story.Audited(forged).checked, 1U);
  EXPECT_EQ(story.Audited(forged).commits, 2U);
  // In the middle of a pass: the whole of it is judged, and the rest of it told.
  const std::string middle = story.temp().Git({"rev-parse", forged + "~1"}).substr(0, 40);
  EXPECT_THAT(story.Found(middle), ElementsAre("wrong-author default/up c2"));
  EXPECT_THAT(story.Found(story.Head()), IsEmpty());
  EXPECT_EQ(story.Audited(story.Head()).commits, 0U);
}

TEST(Audit, LooksAtWhatABranchElsewhereHasNot) {
  AuditStory story;
  story.Pass(kOpen);
  story.temp().Git({"branch", "elsewhere"});
  const std::string other = story.temp().Commit({{"notes.txt", "x\n"}}, "Elsewhere", "elsewhere");
  story.temp().Commit({{"clusters/c3.yaml", AuditStory::ClusterText("c3", "v1.31.0")}});
  story.Pass("2026-03-02T07:00:00Z");
  EXPECT_EQ(story.Audited(other).commits, 2U);
  EXPECT_EQ(story.Audited(other).checked, 1U);
}

TEST(Audit, BelievesWhatChecksSaid) {
  AuditStory story;
  story.temp().Commit({{"upgrades/up.yaml",
                        AuditStory::UpgradeText(
                            "v1.32.0", "  checks: {before: [{type: Nodes}], after: [{type: Nodes}]}\n")}});
  FleetReader reader(story.repository());
  const ObjectName up{.ns = "default", .name = "up"};
  auto pass = [&](std::string_view at, Observations seen) {
    auto result = Reconcile(story.repository(), reader,
                            {.now = *ParseInstant(at), .observations = std::move(seen), .back_off = {}});
    ASSERT_TRUE(result) << result.error().message;
  };
  pass(kOpen, {});
  pass("2026-03-02T06:10:00Z",
       {{{up, "c1"}, {.ready = true}}, {{up, "c2"}, {.ready = false, .message = "NotReady"}}});
  pass("2026-03-02T06:20:00Z", {{{up, "c1"}, {.outcome = Outcome::kSuccess}}, {{up, "c2"}, {.ready = true}}});
  pass("2026-03-02T06:30:00Z", {{{up, "c2"}, {.outcome = Outcome::kFailure, .message = "NotReady"}}});
  EXPECT_TRUE(story.temp().Read("status/default/up.yaml").contains("outcome: failure"));
  EXPECT_EQ(story.Audited().checked, 2U);
  EXPECT_THAT(story.Found(), IsEmpty());
}

TEST(Audit, HoldsBackWhoseBytesRefusedThen) {
  AuditStory story;
  // c2 is refused, so with one place for both c1 goes, and the other way round were c1's edit refused.
  const std::string anchored =
      "apiVersion: cluster.x-k8s.io/v1beta1\nkind: Cluster\nmetadata: {name: c1}\n"
      "spec: {topology: {class: c, version: &v v1.31.0}, copy: *v}\n";
  std::string fleet = AuditStory::kFleet;
  fleet += "  limits: {maxConcurrency: 1}\n";
  story.temp().Commit({{"lockkeeper.yaml", fleet}, {"clusters/c1.yaml", anchored}});
  story.Pass(kOpen);
  EXPECT_TRUE(story.temp().Read("clusters/c2.yaml").contains("v1.32.0"));
  EXPECT_TRUE(story.temp().Read("status/default/up.yaml").contains("reason: ref"));
  EXPECT_EQ(story.Audited().checked, 1U);
  EXPECT_THAT(story.Found(), IsEmpty());
}

TEST(Audit, OfARebuildIsClean) {
  AuditStory story;
  story.Pass(kOpen);
  story.temp().Commit({{.path = "status/default/up.yaml", .content = {}, .remove = true}});
  const std::string altered = story.Head();
  story.Rebuild("2026-03-02T08:00:00Z");
  EXPECT_NE(story.Head(), altered);
  EXPECT_THAT(story.Found(altered), IsEmpty());
  EXPECT_THAT(story.Found(), ElementsAre("altered-status default/up "));
}

TEST(Audit, LetsPeopleMoveTheStatusPath) {
  AuditStory story;
  story.Pass(kOpen);
  std::string fleet = AuditStory::kFleet;
  story.temp().Commit({{"lockkeeper.yaml", fleet + "  status: {path: record/}\n"},
                       {.path = "status/default/up.yaml", .content = {}, .remove = true}});
  story.Rebuild("2026-03-02T08:00:00Z");
  EXPECT_THAT(story.Found(), IsEmpty());
  story.temp().Commit({{.path = "record/default/up.yaml", .content = {}, .remove = true}});
  EXPECT_THAT(story.Found(), ElementsAre("altered-status default/up "));
}

}  // namespace
}  // namespace lockkeeper
