#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconciler/core/status/transition.h"

namespace lockkeeper {
namespace {

using ::testing::HasSubstr;

Instant At(std::string_view text) { return ParseInstant(text).value(); }

const ObjectName kUpgrade{.ns = "default", .name = "upgrade-to-v1-20"};
const WindowRecord kWindow{.schedule = "default/working-hours",
                           .name = "",
                           .start = At("2021-03-11T07:00:00Z"),
                           .end = At("2021-03-11T17:00:00Z")};

WindowRecord Named(std::string name) {
  WindowRecord window = kWindow;
  window.name = std::move(name);
  return window;
}

WindowRecord Unbounded() {
  return {.schedule = "", .name = "", .start = Instant::min(), .end = Instant::max()};
}

struct FormRow {
  const char* name;
  Transition transition;
  const char* trailers;  ///< before Decided-At
};

TEST(Trailers, HaveTheFormsOfTheSpecification) {
  const FormRow rows[] = {
      {"a target", TargetSet{kUpgrade, "v1.20.0", "sha256:0a"},
       "Lockkeeper-Target: default/upgrade-to-v1-20 v1.20.0 sha256:0a\n"},
      {"a target without a hash", TargetSet{kUpgrade, "v1.20.0", ""},
       "Lockkeeper-Target: default/upgrade-to-v1-20 v1.20.0 -\n"},
      {"a frozen plan",
       PlanFrozen{kUpgrade,
                  "sha256:0b",
                  R"({"stages":[{"name":"a b"}]})",
                  {{"a b", {"mgab6", "mgab7"}}, {"prod", {"x"}}}},
       "Lockkeeper-Plan: default/upgrade-to-v1-20 sha256:0b\n"
       "Lockkeeper-Plan-Copy: {\"stages\":[{\"name\":\"a b\"}]}\n"
       "Lockkeeper-Stage: a\\x20b mgab6 mgab7\n"
       "Lockkeeper-Stage: prod x\n"},
      {"a notice", NoticeSent{kUpgrade, At("2021-03-11T07:00:00Z"), "v1.20.0", {"mgab6", "mgab7"}},
       "Lockkeeper-Notice: default/upgrade-to-v1-20 v1.20.0 2021-03-11T07:00:00Z\n"
       "Lockkeeper-Notice-Clusters: mgab6 mgab7\n"},
      {"a reminder", ReminderSent{kUpgrade, Seconds{7 * 86'400}},
       "Lockkeeper-Reminder: default/upgrade-to-v1-20 1w\n"},
      {"a bump", Bumped{kUpgrade, "mgab6", "v1.16.0", "v1.20.0", {}, {}},
       "Lockkeeper-Upgrade: default/upgrade-to-v1-20\n"
       "Lockkeeper-Bump: mgab6 v1.16.0 -> v1.20.0\n"},
      {"a bump from nobody knows what", Bumped{kUpgrade, "mgab6", "", "v1.20.0", {}, {}},
       "Lockkeeper-Upgrade: default/upgrade-to-v1-20\n"
       "Lockkeeper-Bump: mgab6 - -> v1.20.0\n"},
      {"a bump in a window", Bumped{kUpgrade, "mgab6", "v1.16.0", "v1.20.0", kWindow, {}},
       "Lockkeeper-Upgrade: default/upgrade-to-v1-20\n"
       "Lockkeeper-Bump: mgab6 v1.16.0 -> v1.20.0\n"
       "Lockkeeper-Window: default/working-hours 2021-03-11T07:00:00Z/2021-03-11T17:00:00Z\n"},
      {"a bump in a window with a name",
       Bumped{kUpgrade, "mgab6", "v1.16.0", "v1.20.0", Named("long days"), {}},
       "Lockkeeper-Upgrade: default/upgrade-to-v1-20\n"
       "Lockkeeper-Bump: mgab6 v1.16.0 -> v1.20.0\n"
       "Lockkeeper-Window: default/working-hours 2021-03-11T07:00:00Z/2021-03-11T17:00:00Z\n"
       "Lockkeeper-Window-Name: long days\n"},
      {"a bump in a window without ends", Bumped{kUpgrade, "mgab6", "v1.16.0", "v1.20.0", Unbounded(), {}},
       "Lockkeeper-Upgrade: default/upgrade-to-v1-20\n"
       "Lockkeeper-Bump: mgab6 v1.16.0 -> v1.20.0\n"
       "Lockkeeper-Window: - ../..\n"},
      {"an override",
       Bumped{
           kUpgrade, "mgab6", "v1.16.0", "v1.20.0", {}, OverrideRecord{"alice", "CVE-2026-1:\nnow\\soon \n"}},
       "Lockkeeper-Upgrade: default/upgrade-to-v1-20\n"
       "Lockkeeper-Bump: mgab6 v1.16.0 -> v1.20.0\n"
       "Lockkeeper-Override-By: alice\n"
       "Lockkeeper-Override-Reason: CVE-2026-1:\\nnow\\\\soon \\n\n"},
      {"a nameless override", Bumped{kUpgrade, "mgab6", "v1.16.0", "v1.20.0", {}, OverrideRecord{"", ""}},
       "Lockkeeper-Upgrade: default/upgrade-to-v1-20\n"
       "Lockkeeper-Bump: mgab6 v1.16.0 -> v1.20.0\n"
       "Lockkeeper-Override-By:\n"},
      {"a state", StateChanged{.upgrade = kUpgrade, .cluster = "ns/mgab6", .state = ClusterState::kProposed},
       "Lockkeeper-Status: default/upgrade-to-v1-20 ns/mgab6 proposed\n"},
      {"a state with a gate",
       StateChanged{
           .upgrade = kUpgrade, .cluster = "mgab6", .state = ClusterState::kPending, .reason = "rejected"},
       "Lockkeeper-Status: default/upgrade-to-v1-20 mgab6 pending rejected\n"},
      {"a state with a gate and an instant",
       StateChanged{
           .upgrade = kUpgrade, .cluster = "mgab6", .reason = "window", .until = At("2021-03-11T07:00:00Z")},
       "Lockkeeper-Status: default/upgrade-to-v1-20 mgab6 pending window 2021-03-11T07:00:00Z\n"},
      {"an instant without a gate",
       StateChanged{.upgrade = kUpgrade, .cluster = "mgab6", .until = At("2021-03-11T07:00:00Z")},
       "Lockkeeper-Status: default/upgrade-to-v1-20 mgab6 pending - 2021-03-11T07:00:00Z\n"},
      {"an outcome",
       StateChanged{.upgrade = kUpgrade,
                    .cluster = "mgab6",
                    .state = ClusterState::kFinished,
                    .outcome = Outcome::kUnverified},
       "Lockkeeper-Status: default/upgrade-to-v1-20 mgab6 finished unverified\n"},
      {"an outcome with a reason",
       StateChanged{.upgrade = kUpgrade,
                    .cluster = "mgab6",
                    .state = ClusterState::kFinished,
                    .outcome = Outcome::kSkipped,
                    .reason = "already-at-target"},
       "Lockkeeper-Status: default/upgrade-to-v1-20 mgab6 finished skipped already-at-target\n"},
      {"a message, and the window was overrun",
       StateChanged{.upgrade = kUpgrade,
                    .cluster = "mgab6",
                    .state = ClusterState::kRunning,
                    .reason = "check",
                    .message = " 2 of 3 nodes: # not ready\t",
                    .overran = true},
       "Lockkeeper-Status: default/upgrade-to-v1-20 mgab6 running check\n"
       "Lockkeeper-Message: \\x202 of 3 nodes: # not ready\\x09\n"
       "Lockkeeper-Overran: true\n"},
  };
  for (const FormRow& row : rows) {
    SCOPED_TRACE(row.name);
    const Record record{
        .at = At("2021-03-11T07:00:00Z"), .decided_on = "c0ffee", .transitions = {row.transition}};
    const std::string trailers = FormatTrailers(record);
    EXPECT_EQ(trailers, std::string{row.trailers} +
                            "Lockkeeper-Decided-At: 2021-03-11T07:00:00Z\n"
                            "Lockkeeper-Decided-On: c0ffee\n");
    const auto parsed = ParseTrailers("Upgrade\n\n" + trailers);
    ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
    EXPECT_EQ(*parsed, record);
  }
}

TEST(Trailers, NameTheUpgradeOnceForBumpsInARow) {
  const ObjectName other{.ns = "team", .name = "b"};
  const Record record{
      .at = At("2021-03-11T07:00:00Z"),
      .decided_on = "c0ffee",
      .transitions = {Bumped{kUpgrade, "a", "v1", "v2", {}, {}}, Bumped{kUpgrade, "b", "v1", "v2", {}, {}},
                      Bumped{other, "c", "v1", "v2", {}, {}}, Bumped{kUpgrade, "d", "v1", "v2", {}, {}}}};
  const std::string trailers = FormatTrailers(record);
  EXPECT_EQ(trailers,
            "Lockkeeper-Upgrade: default/upgrade-to-v1-20\n"
            "Lockkeeper-Bump: a v1 -> v2\n"
            "Lockkeeper-Bump: b v1 -> v2\n"
            "Lockkeeper-Upgrade: team/b\n"
            "Lockkeeper-Bump: c v1 -> v2\n"
            "Lockkeeper-Upgrade: default/upgrade-to-v1-20\n"
            "Lockkeeper-Bump: d v1 -> v2\n"
            "Lockkeeper-Decided-At: 2021-03-11T07:00:00Z\n"
            "Lockkeeper-Decided-On: c0ffee\n");
  EXPECT_EQ(ParseTrailers("Upgrade\n\n" + trailers).value(), record);
}

TEST(Trailers, OfNothingAreNothing) {
  EXPECT_EQ(FormatTrailers({.at = At("2021-03-11T07:00:00Z"), .decided_on = "c0ffee", .transitions = {}}),
            "");
}

constexpr const char* kBlock =
    "Lockkeeper-Upgrade: default/u\n"
    "Lockkeeper-Bump: mgab6 v1 -> v2\n"
    "Lockkeeper-Decided-At: 2021-03-11T07:00:00Z\n"
    "Lockkeeper-Decided-On: c0ffee\n";

struct MessageRow {
  const char* name;
  std::string message;
  bool is_ours;
};

TEST(Trailers, CountOnlyWhereTheyEndAMessage) {
  const std::string block = kBlock;
  std::string crlf = "Upgrade mgab6\n\n" + block;
  for (size_t at = crlf.find('\n'); at != std::string::npos; at = crlf.find('\n', at + 2))
    crlf.insert(at, "\r");
  std::string quoted;
  for (size_t at = 0; at < block.size(); at = block.find('\n', at) + 1) {
    quoted += "> " + block.substr(at, block.find('\n', at) - at) + "\n";
  }
  const MessageRow rows[] = {
      {"ours", "Upgrade mgab6\n\nIn a window.\n\n" + block, true},
      {"without a body", "Upgrade mgab6\n\n" + block, true},
      {"without a line end", "Upgrade mgab6\n\n" + block.substr(0, block.size() - 1), true},
      {"with empty lines after", "Upgrade mgab6\n\n" + block + "\n \n\n", true},
      {"with blank lines before", "Upgrade mgab6\n \t\n" + block, true},
      {"with CRLF", crlf, true},
      {"signed off", "Upgrade mgab6\n\n" + block + "Signed-off-by: A <a@example.com>\n", true},
      {"signed off before", "Upgrade mgab6\n\nSigned-off-by: A <a@example.com>\n" + block, true},
      {"of a later version", "Upgrade mgab6\n\n" + block + "Lockkeeper-Moon-Phase: full\n", true},
      {"cherry-picked", "Upgrade mgab6\n\n" + block + "(cherry picked from commit c0ffee)\n", true},
      {"of a merge", "Merge branch 'x' into 'main'\n\nUpgrade mgab6\n\n" + block, true},
      {"after other trailers", "Upgrade mgab6\n\nChange-Id: I1\n\n" + block, true},
      {"empty", "", false},
      {"only blanks", "\n \n\t\n", false},
      {"only a subject", "Upgrade mgab6\n", false},
      {"no subject", block, false},
      {"no subject, empty lines before", "\n\n" + block, false},
      {"no paragraph of their own", "Upgrade mgab6\n" + block, false},
      {"prose in the paragraph", "Upgrade mgab6\n\nThis is what happened\n" + block, false},
      {"prose after", "Upgrade mgab6\n\n" + block + "and so on\n", false},
      {"a paragraph after", "Upgrade mgab6\n\n" + block + "\nSee above.\n", false},
      {"other trailers after", "Upgrade mgab6\n\n" + block + "\nSigned-off-by: A <a@example.com>\n", false},
      {"quoted", "Why?\n\n" + quoted, false},
      {"indented", "Why?\n\n    Lockkeeper-Upgrade: default/u\n    Lockkeeper-Bump: a v1 -> v2\n", false},
      {"a key in small letters", "Why?\n\nlockkeeper-bump: mgab6 v1 -> v2\n", false},
      {"another's key", "Why?\n\nX-Lockkeeper-Bump: mgab6 v1 -> v2\n", false},
      {"a word of prose", "Why?\n\nLockkeeper-Bump\n", false},
      {"only notes", "Why?\n\nLockkeeper-Decided-On: c0ffee\nLockkeeper-Moon-Phase: full\n", false},
      {"a revert", "Revert \"Upgrade mgab6\"\n\nThis reverts commit c0ffee.\n", false},
      {"a revert that keeps them", "Revert \"Upgrade mgab6\"\n\nIt failed.\n\n" + block, false},
      {"a revert of a revert", "Reapply \"Upgrade mgab6\"\n\nIt works.\n\n" + block, false},
      {"a revert under a new subject", "Take it back\n\nThis reverts commit c0ffee.\n\n" + block, false},
      {"a revert with CRLF", "Take it back\r\n\r\nThis reverts commit c0ffee.\r\n\r\n" + block, false},
  };
  for (const MessageRow& row : rows) {
    SCOPED_TRACE(row.name);
    const auto parsed = ParseTrailers(row.message);
    ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
    ASSERT_EQ(parsed->has_value(), row.is_ours);
    if (!row.is_ours) continue;
    const Record record{.at = At("2021-03-11T07:00:00Z"),
                        .decided_on = "c0ffee",
                        .transitions = {Bumped{{"default", "u"}, "mgab6", "v1", "v2", {}, {}}}};
    EXPECT_EQ(**parsed, record);
  }
}

TEST(Trailers, MayBeFolded) {
  const auto parsed = ParseTrailers(
      "Subject\n\n"
      "Lockkeeper-Status: default/u mgab6\n  pending window\n"
      "Lockkeeper-Message: a long\n\tmessage\n"
      "Signed-off-by: A\n  <a@example.com>\n"
      "Lockkeeper-Decided-At : 2021-03-11T07:00:00Z\n");
  ASSERT_TRUE(parsed.has_value() && parsed->has_value());
  const StateChanged change{
      .upgrade = {"default", "u"}, .cluster = "mgab6", .reason = "window", .message = "a long message"};
  EXPECT_EQ((*parsed)->transitions, std::vector<Transition>{change});
}

struct BrokenRow {
  const char* trailers;
  const char* says;
};

TEST(Trailers, EditedByHandSayWhatIsWrong) {
  const BrokenRow rows[] = {
      {"Lockkeeper-Bump: mgab6 v1 -> v2\n", "Lockkeeper-Upgrade must stand before it"},
      {"Lockkeeper-Upgrade: u\n", "<namespace>/<upgrade>"},
      {"Lockkeeper-Upgrade: /u\n", "<namespace>/<upgrade>"},
      {"Lockkeeper-Upgrade: default/\n", "<namespace>/<upgrade>"},
      {"Lockkeeper-Upgrade:\n", "<namespace>/<upgrade>"},
      {"Lockkeeper-Upgrade: default/u\nLockkeeper-Bump: mgab6 v1 v2\n", "<cluster> <release> -> <release>"},
      {"Lockkeeper-Upgrade: default/u\nLockkeeper-Bump: mgab6 v1 -> v2 v3\n",
       "<cluster> <release> -> <release>"},
      {"Lockkeeper-Upgrade: default/u\nLockkeeper-Bump: - v1 -> v2\n", "<cluster> <release> -> <release>"},
      {"Lockkeeper-Upgrade: default/u\nLockkeeper-Bump: a\\b v1 -> v2\n", "<cluster> <release> -> <release>"},
      {"Lockkeeper-Target: default/u v1.20.0\n", "<release> <hash of the spec>"},
      {"Lockkeeper-Window: default/w 2021-03-11T07:00:00Z/..\n", "must follow a Lockkeeper-Bump"},
      {"Lockkeeper-Upgrade: default/u\nLockkeeper-Bump: mgab6 v1 -> v2\nLockkeeper-Window: default/w "
       "now/..\n",
       "<schedule> <start>/<end>"},
      {"Lockkeeper-Upgrade: default/u\nLockkeeper-Bump: mgab6 v1 -> v2\nLockkeeper-Window: default/w ..\n",
       "<schedule> <start>/<end>"},
      {"Lockkeeper-Upgrade: default/u\nLockkeeper-Bump: mgab6 v1 -> v2\nLockkeeper-Window-Name: w\n",
       "must follow a Lockkeeper-Window"},
      {"Lockkeeper-Upgrade: default/u\nLockkeeper-Bump: mgab6 v1 -> v2\nLockkeeper-Override-Reason: w\n",
       "must follow a Lockkeeper-Override-By"},
      {"Lockkeeper-Override-By: alice\n", "must follow a Lockkeeper-Bump"},
      {"Lockkeeper-Status: default/u mgab6\n", "<namespace>/<upgrade> <cluster> <state>"},
      {"Lockkeeper-Status: default/u mgab6 waiting\n", "<namespace>/<upgrade> <cluster> <state>"},
      {"Lockkeeper-Status: default/u mgab6 finished\n", "<namespace>/<upgrade> <cluster> <state>"},
      {"Lockkeeper-Status: default/u mgab6 finished window\n", "<namespace>/<upgrade> <cluster> <state>"},
      {"Lockkeeper-Status: default/u mgab6 finished -\n", "<namespace>/<upgrade> <cluster> <state>"},
      {"Lockkeeper-Status: default/u mgab6 pending window tomorrow\n",
       "<namespace>/<upgrade> <cluster> <state>"},
      {"Lockkeeper-Status: default/u mgab6 pending a 2021-03-11T07:00:00Z b\n", "<cluster> <state>"},
      {"Lockkeeper-Message: hello\n", "must follow a Lockkeeper-Status"},
      {"Lockkeeper-Status: default/u mgab6 pending\nLockkeeper-Message: C:\\temp\n",
       "a backslash begins no escape"},
      {"Lockkeeper-Status: default/u mgab6 pending\nLockkeeper-Overran: no\n", "must be 'true'"},
      {"Lockkeeper-Status: default/u mgab6 pending\n", "Lockkeeper-Decided-At is missing"},
      {"Lockkeeper-Decided-At: today\n", "must be an instant"},
      {"Lockkeeper-Decided-At: 2021-03-11T07:00:00Z\nLockkeeper-Decided-At: 2021-03-11T07:00:00Z\n", "once"},
      {"Lockkeeper-Decided-On: a\nLockkeeper-Decided-On: b\n", "once"},
  };
  for (const BrokenRow& row : rows) {
    SCOPED_TRACE(row.trailers);
    const auto parsed = ParseTrailers(std::string{"Subject\n\n"} + row.trailers);
    ASSERT_FALSE(parsed.has_value());
    EXPECT_THAT(parsed.error().message, HasSubstr("trailer Lockkeeper-"));
    EXPECT_THAT(parsed.error().message, HasSubstr(row.says));
  }
}

TEST(Trailers, ErrorsAreShortAndPrintable) {
  const auto parsed =
      ParseTrailers("Subject\n\nLockkeeper-Status: \x1b[31m" + std::string(1'000'000, 'x') + "\n");
  ASSERT_FALSE(parsed.has_value());
  EXPECT_LT(parsed.error().message.size(), 400U);
  EXPECT_EQ(parsed.error().message.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace lockkeeper
