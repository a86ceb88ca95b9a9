#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "transport_test_cases.h"

namespace lockkeeper {
namespace {

/// Against a real sshd.
class SshTransport : public RemoteCase {
 protected:
  void SetUp() override {
    Commit("one");
    server_ = std::make_unique<ServedRemote>(ServedRemote::Kind::kSsh, root());
    if (server_->missing()) GTEST_SKIP() << "sshd is not installed";
    // The agent of whoever runs the tests is none of their business.
    ::unsetenv("SSH_AUTH_SOCK");
  }
  RemoteAccess Access(const std::string& key = "key_file",
                      const std::string& hosts = "known_hosts_file") const {
    return {.ssh_key_file = (*server_)[key], .known_hosts_file = (*server_)[hosts]};
  }
  std::unique_ptr<RemoteTransport> Open(const RemoteAccess& access, const std::string& path = "/fleet.git",
                                        const RemoteLimits& limits = QuickLimits()) const {
    auto transport = OpenTransport((*server_)["url"] + path, access, limits);
    EXPECT_TRUE(transport.has_value()) << transport.error().message;
    return std::move(*transport);
  }

  std::unique_ptr<ServedRemote> server_;
};

TEST_F(SshTransport, FetchesAndFollowsWhatIsNew) {
  auto transport = Open(Access());
  auto outcome = Fetch(*transport, "", "");
  ASSERT_WORKS(outcome);
  EXPECT_EQ(outcome->branch, "main");
  EXPECT_EQ(outcome->commit, Tip());
  ExpectWhole(Tip());
  const std::string known = outcome->commit;
  outcome = Fetch(*transport, known);
  ASSERT_WORKS(outcome);
  EXPECT_EQ(outcome->commit, known);
  Commit("two");
  outcome = Fetch(*transport, known);
  ASSERT_WORKS(outcome);
  EXPECT_EQ(outcome->commit, Tip());
  ExpectWhole(Tip());
}

TEST_F(SshTransport, PushesWithALease) {
  auto transport = Open(Access());
  ASSERT_WORKS(Fetch(*transport));
  const PushRequest push = NewCommit(Tip(), "two");
  ASSERT_WORKS(transport->Push(push));
  EXPECT_EQ(Tip(), push.new_id);
  EXPECT_FAILS(transport->Push(push), ErrorKind::kConflict, "is at " + push.new_id);
}

TEST_F(SshTransport, ALargePackIsStreamed) {
  auto transport = Open(Access());
  ASSERT_WORKS(Fetch(*transport));
  const PushRequest push = NewCommit(Tip(), Noise(size_t{8} << 20));
  ASSERT_WORKS(transport->Push(push));
  EXPECT_EQ(Tip(), push.new_id);
}

TEST_F(SshTransport, OpensAKeyWithItsPassphrase) {
  RemoteAccess access = Access("passphrase_key_file");
  access.ssh_passphrase_file = (*server_)["passphrase_file"];
  ASSERT_WORKS(Fetch(*Open(access)));
  access.ssh_passphrase_file = Write("wrong", std::string(kCanary) + "\n");
  auto fails = Fetch(*Open(access));
  EXPECT_FAILS(fails, ErrorKind::kDenied,
               "the passphrase in " + access.ssh_passphrase_file + " does not open the key");
  EXPECT_THAT(fails.error().message, ::testing::Not(::testing::HasSubstr(kCanary)));
  access.ssh_passphrase_file.clear();
  EXPECT_FAILS(Fetch(*Open(access)), ErrorKind::kDenied, "a key with a passphrase needs the file");
}

/// An ssh-agent until this ends.
class Agent {
 public:
  explicit Agent(const std::string& socket) {
    std::vector<std::string> words{"ssh-agent", "-D", "-a", socket};
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (::posix_spawnp(&process_, words[0].c_str(), &actions, nullptr, pointers.data(), environ) != 0)
      process_ = 0;
    posix_spawn_file_actions_destroy(&actions);
    ::setenv("SSH_AUTH_SOCK", socket.c_str(), 1);
  }
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;
  ~Agent() {
    ::unsetenv("SSH_AUTH_SOCK");
    if (process_ == 0) return;
    ::kill(process_, SIGTERM);
    ::waitpid(process_, nullptr, 0);
  }
  /// Once it listens.
  static bool Add(const std::string& key) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::chrono::steady_clock::now() < until) {
      if (std::system(("ssh-add -q '" + key + "' 2>/dev/null").c_str()) == 0) return true;
    }
    return false;
  }

 private:
  pid_t process_ = 0;
};

TEST_F(SshTransport, TheAgentsKeysAreUsedWhereNoneIsNamed) {
  RemoteAccess access = Access();
  access.ssh_key_file.clear();
  EXPECT_FAILS(Fetch(*Open(access)), ErrorKind::kDenied, "the server accepts none of our keys");
  const Agent agent(folder_.path() + "/agent");
  ASSERT_TRUE(Agent::Add((*server_)["key_file"]));
  ASSERT_WORKS(Fetch(*Open(access)));
}

