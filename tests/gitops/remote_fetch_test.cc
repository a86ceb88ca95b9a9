#include "remote_test_cases.h"

namespace lockkeeper {
namespace {

using RemoteFetch = RemoteTest;

TEST_F(RemoteFetch, FollowsTheBranchWhateverHappensToIt) {
  const std::string first = remote_.Commit({{"a", "1"}});
  auto repository = Open();
  auto fetched = repository->Fetch();
  ASSERT_OK(fetched);
  EXPECT_EQ(*fetched, first);
  EXPECT_EQ(repository->branch(), "main");
  EXPECT_EQ(repository->Fetch().value_or("-"), first);
  EXPECT_EQ(faults_->transfers, 1);

  const std::string second = remote_.Commit({{"a", "2"}});
  EXPECT_EQ(repository->Fetch().value_or("-"), second);
  auto difference = repository->Diff(first, second);
  ASSERT_OK(difference);
  ASSERT_EQ(difference->size(), 1U);
  EXPECT_EQ(*repository->ReadBlob((*difference)[0].entry.id), "2");

  remote_.Git({"update-ref", "refs/heads/main", first});
  EXPECT_EQ(repository->Fetch().value_or("-"), first) << "rewound";
  const std::string other = remote_.Commit({{"b", "3"}});
  EXPECT_EQ(repository->Fetch().value_or("-"), other) << "rewritten";

  remote_.Git({"update-ref", "-d", "refs/heads/main"});
  EXPECT_ERROR(repository->Fetch(), ErrorKind::kNotFound, "main");
  remote_.Git({"update-ref", "refs/heads/main", second});
  EXPECT_EQ(repository->Fetch().value_or("-"), second) << "there again";
  ExpectSoundClone();
  EXPECT_TRUE(repository->TakeProblems().empty());
}

TEST_F(RemoteFetch, FollowsHeadToAnotherBranch) {
  const std::string first = remote_.Commit({{"a", "1"}});
  auto repository = Open();
  ASSERT_OK(repository->Fetch());
  // `main` leaves no room for `main/inner`, neither there nor in our clone.
  remote_.Git({"update-ref", "-d", "refs/heads/main"});
  remote_.Git({"update-ref", "refs/heads/main/inner", first});
  remote_.Git({"symbolic-ref", "HEAD", "refs/heads/main/inner"});
  const std::string second = remote_.Commit({{"a", "2"}}, "Change", "main/inner");
  EXPECT_EQ(repository->Fetch().value_or("-"), second);
  EXPECT_EQ(repository->branch(), "main/inner");
  EXPECT_EQ(*repository->Resolve("main/inner~1"), first);
  EXPECT_ERROR(repository->Resolve("main"), ErrorKind::kNotFound, "main");
  repository.reset();
  EXPECT_EQ(Open()->branch(), "main/inner");
  ExpectSoundClone();
}

TEST_F(RemoteFetch, AnUnrelatedRepositoryInItsPlace) {
  remote_.Commit({{"a", "1"}});
  auto repository = Open();
  const std::string before = *repository->Fetch();
  std::filesystem::remove_all(remote_.path());
  EXPECT_ERROR(repository->Fetch(), ErrorKind::kTransient, remote_.path());
  RunGit(folder_.path(), {"init", "--quiet", "--bare", "--initial-branch=main", remote_.path()});
  EXPECT_ERROR(repository->Fetch(), ErrorKind::kNotFound, "main");
  const std::string after = remote_.Commit({{"b", "9"}});
  EXPECT_EQ(repository->Fetch().value_or("-"), after);
  auto files = repository->Diff("", after);
  ASSERT_OK(files);
  ASSERT_EQ(files->size(), 1U);
  EXPECT_EQ((*files)[0].entry.path, "b");
  EXPECT_EQ(repository->Diff(before, after)->size(), 2U) << "what was fetched before can still be read";
}

TEST_F(RemoteFetch, ReadsAsALocalRepositoryDoes) {
  remote_.Commit({{"a/b/c", "1"}, {"a/d", "2"}, {"run", "#!", "100755"}}, "First");
  remote_.Commit({{"a/d", "3"}}, "Second");
  const std::string head = remote_.Commit({{"run", "", "", true}}, "Third");
  auto repository = Open();
  auto local = Opened(remote_.path());
  ASSERT_EQ(repository->Fetch().value_or("-"), head);
  for (const char* revision : {"HEAD", "main", "heads/main", "refs/heads/main", "HEAD~1", "main^^", "@~2"})
    EXPECT_EQ(repository->Resolve(revision).value_or("-"), local->Resolve(revision).value_or("?"))
        << revision;
  EXPECT_EQ(*repository->Resolve(head.substr(0, 8)), head);
  EXPECT_ERROR(repository->Resolve("nothing"), ErrorKind::kNotFound, "git.example.com");
  auto ours = repository->Diff("", head);
  auto theirs = local->Diff("", head);
  ASSERT_OK(ours);
  ASSERT_EQ(ours->size(), theirs->size());
  for (size_t i = 0; i < ours->size(); ++i) {
    EXPECT_EQ((*ours)[i].entry.path, (*theirs)[i].entry.path);
    EXPECT_EQ((*ours)[i].entry.id, (*theirs)[i].entry.id);
  }
  EXPECT_EQ(*repository->ReadBlob(repository->FindFile(head, "a/d")->id), "3");
  EXPECT_ERROR(repository->FindFile(head, "run"), ErrorKind::kNotFound, "run");
  std::vector<std::string> messages;
  ASSERT_OK(repository->WalkHistory(head, [&](const CommitRecord& commit) {
    messages.push_back(commit.message);
    return true;
  }));
  EXPECT_EQ(messages.size(), 3U);
  ASSERT_OK(repository->Fetch());
  EXPECT_TRUE(repository->TakeProblems().empty()) << "what a file is not is no damage";
}

TEST_F(RemoteFetch, StartsAgainWithoutTheRemote) {
  const std::string head = remote_.Commit({{"a", "1"}});
  ASSERT_OK(Open()->Fetch());
  faults_->is_down = true;
  auto repository = Open();
  EXPECT_EQ(repository->branch(), "main");
  EXPECT_EQ(*repository->Resolve("HEAD"), head);
  EXPECT_EQ(repository->OpenReader().value()->Fetch().value_or("-"), head);
  EXPECT_ERROR(repository->Fetch(), ErrorKind::kTransient, "made to be down");
  EXPECT_EQ(repository->FindFile(head, "a")->path, "a");
  faults_->is_down = false;
  EXPECT_EQ(repository->Fetch().value_or("-"), head);
  EXPECT_EQ(faults_->transfers, 1) << "nothing was fetched a second time";
}

TEST_F(RemoteFetch, BeforeTheFirstOneThereIsNothing) {
  faults_->is_down = true;
  auto repository = Open();
  EXPECT_ERROR(repository->Resolve("HEAD"), ErrorKind::kTransient, "nothing has been fetched");
  EXPECT_ERROR(repository->OpenReader().value()->Fetch(), ErrorKind::kTransient, "nothing has been fetched");
  EXPECT_ERROR(repository->Fetch(), ErrorKind::kTransient, "made to be down");
  faults_->is_down = false;
  EXPECT_ERROR(repository->Fetch(), ErrorKind::kNotFound, "main");
  EXPECT_ERROR(repository->OpenReader().value()->Fetch(), ErrorKind::kNotFound, "there is no branch");
  const std::string head = remote_.Commit({{"a", "1"}});
  EXPECT_EQ(repository->Fetch().value_or("-"), head);
}

// A server may say anything.
TEST_F(RemoteFetch, RefusesABranchThatIsNoName) {
  class Liar : public LocalTransport {
   public:
    Liar(const std::string& path, std::string branch) : LocalTransport(path), branch_(std::move(branch)) {}
    Result<FetchOutcome> Fetch(const FetchRequest& request) override {
      auto outcome = LocalTransport::Fetch(request);
      if (outcome) outcome->branch = branch_;
      return outcome;
    }

   private:
    std::string branch_;
  };
  remote_.Commit({{"a", "1"}});
  for (const char* name : {"../../../escaped", "", "a..b", "a b", "-x", "/x", "x.lock", "a//b"}) {
    SCOPED_TRACE(name);
    auto repository = RemoteRepository::Open({.url = "https://x/y", .branch = "", .clone_folder = clone()},
                                             std::make_unique<Liar>(remote_.path(), name));
    ASSERT_OK(repository);
    EXPECT_ERROR((*repository)->Fetch(), ErrorKind::kTransient, "cannot be");
  }
  EXPECT_ERROR(TryOpen(clone(), {}, "a..b"), ErrorKind::kInvalid, "a..b");
}

}  // namespace
}  // namespace lockkeeper
