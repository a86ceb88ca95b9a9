#include "gitops/repository/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "gitops/repository/file_io.h"
#include "schemas/assert.h"

namespace lockkeeper {
namespace {

constexpr size_t kInputMax = 4096;  // Fits into any pipe, so writing it never blocks.
constexpr size_t kOutputMax = size_t{16} << 10;
constexpr int kChunksMax = 64;
constexpr int kPollMilliseconds = 10;

struct Pipe {
  FileDescriptor read;
  FileDescriptor write;
};

Result<Pipe> MakePipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return FileFailure(errno, "make a pipe", "child process");
  return Pipe{FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

Result<pid_t> Spawn(const ChildCommand& command, const Pipe& input, const Pipe& output) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addchdir_np(&actions, command.folder.c_str());
  posix_spawn_file_actions_adddup2(&actions, input.read.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output.write.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output.write.get(), STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::vector<std::string> words{command.program};
  words.insert(words.end(), command.arguments.begin(), command.arguments.end());
  pid_t pid = 0;
  auto environment = Pointers(command.environment);
  int error = posix_spawn(&pid, command.program.c_str(), &actions, &attributes, Pointers(words).data(),
                          environment.data());
  if (error == ENOEXEC) {
    // A script without '#!': git gives it to the shell.
    words.insert(words.begin(), "/bin/sh");
    error = posix_spawn(&pid, words[0].c_str(), &actions, &attributes, Pointers(words).data(),
                        environment.data());
  }
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return FileFailure(error, "run it", command.program);
  return pid;
}

// Takes what is there. False once the other side is closed.
bool Drain(int fd, std::string& output) {
  std::array<char, 4096> chunk;
  // One that writes without end must not keep us from looking at the clock.
  for (int chunks = 0; chunks < kChunksMax; ++chunks) {
    ssize_t got = ::read(fd, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno == EAGAIN;
    if (got == 0) return false;
    size_t room = kOutputMax - output.size();
    output.append(chunk.data(), std::min(room, static_cast<size_t>(got)));
  }
  return true;
}

int ExitCode(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

}  // namespace

Result<ChildOutcome> RunChild(const ChildCommand& command) {
  LK_ASSERT(command.input.size() <= kInputMax);
  auto input = MakePipe();
  if (!input) return std::unexpected(input.error());
  auto output = MakePipe();
  if (!output) return std::unexpected(output.error());
  ::fcntl(output->read.get(), F_SETFL, O_NONBLOCK);
  if (auto written = WriteAll(input->write.get(), command.input, command.program); !written) {
    return std::unexpected(written.error());
  }
  input->write.Close();
  auto pid = Spawn(command, *input, *output);
  if (!pid) return std::unexpected(pid.error());
  input->read.Close();
  output->write.Close();

  ChildOutcome outcome;
  auto deadline = std::chrono::steady_clock::now() + command.time_max;
  bool open = true;
  while (true) {
    int status = 0;
    pid_t ended = ::waitpid(*pid, &status, WNOHANG);
    if (open) open = Drain(output->read.get(), outcome.output);
    if (ended == *pid) {
      outcome.exit_code = ExitCode(status);
      return outcome;
    }
    if (ended < 0 && errno != EINTR) return FileFailure(errno, "wait for it", command.program);
    if (std::chrono::steady_clock::now() >= deadline) break;
    pollfd wait{.fd = open ? output->read.get() : -1, .events = POLLIN, .revents = 0};
    ::poll(&wait, 1, kPollMilliseconds);
  }
  ::kill(-*pid, SIGKILL);
  int status = 0;
  while (::waitpid(*pid, &status, 0) < 0 && errno == EINTR) {
  }
  outcome.exit_code = ExitCode(status);
  outcome.timed_out = true;
  return outcome;
}

}  // namespace lockkeeper