TEST_F(SshTransport, RefusesUnknownAndChangedHosts) {
  EXPECT_FAILS(Fetch(*Open(Access("key_file", "wrong_known_hosts_file"))), ErrorKind::kDenied,
               "the host's key is another one");
  RemoteAccess access = Access();
  access.known_hosts_file = Write("no hosts, 100% none", "");
  EXPECT_FAILS(Fetch(*Open(access)), ErrorKind::kDenied, "the host's key is not in the file of known hosts");
}

TEST_F(SshTransport, SaysWhatIsWrong) {
  auto fails = Fetch(*Open(Access("stranger_key_file")));
  EXPECT_FAILS(fails, ErrorKind::kDenied, "the server accepts none of our keys");
  EXPECT_THAT(fails.error().message, ::testing::Not(::testing::HasSubstr((*server_)["user"] + "@")));
  EXPECT_FAILS(Fetch(*Open(Access(), "/other.git")), ErrorKind::kDenied, "there is no such repository");
  EXPECT_FAILS(Fetch(*Open(Access()), "", "gone"), ErrorKind::kNotFound, "no branch 'gone'");
  RemoteAccess access = Access();
  access.ssh_key_file = folder_.path() + "/nothing";
  EXPECT_FAILS(Fetch(*Open(access)), ErrorKind::kInvalid, "cannot read the ssh key");
  access.ssh_key_file = Write("open", "no key\n");
  std::filesystem::permissions(access.ssh_key_file, std::filesystem::perms(0644));
  EXPECT_FAILS(Fetch(*Open(access)), ErrorKind::kInvalid, "chmod 600");
}

/// Programs in place of ssh that do what a broken network does.
class FakeSsh : public RemoteCase {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(folder_.path() + "/bin");
    ::setenv("PATH", (folder_.path() + "/bin:" + ::getenv("PATH")).c_str(), 1);
  }
  std::unique_ptr<RemoteTransport> Open(const std::string& script,
                                        const RemoteLimits& limits = QuickLimits()) const {
    const std::string path = Write("bin/ssh", "#!/bin/sh\n" + script);
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    auto transport = OpenTransport(std::string(kCanary) + "@127.0.0.1:fleet.git", {}, limits);
    EXPECT_TRUE(transport.has_value());
    return std::move(*transport);
  }
};

TEST_F(FakeSsh, SilenceEndsAtItsLimitWithTheWholeGroup) {
  RemoteLimits limits = QuickLimits();
  limits.idle_time_max = std::chrono::milliseconds(300);
  const std::string fifo = folder_.path() + "/fifo";
  RunGit(folder_.path(), {"init", "-q", "x"});
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  // The one in the background holds the pipes open; its number is there before anything is silent.
  auto transport = Open("cat '" + fifo + "' & echo $! > '" + folder_.path() + "/pid'\nwait\n", limits);
  EXPECT_FAILS(Fetch(*transport), ErrorKind::kTransient, "nothing came or went for 300 ms");
  std::ifstream file(folder_.path() + "/pid");
  pid_t pid = 0;
  ASSERT_TRUE(file >> pid);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  const auto gone = [&] {
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string number, name, state;
    return !(stat >> number >> name >> state) || state == "Z";
  };
  while (!gone() && std::chrono::steady_clock::now() < until) ::usleep(1000);
  EXPECT_TRUE(gone());
}

TEST_F(FakeSsh, DripsEndAtTheTotalLimit) {
  RemoteLimits limits = QuickLimits();
  limits.idle_time_max = std::chrono::milliseconds(2000);
  limits.total_time_max = std::chrono::milliseconds(700);
  auto transport = Open("while :; do printf 0; sleep 0.05; done >&2\n", limits);
  EXPECT_FAILS(Fetch(*transport), ErrorKind::kTransient, "not done within 700 ms");
}

TEST_F(FakeSsh, WordsAreBoundedAndTheUserIsHidden) {
  auto transport = Open(
      "yes \"$(printf 'canary-7f3a-very-secret@host: \\033[31mno\\200')\" | head -c 3000000 >&2; exit 255\n");
  auto fails = Fetch(*transport);
  EXPECT_FAILS(fails, ErrorKind::kTransient, "not reached: ");
  EXPECT_LT(fails.error().message.size(), 1500U);
  EXPECT_THAT(fails.error().message, ::testing::Not(::testing::HasSubstr(kCanary)));
  EXPECT_THAT(fails.error().message, ::testing::Not(::testing::HasSubstr("\033")));
}

TEST_F(FakeSsh, WhatIsNotGitIsSaid) {
  EXPECT_FAILS(Fetch(*Open("echo 'Welcome to the machine!'\n")), ErrorKind::kTransient,
               "the answer is not Git's");
  EXPECT_FAILS(Fetch(*Open("exit 0\n")), ErrorKind::kTransient, "cut");
  EXPECT_FAILS(Fetch(*Open("echo 'git: command not found' >&2; exit 127\n")), ErrorKind::kDenied,
               "has no Git");
  EXPECT_FAILS(Fetch(*Open("echo 'ERROR: Repository not found.' >&2; exit 1\n")), ErrorKind::kDenied,
               "no such repository");
}

}  // namespace
}  // namespace lockkeeper
