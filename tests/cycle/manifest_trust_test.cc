// Which manifests count where signatures do, and what becomes of the others: never more open than signed.
#include "reconciler/cycle/manifest_trust.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <random>

#include "reconciler/cycle/fleet_reader.h"
#include "tests/gitops/repository_test_cases.h"
#include "tests/support/faulty_repository.h"
#include "tests/support/signing_keys.h"

namespace lockkeeper {
namespace {

using ::testing::HasSubstr;

constexpr const char* kFleet =
    "apiVersion: lockkeeper.dev/v1alpha1\nkind: Fleet\nmetadata: {name: a}\n"
    "spec: {inventory: [{profile: capi-topology}]}\n";
constexpr const char* kCalendar = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//x//\r\nEND:VCALENDAR\r\n";

std::string Object(const std::string& kind, const std::string& name, const std::string& spec) {
  return fmt::format("apiVersion: lockkeeper.dev/v1alpha1\nkind: {}\nmetadata: {{name: {}}}\nspec: {{{}}}\n",
                     kind, name, spec);
}
std::string Up(const std::string& release = "v1.20.0") {
  return Object("ClusterUpgrade", "up",
                "matchers: [{name: stage, value: dev}], releaseRef: {name: " + release + "}");
}
std::string Lock(const std::string& day = "05", const std::string& name = "freeze") {
  return Object(
      "ClusterLock", name,
      "matchers: [{name: stage, value: prod}], reason: r, expiresAt: \"2026-03-" + day + "T00:00:00Z\"");
}
std::string Schedule(const std::string& stage = "prod", const std::string& name = "nights") {
  return Object("MaintenanceSchedule", name,
                "matchers: [{name: stage, value: " + stage +
                    "}], calendars: [{name: c, path: c.ics, effect: Deny}], maintenanceWindows: "
                    "[{startTime: \"2026-03-01T00:00:00Z\", duration: 4h, recurrence: FREQ=DAILY}]");
}
std::string Approval(const std::string& by) {
  return Object("UpgradeApproval", "ok",
                "upgrade: up, toRelease: v1.20.0, by: " + by + ", at: \"2026-03-01T09:00:00Z\"");
}

/// Everything that matters of a fleet here, in one line.
std::string Told(const FleetState& state) {
  const Fleet& fleet = state.fleet;
  std::string text = fleet.settings ? "" : "nothing";
  for (const ClusterUpgrade& upgrade : fleet.upgrades)
    text += fmt::format(" {}={}", upgrade.name.name, upgrade.release.name.value);
  for (const ClusterLock& lock : fleet.locks)
    text += fmt::format(" {}={}", lock.name.name, FormatInstant(lock.expires_at).substr(8, 2));
  for (const MaintenanceSchedule& schedule : fleet.schedules)
    text += fmt::format(" {}={}", schedule.name.name, schedule.match.matchers.front().value);
  for (const UpgradeApproval& approval : fleet.approvals) text += fmt::format(" ok={}", approval.author);
  for (const auto& [path, calendar] : fleet.calendars)
    text += calendar.problem.empty() ? "" : fmt::format(" closed:{}", path);
  for (const BrokenObject& broken : fleet.broken) {
    text += fmt::format(" !{}", broken.name.name);
    if (broken.kind == "MaintenanceSchedule") text += "=" + broken.match.matchers.front().value;
  }
  for (const std::string& file : fleet.unreadable_files) text += fmt::format(" kept:{}", file);
  for (const std::string& file : fleet.unreadable_guards) text += fmt::format(" guard:{}", file);
  for (const Diagnostic& finding : fleet.diagnostics) {
    if (finding.code == "unsigned") text += fmt::format(" [{}]", finding.file);
  }
  return text.empty() ? text : text.substr(text.front() == ' ' ? 1 : 0);
}

/// A repository with commits that are signed, or not, by somebody.
class SignedHistory {
 public:
  SignedHistory() {
    for (const char* name : {"alice", "bob", "mallory"}) people_[name] = MakeSshKey(keys_.path(), name);
    Allow({"alice", "bob"});
    files_ = {{"lockkeeper.yaml", kFleet},
              {"upgrades/up.yaml", Up()},
              {"upgrades/lock.yaml", Lock()},
              {"upgrades/nights.yaml", Schedule()},
              {"c.ics", kCalendar}};
    Commit("alice");
  }

