#include "remote_test_cases.h"

namespace lockkeeper {
namespace {

using Mode = TransportFaults::Mode;

class RemotePublish : public RemoteTest {
 protected:
  static std::vector<CommitDraft> Drafts(const std::string& content) {
    return {Draft({{"b/c", content}}, "One\n"), Draft({{"b/d", content}, {"b/c", content + "!"}}, "Two\n")};
  }
  int CommitCount() { return std::stoi(remote_.Git({"rev-list", "--count", "main"})); }
  void ExpectOnlyWhatIsNeeded() {
    ExpectSoundClone();
    for (const auto& entry : std::filesystem::directory_iterator(git_dir() + "/objects/pack")) {
      EXPECT_NE(entry.path().extension(), ".keep");
      EXPECT_FALSE(entry.path().filename().string().starts_with("tmp_"));
    }
  }
};

TEST_F(RemotePublish, MakesTheCommitsThatALocalRepositoryMakes) {
  remote_.Commit({{"a", "1"}});
  TempFolder copies;
  RunGit(copies.path(), {"clone", "--quiet", "--bare", remote_.path(), "copy.git"});
  auto local = Opened(copies.path() + "/copy.git");
  auto repository = Open();
  std::string base = *repository->Fetch();
  for (int i = 0; i < 5; ++i) {
    auto ids = repository->Publish(base, Drafts(std::to_string(i)));
    ASSERT_OK(ids);
    EXPECT_EQ(*ids, *local->Publish(base, Drafts(std::to_string(i))));
    EXPECT_EQ(remote_.Head(), ids->back());
    base = ids->back();
    EXPECT_EQ(repository->OpenReader().value()->Fetch().value_or("-"), base);
  }
  EXPECT_EQ(remote_.Read("b/c"), "4!");
  EXPECT_EQ(repository->Fetch().value_or("-"), base);
  EXPECT_EQ(faults_->transfers, 1) << "what was sent is not fetched";
  EXPECT_EQ(*repository->ReadBlob(repository->FindFile(base, "b/d")->id), "4");
  ExpectOnlyWhatIsNeeded();
  ExpectSound(remote_);
}

TEST_F(RemotePublish, TheFirstBranch) {
  auto nameless = Open();
  EXPECT_ERROR(nameless->Fetch(), ErrorKind::kNotFound, "main");
  EXPECT_ERROR(nameless->Publish("", Drafts("1")), ErrorKind::kInvalid, "no branch yet");
  nameless.reset();
  auto repository = Open({}, "main");
  EXPECT_ERROR(repository->Fetch(), ErrorKind::kNotFound, "main");
  EXPECT_TRUE(repository->Publish("", {})->empty());
  // One that came to nothing leaves nothing that could be taken for damage.
  faults_->at[faults_->calls + 1] = {Mode::kBefore, ErrorKind::kDenied};
  EXPECT_ERROR(repository->Publish("", Drafts("1")), ErrorKind::kDenied, "made to fail");
  EXPECT_ERROR(repository->Fetch(), ErrorKind::kNotFound, "main");
  auto ids = repository->Publish("", Drafts("1"));
  ASSERT_OK(ids);
  EXPECT_EQ(remote_.Head(), ids->back());
  EXPECT_EQ(repository->Fetch().value_or("-"), ids->back());
  EXPECT_TRUE(repository->TakeProblems().empty());
  EXPECT_ERROR(repository->Publish("", Drafts("2")), ErrorKind::kConflict, "main");
  ExpectOnlyWhatIsNeeded();
}

TEST_F(RemotePublish, SomebodyElseWasFirst) {
  remote_.Commit({{"a", "1"}});
  auto repository = Open();
  const std::string base = *repository->Fetch();
  const std::string theirs = remote_.Commit({{"a", "2"}});
  EXPECT_ERROR(repository->Publish(base, Drafts("1")), ErrorKind::kConflict, "moved");
  EXPECT_EQ(remote_.Head(), theirs);
  EXPECT_EQ(repository->Fetch().value_or("-"), theirs);
  EXPECT_ERROR(repository->Publish(base, Drafts("1")), ErrorKind::kConflict, "no longer at " + base);
  EXPECT_ERROR(repository->Publish("xyz", Drafts("1")), ErrorKind::kInvalid, "xyz");
  ASSERT_OK(repository->Publish(theirs, Drafts("1")));
  EXPECT_EQ(CommitCount(), 4);
  ExpectOnlyWhatIsNeeded();
}

TEST_F(RemotePublish, ALostAnswerIsLookedUp) {
  struct Row {
    const char* name;
    Mode mode;
    std::function<void(TempRepository&, const std::string& base)> meanwhile;
    std::optional<ErrorKind> kind;  ///< nothing: it worked
    int commits;                    ///< in the remote then
  };
  auto build_upon = [](TempRepository& git, const std::string&) { git.Commit({{"z", "9"}}); };
  auto merge = [](TempRepository& git, const std::string& base) {
    const std::string ours = git.Head();
    const std::string tree = git.Git({"rev-parse", ours + "^{tree}"}).substr(0, 40);
    const std::string side = git.Git({"commit-tree", tree, "-p", base}, "side").substr(0, 40);
    const std::string merged = git.Git({"commit-tree", tree, "-p", side, "-p", ours}, "merge").substr(0, 40);
    git.Git({"update-ref", "refs/heads/main", merged});
  };
  auto rewind = [](TempRepository& git, const std::string& base) {
    git.Git({"update-ref", "refs/heads/main", base});
  };
  auto remove = [](TempRepository& git, const std::string&) {
    git.Git({"update-ref", "-d", "refs/heads/main"});
  };
  for (const Row& row : {
           Row{"it_happened", Mode::kLostAnswer, nullptr, std::nullopt, 3},
           Row{"it_did_not", Mode::kBefore, nullptr, ErrorKind::kTransient, 1},
           Row{"built_upon", Mode::kLostAnswer, build_upon, std::nullopt, 4},
           Row{"merged_by_its_second_parent", Mode::kLostAnswer, merge, std::nullopt, 5},
           Row{"taken_back", Mode::kLostAnswer, rewind, ErrorKind::kTransient, 1},
           Row{"deleted", Mode::kLostAnswer, remove, ErrorKind::kConflict, 0},
           Row{"somebody_else_came_first", Mode::kBefore, build_upon, ErrorKind::kConflict, 2},
       }) {
    SCOPED_TRACE(row.name);
    remote_.TryGit({"update-ref", "-d", "refs/heads/main"});
    const std::string base = remote_.Commit({{"a", row.name}});
    std::filesystem::remove_all(clone());
    auto repository = Open();
    ASSERT_EQ(repository->Fetch().value_or("-"), base);
    const int push = faults_->calls + 1;
    faults_->at[push] = {row.mode, ErrorKind::kTransient};
    auto& moments = row.mode == Mode::kBefore ? faults_->before : faults_->after;
    if (row.meanwhile) moments[push] = [&] { row.meanwhile(remote_, base); };
    auto ids = repository->Publish(base, Drafts(row.name));
    EXPECT_EQ(ids ? std::nullopt : std::optional(ids.error().kind), row.kind)
        << (ids ? "" : ids.error().message);
    EXPECT_EQ(remote_.Head().empty() ? 0 : CommitCount(), row.commits);
    if (ids) {
      EXPECT_EQ(remote_.TryGit({"merge-base", "--is-ancestor", ids->back(), "main"}).exit_code, 0);
    }
    const std::string head = remote_.Head();
    EXPECT_EQ(repository->Fetch().value_or(""), head);
    if (head.empty()) continue;
    // The next one goes on from there.
    ASSERT_OK(repository->Publish(head, {Draft({{"next", row.name}})}));
    EXPECT_TRUE(repository->TakeProblems().empty());
    ExpectOnlyWhatIsNeeded();
  }
}

// The answer is lost, and the remote cannot be asked: nobody knows, and it says so. A second try finds out.
TEST_F(RemotePublish, NothingTwiceWhenNothingIsKnown) {
  for (Mode mode : {Mode::kBefore, Mode::kLostAnswer}) {
    remote_.Commit({{"a", "1"}});
    auto repository = Open();
    const std::string base = *repository->Fetch();
    const int before = CommitCount();
    const int push = faults_->calls + 1;
    faults_->at[push] = {mode, ErrorKind::kTransient};
    faults_->at[push + 1] = {Mode::kBefore, ErrorKind::kTransient};
    const auto drafts = Drafts(std::to_string(push));
    EXPECT_ERROR(repository->Publish(base, drafts), ErrorKind::kTransient, "is not known");
    auto again = repository->Publish(base, drafts);
    if (mode == Mode::kBefore) {
      ASSERT_OK(again);
    } else {
      EXPECT_ERROR(again, ErrorKind::kConflict, "moved");
    }
    EXPECT_EQ(CommitCount(), before + 2);
    EXPECT_EQ(repository->Fetch().value_or("-"), remote_.Head());
    ExpectOnlyWhatIsNeeded();
  }
}

// Whichever call fails, and whether it happened or not: who tries again comes to the same end.
TEST_F(RemotePublish, EveryCallMayFailOnce) {
  auto reach_the_end = [&](RemoteRepository& repository) {
    for (int i = 0; i < 3;) {
      auto head = repository.Fetch();
      if (!head) continue;
      const std::string file = "f" + std::to_string(i);
      if (repository.FindFile(*head, file) || repository.Publish(*head, {Draft({{file, "1"}})})) ++i;
    }
    return *repository.Resolve("HEAD");
  };
  const std::string base = remote_.Commit({{"a", "1"}});
  const std::string end = reach_the_end(*Open());
  const int calls = faults_->calls;
  ASSERT_EQ(calls, 6);
  for (Mode mode : {Mode::kBefore, Mode::kLostAnswer}) {
    for (int call = 1; call <= calls; ++call) {
      SCOPED_TRACE("call " + std::to_string(call));
      remote_.Git({"update-ref", "refs/heads/main", base});
      std::filesystem::remove_all(clone());
      *faults_ = {};
      faults_->at[call] = {mode, ErrorKind::kTransient};
      EXPECT_EQ(reach_the_end(*Open()), end);
      EXPECT_EQ(remote_.Head(), end);
      EXPECT_GT(faults_->calls, call);
      ExpectOnlyWhatIsNeeded();
    }
  }
}

TEST_F(RemotePublish, AReaderCannot) {
  const std::string base = remote_.Commit({{"a", "1"}});
  auto repository = Open();
  ASSERT_OK(repository->Fetch());
  auto reader = repository->OpenReader();
  EXPECT_ERROR((*reader)->Publish(base, Drafts("1")), ErrorKind::kInvalid, "only reads");
}

}  // namespace
}  // namespace lockkeeper
