#include <thread>

#include "transport_test_cases.h"

namespace lockkeeper {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// Against a real apache2 with git-http-backend.
class HttpTransport : public RemoteCase {
 protected:
  void Serve(const std::vector<std::string>& options = {}) {
    server_ = std::make_unique<ServedRemote>(ServedRemote::Kind::kHttp, root(), options);
  }
  std::unique_ptr<RemoteTransport> OpenUrl(const std::string& url, const RemoteAccess& access = {},
                                           const RemoteLimits& limits = QuickLimits()) const {
    auto transport = OpenTransport(url, access, limits);
    EXPECT_TRUE(transport.has_value()) << transport.error().message;
    return std::move(*transport);
  }
  std::unique_ptr<RemoteTransport> Open(const RemoteAccess& access = {},
                                        const std::string& path = "/fleet.git",
                                        const RemoteLimits& limits = QuickLimits()) const {
    return OpenUrl((*server_)["url"] + path, access, limits);
  }
  int Asked(std::string_view what) const {
    std::ifstream log((*server_)["access_log"]);
    int count = 0;
    for (std::string line; std::getline(log, line);) count += line.contains(what) ? 1 : 0;
    return count;
  }
  /// The server writes its log a moment after the client has its answer.
  void ExpectAsked(std::string_view what, int times) const {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (Asked(what) < times && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    EXPECT_EQ(Asked(what), times) << what;
  }

  std::unique_ptr<ServedRemote> server_;
};

#define SERVE_OR_SKIP(...)                                              \
  do {                                                                  \
    Serve(__VA_ARGS__);                                                 \
    if (server_->missing()) GTEST_SKIP() << "apache2 is not installed"; \
  } while (false)

TEST_F(HttpTransport, FetchesAndFollowsWhatIsNew) {
  const std::string first = Commit("one");
  SERVE_OR_SKIP();
  auto transport = Open();
  // What a fetch that was killed has left.
  std::filesystem::create_directories(clone() + "/objects/pack/tmp_incoming");
  Write("clone.git/objects/pack/tmp_incoming/pack_git2_1", "PACK");
  auto outcome = Fetch(*transport, "", "");
  ASSERT_WORKS(outcome);
  EXPECT_EQ(outcome->branch, "main");
  EXPECT_EQ(outcome->commit, first);
  ExpectWhole(first);
  const std::string second = Commit("two");
  outcome = Fetch(*transport, first);
  ASSERT_WORKS(outcome);
  EXPECT_EQ(outcome->commit, second);
  ExpectWhole(second);
  EXPECT_EQ(RunGit(clone(), {"for-each-ref"}), "");
}

TEST_F(HttpTransport, NothingNewIsOneRoundTrip) {
  const std::string commit = Commit("one");
  SERVE_OR_SKIP();
  auto transport = Open();
  ASSERT_WORKS(Fetch(*transport));
  ExpectAsked("GET /", 2);
  for (int i = 0; i < 3; ++i) {
    auto outcome = Fetch(*transport, commit);
    ASSERT_WORKS(outcome);
    EXPECT_EQ(outcome->commit, commit);
  }
  ExpectAsked("GET /", 5);
  ExpectAsked("POST /", 1);
}

TEST_F(HttpTransport, ARewrittenBranchIsBroughtToo) {
  const std::string first = Commit("one");
  const std::string second = Commit("two");
  SERVE_OR_SKIP();
  auto transport = Open();
  ASSERT_WORKS(Fetch(*transport));
  RunGit(fleet(), {"update-ref", "refs/heads/main", first});
  auto outcome = Fetch(*transport, second);
  ASSERT_WORKS(outcome);
  EXPECT_EQ(outcome->commit, first);
  const std::string other = Commit("other");
  outcome = Fetch(*transport, second);
  ASSERT_WORKS(outcome);
  EXPECT_EQ(outcome->commit, other);
  ExpectWhole(other);
  RunGit(fleet(), {"update-ref", "-d", "refs/heads/main"});
  const std::string unrelated = Commit("unrelated");
  outcome = Fetch(*transport, other);
  ASSERT_WORKS(outcome);
  EXPECT_EQ(outcome->commit, unrelated);
  ExpectWhole(unrelated);
}

TEST_F(HttpTransport, LargeTreesComeAsDifferences) {
  std::string files;
  const std::string blob = Line(RunGit(fleet(), {"hash-object", "-w", "--stdin"}, "same"));
  for (int i = 0; i < 5000; ++i) files += fmt::format("100644 blob {}\tcluster-{:05}\n", blob, i);
  const std::string tree = Line(RunGit(fleet(), {"mktree"}, files));
  const std::string base = Line(RunGit(fleet(), {"commit-tree", tree, "-m", "base"}));
  RunGit(fleet(), {"update-ref", "refs/heads/main", base});
  RunGit(fleet(), {"gc", "-q"});
  SERVE_OR_SKIP();
  auto transport = Open();
  ASSERT_WORKS(Fetch(*transport));
  const std::string larger =
      Line(RunGit(fleet(), {"mktree"}, files + fmt::format("100644 blob {}\tzz\n", blob)));
  const std::string next = Line(RunGit(fleet(), {"commit-tree", larger, "-m", "next", "-p", base}));
  RunGit(fleet(), {"update-ref", "refs/heads/main", next});
  auto outcome = Fetch(*transport, base);
  ASSERT_WORKS(outcome);
  EXPECT_EQ(outcome->commit, next);
  ExpectWhole(next);
}

TEST_F(HttpTransport, SaysWhatIsNotThere) {
  SERVE_OR_SKIP();
  EXPECT_FAILS(Fetch(*Open()), ErrorKind::kNotFound, "the repository has no commit yet");
  EXPECT_FAILS(Fetch(*Open(), "", ""), ErrorKind::kNotFound, "the repository has no commit yet");
  const std::string commit = Commit("one");
  EXPECT_FAILS(Fetch(*Open(), "", "gone"), ErrorKind::kNotFound, "no branch 'gone'");
  EXPECT_FAILS(Fetch(*Open({}, "/other.git")), ErrorKind::kDenied, "there is no such repository");
  RunGit(fleet(), {"update-ref", "--no-deref", "HEAD", commit});
  EXPECT_FAILS(Fetch(*Open(), "", ""), ErrorKind::kNotFound, "HEAD names no branch");
  ASSERT_WORKS(Fetch(*Open()));
}

TEST_F(HttpTransport, RefusesWhatCanNeverWork) {
  RunGit(root(), {"init", "-q", "--bare", "--object-format=sha256", "long.git"});
  Commit("one", "main", root() + "/long.git");
  Commit("one");
  Commit("two");
  RunGit(root(), {"clone", "-q", "--bare", "--depth=1", "file://" + fleet(), "shallow.git"});
  SERVE_OR_SKIP();
  EXPECT_FAILS(Fetch(*Open({}, "/long.git")), ErrorKind::kInvalid, "SHA-256");
  EXPECT_FAILS(Fetch(*Open({}, "/shallow.git")), ErrorKind::kInvalid, "shallow");
}

TEST_F(HttpTransport, PackAndAdvertisementAreBounded) {
  Commit("one");
  for (int i = 0; i < 20; ++i) RunGit(fleet(), {"branch", fmt::format("branch-{}", i), "main"});
  SERVE_OR_SKIP();
  RemoteLimits limits = QuickLimits();
  limits.advertisement_bytes_max = 500;
  EXPECT_FAILS(Fetch(*Open({}, "/fleet.git", limits)), ErrorKind::kInvalid, "larger than 500 bytes");
  limits = QuickLimits();
  limits.pack_bytes_max = 100;
  EXPECT_FAILS(Fetch(*Open({}, "/fleet.git", limits)), ErrorKind::kInvalid, "more than 100 bytes");
  EXPECT_TRUE(std::filesystem::is_empty(clone() + "/objects/pack"));
}

TEST_F(HttpTransport, PushesWithALease) {
  const std::string first = Commit("one");
  SERVE_OR_SKIP();
  auto transport = Open();
  ASSERT_WORKS(Fetch(*transport));
  const PushRequest push = NewCommit(first, "two");
  ASSERT_WORKS(transport->Push(push));
  EXPECT_EQ(Tip(), push.new_id);
  EXPECT_EQ(RunGit(fleet(), {"show", "main:file"}), "two");
  EXPECT_FAILS(transport->Push(push), ErrorKind::kConflict, "is at " + push.new_id);
  ExpectAsked("POST /fleet.git/git-receive-pack", 1);
}

TEST_F(HttpTransport, MakesAndDeletesRefs) {
  const std::string first = Commit("one");
  SERVE_OR_SKIP();
  auto transport = Open();
  ASSERT_WORKS(Fetch(*transport));
  PushRequest push = NewCommit(first, "two", "refs/heads/lockkeeper/a/b");
  push.old_id.clear();
  ASSERT_WORKS(transport->Push(push));
  EXPECT_EQ(Tip(push.ref), push.new_id);
  EXPECT_FAILS(transport->Push(push), ErrorKind::kConflict, "where it was to be not there");
  EXPECT_FAILS(transport->Push({.ref = push.ref, .old_id = first}), ErrorKind::kConflict,
               "where it was to be at");
  ASSERT_WORKS(transport->Push({.ref = push.ref, .old_id = push.new_id}));
  EXPECT_EQ(Tip(push.ref), "");
  EXPECT_FAILS(transport->Push({.ref = push.ref, .old_id = push.new_id}), ErrorKind::kConflict,
               "is not there");
}

TEST_F(HttpTransport, AnEmptyRepositoryTakesItsFirstCommit) {
  SERVE_OR_SKIP();
  auto transport = Open();
  const PushRequest push = NewCommit("", "first");
  ASSERT_WORKS(transport->Push(push));
  EXPECT_EQ(Tip(), push.new_id);
}

TEST_F(HttpTransport, ALargePackIsStreamed) {
  const std::string first = Commit("one");
  SERVE_OR_SKIP();
  auto transport = Open();
  ASSERT_WORKS(Fetch(*transport));
  const PushRequest push = NewCommit(first, Noise(size_t{8} << 20));
  EXPECT_GT(std::filesystem::file_size(push.pack_path), size_t{4} << 20);
  ASSERT_WORKS(transport->Push(push));
  EXPECT_EQ(Tip(), push.new_id);
}

TEST_F(HttpTransport, RefusalsAreInTheServersWords) {
  const std::string first = Commit("one");
  SERVE_OR_SKIP();
  auto transport = Open();
  ASSERT_WORKS(Fetch(*transport));
  const auto hook = [&](const std::string& name, const std::string& script) {
    std::filesystem::create_directories(fleet() + "/hooks");
    const std::string path = fleet() + "/hooks/" + name;
    std::ofstream(path) << "#!/bin/sh\n" << script;
    std::filesystem::permissions(path, std::filesystem::perms(0755));
  };
  const PushRequest push = NewCommit(first, "two");
  hook("pre-receive", "printf 'GitLab: You are not allowed to push\\033[2J\\n' >&2; exit 1\n");
  auto refused = transport->Push(push);
  EXPECT_FAILS(refused, ErrorKind::kDenied, "GitLab: You are not allowed to push [2J");
  EXPECT_THAT(refused.error().message, HasSubstr("pre-receive hook declined"));
  EXPECT_EQ(Tip(), first);
  std::filesystem::remove(fleet() + "/hooks/pre-receive");
  hook("update", "yes 'a very long reason' | head -c 200000 >&2; exit 1\n");
  refused = transport->Push(push);
  EXPECT_FAILS(refused, ErrorKind::kDenied, "hook declined");
  EXPECT_LT(refused.error().message.size(), 2000U);
  std::filesystem::remove(fleet() + "/hooks/update");
  RunGit(fleet(), {"config", "receive.denyDeletes", "true"});
  EXPECT_FAILS(transport->Push({.ref = push.ref, .old_id = first}), ErrorKind::kDenied,
               "deletion prohibited");
}

TEST_F(HttpTransport, TheLoserOfARaceIsTold) {
  const std::string first = Commit("one");
  const std::string rival = Commit("rival", "rival");
  SERVE_OR_SKIP();
  auto transport = Open();
  ASSERT_WORKS(Fetch(*transport));
  // Between the advertisement and the move of the ref, somebody else moves it.
  std::filesystem::create_directories(fleet() + "/hooks");
  std::ofstream(fleet() + "/hooks/pre-receive")
      << "#!/bin/sh\nunset GIT_QUARANTINE_PATH\ngit update-ref refs/heads/main " << rival << "\n";
  std::filesystem::permissions(fleet() + "/hooks/pre-receive", std::filesystem::perms(0755));
  EXPECT_FAILS(transport->Push(NewCommit(first, "two")), ErrorKind::kConflict,
               "did not move refs/heads/main");
  EXPECT_EQ(Tip(), rival);
}

TEST_F(HttpTransport, APackThatLacksObjectsIsNotTaken) {
  const std::string first = Commit("one");
  SERVE_OR_SKIP();
  auto transport = Open();
  ASSERT_WORKS(Fetch(*transport));
  PushRequest push = NewCommit(first, "two");
  // Only the commit itself.
  const std::string stem = folder_.path() + "/part";
  const std::string pack = Line(RunGit(clone(), {"pack-objects", "-q", stem}, push.new_id + "\n"));
  push.pack_path = stem + "-" + pack + ".pack";
  EXPECT_FALSE(transport->Push(push).has_value());
  EXPECT_EQ(Tip(), first);
  push.pack_path = Write("no.pack", "no pack\n");
  EXPECT_FAILS(transport->Push(push), ErrorKind::kInvalid, "this is no pack");
}

TEST_F(HttpTransport, BasicAndItsFileMayChange) {
  const std::string commit = Commit("one");
  const std::string password = Write("password", "s3cret:x\n");
  SERVE_OR_SKIP({"--user", "ada", "--password-file", password});
  RemoteAccess access{.username = "ada", .token_file = Write("token", "s3cret:x\n")};
  auto transport = Open(access);
  ASSERT_WORKS(Fetch(*transport));
  ExpectAsked("POST /", 1);
  EXPECT_EQ(Asked(" 401 "), 0);
  server_->Tell("password", "other");
  EXPECT_FAILS(Fetch(*transport, commit), ErrorKind::kDenied, "401");
  Write("token", "other\n");
  ASSERT_WORKS(Fetch(*transport, commit));
  // The user may stand in the URL.
  const std::string url = (*server_)["url"];
  access.username.clear();
  ASSERT_WORKS(Fetch(*OpenUrl("http://ada@" + url.substr(7) + "/fleet.git", access)));
  EXPECT_FAILS(Fetch(*Open()), ErrorKind::kDenied, "name a file with a token");
}

TEST_F(HttpTransport, BearerAndHeaders) {
  Commit("one");
  SERVE_OR_SKIP({"--bearer-file", Write("bearer", "tok-1\n"), "--header", "X-Fleet-Token: abc"});
  ASSERT_WORKS(Fetch(*Open({.token_file = Write("token", "tok-1")})));
  ASSERT_WORKS(Fetch(*Open({.headers_file = Write("headers", "# who we are\nX-Fleet-Token: abc\r\n\n")})));
  EXPECT_FAILS(Fetch(*Open({.headers_file = Write("headers", "X-Fleet-Token: abd\n")})), ErrorKind::kDenied,
               "401");
}

TEST_F(HttpTransport, CertificatesAreVerified) {
  Commit("one");
  SERVE_OR_SKIP({"--tls"});
  ASSERT_WORKS(Fetch(*Open({.ca_file = (*server_)["ca_file"]})));
  EXPECT_FAILS(Fetch(*Open()), ErrorKind::kDenied, "the server's certificate is not trusted");
  EXPECT_FAILS(Fetch(*Open({.ca_file = folder_.path() + "/no"})), ErrorKind::kInvalid, "cannot read");
  EXPECT_FAILS(Fetch(*Open({.ca_file = Write("rubbish", "none\n")})), ErrorKind::kInvalid, "no certificates");
}

TEST_F(HttpTransport, CertificatesOfOtherHostsAreNoGood) {
  Commit("one");
  SERVE_OR_SKIP({"--tls", "--san", "DNS:elsewhere.invalid"});
  EXPECT_FAILS(Fetch(*Open({.ca_file = (*server_)["ca_file"]})), ErrorKind::kDenied, "not trusted");
}

TEST_F(HttpTransport, ClientCertificates) {
  Commit("one");
  SERVE_OR_SKIP({"--tls", "--client-certificate"});
  RemoteAccess access{.ca_file = (*server_)["ca_file"]};
  EXPECT_FAILS(Fetch(*Open(access)), ErrorKind::kDenied, "asks for a client certificate");
  access.client_certificate_file = (*server_)["client_certificate_file"];
  access.client_key_file = (*server_)["client_key_file"];
  ASSERT_WORKS(Fetch(*Open(access)));
  access.client_key_file = Write("key", "none\n");
  EXPECT_FAILS(Fetch(*Open(access)), ErrorKind::kInvalid, "client certificate or its key cannot be used");
}

TEST_F(HttpTransport, RedirectsAreFollowedForFetchAndPush) {
  const std::string first = Commit("one");
  SERVE_OR_SKIP();
  for (const char* path : {"/moved/fleet.git", "/elsewhere/fleet.git"}) {
    SCOPED_TRACE(path);
    ASSERT_WORKS(Fetch(*Open({}, path)));
  }
  PushRequest push = NewCommit(first, "two");
  ASSERT_WORKS(Open({}, "/moved/fleet.git")->Push(push));
  EXPECT_EQ(Tip(), push.new_id);
}

}  // namespace
}  // namespace lockkeeper