  void Allow(const std::vector<std::string>& names) {
    std::ofstream file(allowed(), std::ios::binary);
    for (const std::string& name : names) file << name << " " << people_[name].public_line << "\n";
  }
  std::string allowed() const { return keys_.path() + "/allowed"; }

  /// `who` empty: without a signature. No parents: the commit before.
  std::string Commit(const std::string& who, std::vector<std::string> parents = {}) {
    if (parents.empty() && !last_.empty()) parents = {last_};
    std::string stream =
        fmt::format("commit refs/heads/main\ncommitter {0} <{0}@example.com> {1} +0000\ndata 6\nChange\n",
                    who.empty() ? "nobody" : who, 1'700'000'000 + commits_++);
    for (size_t i = 0; i < parents.size(); ++i)
      stream += fmt::format("{} {}\n", i == 0 ? "from" : "merge", parents[i]);
    stream += "deleteall\n";
    for (const auto& [path, content] : files_)
      stream += fmt::format("M 100644 inline {}\ndata {}\n{}\n", path, content.size(), content);
    temp_.Git({"fast-import", "--quiet", "--force"}, stream);
    last_ = who.empty() ? temp_.Head() : SignHead(temp_, people_[who]);
    trees_[last_] = files_;
    return last_;
  }
  std::string Put(const std::string& who, const std::string& path, const std::string& content) {
    files_[path] = content;
    return Commit(who);
  }
  std::string Remove(const std::string& who, const std::string& path) {
    files_.erase(path);
    return Commit(who);
  }
  /// Work goes on from there.
  void Checkout(const std::string& commit) {
    last_ = commit;
    files_ = trees_.at(commit);
  }
  /// A merge of two commits with the files of a third.
  std::string Merge(const std::string& who, const std::string& first, const std::string& second,
                    const std::string& files_of) {
    files_ = trees_.at(files_of);
    return Commit(who, {first, second});
  }
  const std::string& last() const { return last_; }
  std::map<std::string, std::string>& files() { return files_; }
  const std::map<std::string, std::string>& TreeOf(const std::string& commit) const {
    return trees_.at(commit);
  }

  std::unique_ptr<Repository> Open() const { return Opened(temp_.path()); }
  AllowedSigners Signers() const { return {.ssh_file = allowed(), .gpg_file = {}}; }
  std::string Cold(const std::string& commit) const {
    auto repository = Open();
    FleetReader reader(*repository, Signers());
    auto state = reader.Read(commit);
    return state ? Told(**state) : "error: " + state.error().message;
  }
  std::string Cold() const { return Cold(last_); }

 private:
  TempRepository temp_;
  TempFolder keys_;
  std::map<std::string, SshKey> people_;
  std::map<std::string, std::string> files_;
  std::map<std::string, std::map<std::string, std::string>> trees_;
  std::string last_;
  int commits_ = 0;
};

constexpr const char* kAll = "up=v1.20.0 freeze=05 nights=prod";

struct TrustCase {
  const char* name;
  std::function<void(SignedHistory&)> happens;
  const char* told;
};

const TrustCase kCases[] = {
    {"nothing_happened", [](SignedHistory&) {}, kAll},
    {"signed_by_another", [](SignedHistory& h) { h.Put("bob", "upgrades/up.yaml", Up("v1.21.0")); },
     "up=v1.21.0 freeze=05 nights=prod"},
    {"unsigned_upgrade", [](SignedHistory& h) { h.Put("", "upgrades/up.yaml", Up("v1.21.0")); },
     "freeze=05 nights=prod !up kept:upgrades/up.yaml [upgrades/up.yaml]"},
    {"by_somebody_who_is_not_allowed",
     [](SignedHistory& h) { h.Put("mallory", "upgrades/up.yaml", Up("v1.21.0")); },
     "freeze=05 nights=prod !up kept:upgrades/up.yaml [upgrades/up.yaml]"},
    {"signed_again",
     [](SignedHistory& h) {
       h.Put("", "upgrades/up.yaml", Up("v1.21.0"));
       h.Put("bob", "upgrades/up.yaml", Up("v1.22.0"));
     },
     "up=v1.22.0 freeze=05 nights=prod"},
    {"taken_back",
     [](SignedHistory& h) {
       h.Put("", "upgrades/up.yaml", Up("v1.21.0"));
       h.Put("", "upgrades/up.yaml", Up());
     },
     kAll},
    {"another_file_of_the_same_folder", [](SignedHistory& h) { h.Put("", "upgrades/README.md", "x"); }, kAll},
    {"clusters_need_no_signature", [](SignedHistory& h) { h.Put("", "clusters/a.yaml", "x: 1\n"); }, kAll},
    {"new_upgrade",
     [](SignedHistory& h) {
       h.Put("", "upgrades/new.yaml",
             Object("ClusterUpgrade", "new", "matchers: [], releaseRef: {name: v1.21.0}"));
     },
     "up=v1.20.0 freeze=05 nights=prod !new [upgrades/new.yaml]"},
    {"new_upgrade_of_a_signed_name", [](SignedHistory& h) { h.Put("", "upgrades/z.yaml", Up("v1.29.0")); },
     "up=v1.20.0 freeze=05 nights=prod [upgrades/z.yaml]"},
    {"new_upgrade_and_removed",
     [](SignedHistory& h) {
       h.Put("", "upgrades/z.yaml", Up("v1.29.0"));
       h.Remove("", "upgrades/z.yaml");
     },
     kAll},
    {"removed_upgrade", [](SignedHistory& h) { h.Remove("", "upgrades/up.yaml"); },
     "freeze=05 nights=prod !up kept:upgrades/up.yaml [upgrades/up.yaml]"},
    // A lock locks on, as it was signed.
    {"shorter_lock", [](SignedHistory& h) { h.Put("", "upgrades/lock.yaml", Lock("02")); },
     "up=v1.20.0 freeze=05 nights=prod kept:upgrades/lock.yaml [upgrades/lock.yaml]"},
    {"removed_lock", [](SignedHistory& h) { h.Remove("", "upgrades/lock.yaml"); },
     "up=v1.20.0 freeze=05 nights=prod kept:upgrades/lock.yaml [upgrades/lock.yaml]"},
    {"lock_made_garbage", [](SignedHistory& h) { h.Put("", "upgrades/lock.yaml", "{{{"); },
     "up=v1.20.0 freeze=05 nights=prod kept:upgrades/lock.yaml [upgrades/lock.yaml]"},
    {"lock_moved_away",
     [](SignedHistory& h) {
       h.files().erase("upgrades/lock.yaml");
       h.Put("", "lock.yaml", Lock());
     },
     "up=v1.20.0 freeze=05 nights=prod kept:upgrades/lock.yaml [upgrades/lock.yaml]"},
    {"removed_by_a_signer", [](SignedHistory& h) { h.Remove("bob", "upgrades/lock.yaml"); },
     "up=v1.20.0 nights=prod"},
    {"removed_by_a_signer_and_put_back",
     [](SignedHistory& h) {
       h.Remove("bob", "upgrades/lock.yaml");
       h.Put("", "upgrades/lock.yaml", Lock());
     },
     "up=v1.20.0 nights=prod [upgrades/lock.yaml]"},
    {"unsigned_lock_does_not_lock", [](SignedHistory& h) { h.Put("", "upgrades/z.yaml", Lock("09", "z")); },
     "up=v1.20.0 freeze=05 nights=prod [upgrades/z.yaml]"},
    {"broken_lock_of_a_signer",
     [](SignedHistory& h) {
       h.Put("bob", "upgrades/lock.yaml", Object("ClusterLock", "freeze", "reason: 1"));
       h.Remove("", "upgrades/lock.yaml");
     },
     "up=v1.20.0 nights=prod !freeze kept:upgrades/lock.yaml [upgrades/lock.yaml]"},
    {"garbage_of_a_signer",
     [](SignedHistory& h) {
       h.Put("bob", "upgrades/lock.yaml", "{{{ ClusterLock");
       h.Remove("", "upgrades/lock.yaml");
     },
     "up=v1.20.0 nights=prod kept:upgrades/lock.yaml guard:upgrades/lock.yaml [upgrades/lock.yaml]"},
    // Clusters of a schedule are held, of the old one as of the new one.
    {"changed_schedule", [](SignedHistory& h) { h.Put("", "upgrades/nights.yaml", Schedule("dev")); },
     "up=v1.20.0 freeze=05 !nights=dev !nights=prod kept:upgrades/nights.yaml [upgrades/nights.yaml]"},
    {"removed_schedule", [](SignedHistory& h) { h.Remove("", "upgrades/nights.yaml"); },
     "up=v1.20.0 freeze=05 !nights=prod kept:upgrades/nights.yaml [upgrades/nights.yaml]"},
    {"new_schedule", [](SignedHistory& h) { h.Put("", "upgrades/z.yaml", Schedule("dev", "z")); },
     "up=v1.20.0 freeze=05 nights=prod !z=dev [upgrades/z.yaml]"},
    {"changed_calendar", [](SignedHistory& h) { h.Put("", "c.ics", std::string(kCalendar) + "\r\n"); },
     "up=v1.20.0 freeze=05 nights=prod closed:c.ics"},
    {"removed_calendar", [](SignedHistory& h) { h.Remove("", "c.ics"); },
     "up=v1.20.0 freeze=05 nights=prod closed:c.ics"},
    // Without the settings there is nothing.
    {"settings", [](SignedHistory& h) { h.Put("", "lockkeeper.yaml", std::string(kFleet) + "#\n"); },
     "nothing up=v1.20.0 freeze=05 nights=prod kept:lockkeeper.yaml [lockkeeper.yaml]"},
    {"removed_settings", [](SignedHistory& h) { h.Remove("", "lockkeeper.yaml"); },
     "nothing up=v1.20.0 freeze=05 nights=prod kept:lockkeeper.yaml [lockkeeper.yaml]"},
    {"moved_folder",
     [](SignedHistory& h) {
       std::string fleet = kFleet;
       fleet.insert(fleet.find("inventory"), "manifests: [other/], ");
       h.Put("alice", "lockkeeper.yaml", fleet);
       h.Put("", "other/up.yaml", Up());
     },
     "!up [other/up.yaml]"},
    // Who is behind an approval.
    {"approval", [](SignedHistory& h) { h.Put("bob", "upgrades/ok.yaml", Approval("alice")); },
     "up=v1.20.0 freeze=05 nights=prod ok=bob"},
    {"unsigned_approval", [](SignedHistory& h) { h.Put("", "upgrades/ok.yaml", Approval("alice")); },
     "up=v1.20.0 freeze=05 nights=prod !ok [upgrades/ok.yaml]"},
    // Merges.
    {"unsigned_merge_of_a_signed_change",
     [](SignedHistory& h) {
       const std::string base = h.last();
       const std::string branch = h.Put("bob", "upgrades/up.yaml", Up("v1.21.0"));
       h.Checkout(base);
       const std::string main = h.Put("", "clusters/a.yaml", "x: 1\n");
       h.Merge("", main, branch, branch);
     },
     "up=v1.21.0 freeze=05 nights=prod"},
    {"signed_merge_of_an_unsigned_change",
     [](SignedHistory& h) {
       const std::string base = h.last();
       const std::string branch = h.Put("", "upgrades/up.yaml", Up("v1.21.0"));
       h.Merge("bob", base, branch, branch);
     },
     "up=v1.21.0 freeze=05 nights=prod"},
    {"signed_merge_that_brought_nothing_of_it",
     [](SignedHistory& h) {
       const std::string changed = h.Put("", "upgrades/up.yaml", Up("v1.21.0"));
       const std::string branch = h.Put("", "clusters/a.yaml", "x: 1\n");
       h.Merge("bob", changed, branch, branch);
     },
     "freeze=05 nights=prod !up kept:upgrades/up.yaml [upgrades/up.yaml]"},
    {"unsigned_merge_that_goes_back",
     [](SignedHistory& h) {
       const std::string old = h.last();
       const std::string now = h.Put("bob", "upgrades/lock.yaml", Lock("09"));
       h.Merge("", now, old, old);
     },
     "up=v1.20.0 freeze=09 nights=prod kept:upgrades/lock.yaml [upgrades/lock.yaml]"},
    {"the_same_from_the_other_side",
     [](SignedHistory& h) {
       const std::string old = h.last();
       const std::string now = h.Put("bob", "upgrades/lock.yaml", Lock("09"));
       h.Merge("", old, now, old);
     },
     "up=v1.20.0 freeze=09 nights=prod kept:upgrades/lock.yaml [upgrades/lock.yaml]"},
    {"both_sides_go_back",
     [](SignedHistory& h) {
       const std::string old = h.last();
       h.Put("bob", "upgrades/lock.yaml", Lock("09"));
       const std::string undone = h.Put("", "upgrades/lock.yaml", Lock());
       h.Merge("", old, undone, old);
     },
     "up=v1.20.0 freeze=09 nights=prod kept:upgrades/lock.yaml [upgrades/lock.yaml]"},
    {"two_signed_changes_and_nobody_who_signed_the_choice",
     [](SignedHistory& h) {
       const std::string base = h.last();
       const std::string ours = h.Put("alice", "upgrades/up.yaml", Up("v1.21.0"));
       h.Checkout(base);
       const std::string theirs = h.Put("bob", "upgrades/up.yaml", Up("v1.22.0"));
       h.Merge("", ours, theirs, ours);
     },
     "freeze=05 nights=prod !up kept:upgrades/up.yaml [upgrades/up.yaml]"},
    {"two_signed_changes_and_a_signed_choice",
     [](SignedHistory& h) {
       const std::string base = h.last();
       const std::string ours = h.Put("alice", "upgrades/up.yaml", Up("v1.21.0"));
       h.Checkout(base);
       const std::string theirs = h.Put("bob", "upgrades/up.yaml", Up("v1.22.0"));
       h.Merge("alice", ours, theirs, ours);
     },
     "up=v1.21.0 freeze=05 nights=prod"},
    {"two_signed_changes_of_one_mind",
     [](SignedHistory& h) {
       const std::string base = h.last();
       const std::string ours = h.Put("alice", "upgrades/up.yaml", Up("v1.21.0"));
       h.Checkout(base);
       const std::string theirs = h.Put("bob", "upgrades/up.yaml", Up("v1.21.0"));
       h.Merge("", ours, theirs, ours);
     },
     "up=v1.21.0 freeze=05 nights=prod"},
};

class ManifestTrustOf : public testing::TestWithParam<TrustCase> {};

/// A reader that goes from commit to commit comes to the same as one that begins at the last.
TEST_P(ManifestTrustOf, IsAsTheRulesSay) {
  SignedHistory history;
  auto repository = history.Open();
  FleetReader follower(*repository, history.Signers());
  auto before = follower.Read(history.last());
  ASSERT_OK(before);
  EXPECT_EQ(Told(**before), kAll);
  GetParam().happens(history);
  EXPECT_EQ(history.Cold(), GetParam().told);
  auto after = follower.Read(history.last());
  ASSERT_OK(after);
  EXPECT_EQ(Told(**after), GetParam().told);
}

INSTANTIATE_TEST_SUITE_P(Cases, ManifestTrustOf, testing::ValuesIn(kCases),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(ManifestTrust, SaysWhoAndWhatToDo) {
  SignedHistory history;
  const std::string id = history.Put("mallory", "upgrades/z.yaml", Lock("09", "z"));
  auto repository = history.Open();
  FleetReader reader(*repository, history.Signers());
  auto state = reader.Read(id);
  ASSERT_OK(state);
  auto finding = std::ranges::find((*state)->fleet.diagnostics, "unsigned", &Diagnostic::code);
  ASSERT_NE(finding, (*state)->fleet.diagnostics.end());
  EXPECT_THAT(
      FormatDiagnostic(*finding),
      testing::AllOf(HasSubstr("upgrades/z.yaml:1:1: error[unsigned]: last changed by " + id.substr(0, 12) +
                               " of mallory <mallory@example.com>, which is not signed by an allowed "
                               "signer: no allowed signer has its SSH key"),
                     HasSubstr("its locks do NOT lock"), HasSubstr("have an allowed signer commit")));
  // Nobody may sign over it by accident.
  auto text = reader.ReadFile("upgrades/z.yaml");
  EXPECT_ERROR(text, ErrorKind::kInvalid, "have an allowed signer commit a change of it first");
  EXPECT_TRUE(reader.ReadFile("upgrades/lock.yaml").has_value());
}

TEST(ManifestTrust, FollowsTheAllowedSigners) {
  SignedHistory history;
  history.Put("bob", "upgrades/up.yaml", Up("v1.21.0"));
  auto repository = history.Open();
  FleetReader reader(*repository, history.Signers());
  EXPECT_EQ(Told(**reader.Read(history.last())), "up=v1.21.0 freeze=05 nights=prod");
  history.Allow({"alice"});
  EXPECT_EQ(Told(**reader.Read(history.last())),
            "freeze=05 nights=prod !up kept:upgrades/up.yaml [upgrades/up.yaml]");
  std::ofstream(history.allowed(), std::ios::trunc) << "";
  EXPECT_EQ(Told(**reader.Read(history.last())).substr(0, 7), "nothing");
  RunShell("rm " + history.allowed());
  EXPECT_ERROR(reader.Read(history.last()), ErrorKind::kDenied, "no such file");
  history.Allow({"alice", "bob"});
  EXPECT_EQ(Told(**reader.Read(history.last())), "up=v1.21.0 freeze=05 nights=prod");
}

/// A commit that changes no manifest has no signature looked at, and is compared once.
TEST(ManifestTrust, CostsWhatChanged) {
  SignedHistory history;
  for (int i = 0; i < 20; ++i) history.Put("", "clusters/a.yaml", fmt::format("x: {}\n", i));
  FaultyRepository counted(history.Open());
  FleetReader reader(counted, history.Signers());
  ASSERT_OK(reader.Read(history.last()));
  auto calls = [&](std::string_view name, size_t from) {
    return std::count(counted.journal().begin() + static_cast<std::ptrdiff_t>(from), counted.journal().end(),
                      name);
  };
  const size_t cold = counted.journal().size();
  EXPECT_EQ(calls("ReadCommit", 0), 1) << "one commit brought all manifests";
  ASSERT_OK(reader.Read(history.Put("", "clusters/a.yaml", "x: 100\n")));
  EXPECT_EQ(calls("ReadCommit", cold), 0);
  EXPECT_LE(calls("Diff", cold), 4);
  const size_t warm = counted.journal().size();
  ASSERT_OK(reader.Read(history.Put("bob", "upgrades/up.yaml", Up("v1.21.0"))));
  EXPECT_EQ(calls("ReadCommit", warm), 1);
}

TEST(ManifestTrust, AFailureLeavesNothingBehind) {
  SignedHistory history;
  history.Put("bob", "upgrades/up.yaml", Up("v1.21.0"));
  FaultyRepository faulty(history.Open());
  for (int call = 1; call <= 12; ++call) faulty.FailAt({.call = call, .kind = ErrorKind::kTransient});
  FleetReader reader(faulty, history.Signers());
  // Each call fails once; whatever was half done leaves nothing behind.
  for (int i = 0; i < 12; ++i) EXPECT_FALSE(reader.Read(history.last()).has_value());
  auto state = reader.Read(history.last());
  ASSERT_OK(state);
  EXPECT_EQ(Told(**state), "up=v1.21.0 freeze=05 nights=prod");
}

/// Whoever cannot sign can commit and merge whatever he likes: the newest signed lock locks, and what counts
/// is as it was signed.
TEST(ManifestTrust, NobodyOpensAnythingWithoutAKey) {
  for (unsigned seed : {1U, 2U, 3U}) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    std::mt19937 dice(seed);
    auto roll = [&](size_t sides) { return static_cast<size_t>(dice() % sides); };
    SignedHistory history;
    std::vector<std::string> commits{history.last()};
    commits.push_back(history.Put("bob", "upgrades/lock.yaml", Lock("06")));
    commits.push_back(history.Put("alice", "upgrades/up.yaml", Up("v1.21.0")));
    commits.push_back(history.Put("alice", "upgrades/lock.yaml", Lock("09")));
    const std::string tip = history.last();
    auto repository = history.Open();
    FleetReader follower(*repository, history.Signers());
    std::string head = tip;
    for (int step = 0; step < 25; ++step) {
      const std::string& one = commits[roll(commits.size())];
      const std::string& files = commits[roll(commits.size())];
      history.Checkout(roll(2) == 0 ? head : one);
      history.files() = history.TreeOf(files);
      if (roll(3) == 0) history.files().erase("upgrades/lock.yaml");
      if (roll(3) == 0) history.files()["upgrades/lock.yaml"] = Lock("01");
      if (roll(3) == 0) history.files()["upgrades/up.yaml"] = Up("v1.2" + std::to_string(roll(4)) + ".0");
      std::vector<std::string> parents{history.last()};
      const std::string& other = commits[roll(commits.size())];
      if (roll(2) == 0 && other != parents[0]) parents.push_back(other);
      commits.push_back(history.Commit("", parents));
      // A push goes forward only, so whatever he made last is merged with the branch.
      const std::string made = commits.back();
      if (made != head) {
        history.files() = history.TreeOf(commits[roll(commits.size())]);
        head = roll(2) == 0 ? history.Commit("", {head, made}) : history.Commit("", {made, head});
        commits.push_back(head);
      }
      auto state = follower.Read(head);
      ASSERT_OK(state);
      const std::string told = Told(**state);
      ASSERT_THAT(told, HasSubstr("freeze=09")) << step;
      ASSERT_TRUE(told.find("up=") == std::string::npos || told.find("up=v1.21.0") != std::string::npos)
          << told;
      if (step % 5 == 0) {
        ASSERT_EQ(told, history.Cold(head)) << step;
      }
    }
  }
}

}  // namespace
}  // namespace lockkeeper
