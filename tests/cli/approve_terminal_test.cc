// The question that `approve` asks on a terminal.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "tests/cli/fleet_example.h"

namespace lockkeeper {
namespace {

using ::testing::HasSubstr;

constexpr int kAnswerWithinMs = 60'000;

struct Conversation {
  int exit_code = 0;
  std::string shown;
};

/// Runs `approve dev-first` on a terminal of its own, and answers its question.
Conversation Approve(const std::string& repository, const std::string& answer) {
  int terminal = -1;
  const pid_t pid = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  if (pid == 0) {
    ::setenv("GIT_AUTHOR_NAME", "Ann", 1);
    ::setenv("GIT_AUTHOR_EMAIL", "ann@example.com", 1);
    ::setenv("NO_COLOR", "1", 1);
    ::execl(LK_PROGRAM, LK_PROGRAM, "--repo", repository.c_str(), "--now", "2026-03-02T10:00:00Z", "approve",
            "dev-first", nullptr);
    std::_Exit(127);
  }
  Conversation talk;
  bool answered = false;
  std::array<char, 4096> bytes{};
  while (true) {
    pollfd wait{.fd = terminal, .events = POLLIN, .revents = 0};
    if (::poll(&wait, 1, kAnswerWithinMs) <= 0) break;
    const ssize_t got = ::read(terminal, bytes.data(), bytes.size());
    if (got <= 0) break;  // the other end is closed
    talk.shown.append(bytes.data(), static_cast<size_t>(got));
    if (!answered && talk.shown.contains("[y/N] ")) {
      answered = true;
      EXPECT_EQ(::write(terminal, answer.data(), answer.size()), static_cast<ssize_t>(answer.size()));
    }
  }
  ::close(terminal);
  int status = 0;
  ::waitpid(pid, &status, 0);
  talk.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return talk;
}

TEST(ApproveOnATerminal, WritesOnlyAfterAYes) {
  TempRepository repository;
  std::vector<TestFile> files = FleetExample();
  for (TestFile& file : files) {
    if (file.path == "upgrades/dev-first.yaml") file.content += "  approval: {required: true}\n";
  }
  const std::string head = repository.Commit(files);
  for (const char* no : {"n\n", "\n", "yellow\n", "\x04"}) {
    const Conversation talk = Approve(repository.path(), no);
    EXPECT_EQ(talk.exit_code, 1) << talk.shown;
    EXPECT_THAT(talk.shown, HasSubstr("rose     v1.31.4 -> v1.31.5"));
    EXPECT_THAT(talk.shown, HasSubstr("not approved; nothing was written"));
    EXPECT_EQ(repository.Head(), head);
  }
  const Conversation talk = Approve(repository.path(), "y\n");
  EXPECT_EQ(talk.exit_code, 0) << talk.shown;
  EXPECT_THAT(talk.shown,
              HasSubstr("Approve this as Ann? It counts until another target or cluster makes it void."));
  EXPECT_THAT(repository.Read("upgrades/approvals/dev-first.yaml"), HasSubstr("by: Ann"));
}

}  // namespace
}  // namespace lockkeeper
