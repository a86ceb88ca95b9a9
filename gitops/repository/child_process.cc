#include "gitops/repository/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "gitops/repository/file_io.h"
#include "gitops/repository/spawn.h"
#include "schemas/assert.h"

namespace lockkeeper {
namespace {

constexpr size_t kPipeInputMax = 4096;  // Fits into any pipe, so writing it never blocks.
constexpr int kFilesMax = 8;
constexpr size_t kOutputMax = size_t{16} << 10;
constexpr int kChunksMax = 64;
constexpr int kPollMilliseconds = 10;

/// A file in memory, at its beginning. Its number is out of the way of those that the child has.
Result<FileDescriptor> MemoryFile(std::string_view content, const std::string& program) {
  FileDescriptor made(::memfd_create("lockkeeper", MFD_CLOEXEC));
  if (!made.is_open()) return FileFailure(errno, "make a file in memory for it", program);
  FileDescriptor file(::fcntl(made.get(), F_DUPFD_CLOEXEC, kFirstChildFile + kFilesMax));
  if (!file.is_open()) return FileFailure(errno, "make a file in memory for it", program);
  if (auto written = WriteAll(file.get(), content, program); !written)
    return std::unexpected(written.error());
  if (::lseek(file.get(), 0, SEEK_SET) != 0) return FileFailure(errno, "read its input", program);
  return file;
}

/// What the child reads. Pipes are for programs that expect one (hooks); what does not fit is a file.
Result<FileDescriptor> InputOf(const ChildCommand& command) {
  if (command.input.size() > kPipeInputMax) return MemoryFile(command.input, command.program);
  auto pipe = MakePipe();
  if (!pipe) return std::unexpected(pipe.error());
  if (auto written = WriteAll(pipe->write.get(), command.input, command.program); !written) {
    return std::unexpected(written.error());
  }
  return std::move(pipe->read);
}

// Takes what is there, and closes what the other side has closed.
void Drain(FileDescriptor& from, std::string& text) {
  if (!from.is_open()) return;
  std::array<char, 4096> chunk;
  // One that writes without end must not keep us from looking at the clock.
  for (int chunks = 0; chunks < kChunksMax; ++chunks) {
    ssize_t got = ::read(from.get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return from.Close();
    size_t room = kOutputMax - text.size();
    text.append(chunk.data(), std::min(room, static_cast<size_t>(got)));
  }
}

// With ends of its own of all that it reads and writes; ours of those are closed.
Result<pid_t> Start(const ChildCommand& command, Pipe& output, Pipe& errors) {
  ChildFiles files{.output = std::move(output.write), .errors = std::move(errors.write)};
  auto input = InputOf(command);
  if (!input) return std::unexpected(input.error());
  files.input = std::move(*input);
  for (const std::string& content : command.files) {
    auto file = MemoryFile(content, command.program);
    if (!file) return std::unexpected(file.error());
    files.others.push_back(std::move(*file));
  }
  for (const Pipe* pipe : {&output, &errors}) {
    if (pipe->read.is_open()) ::fcntl(pipe->read.get(), F_SETFL, O_NONBLOCK);
  }
  return Spawn({.program = command.program,
                .arguments = command.arguments,
                .folder = command.folder,
                .environment = command.environment},
               files);
}

}  // namespace

Result<ChildOutcome> RunChild(const ChildCommand& command) {
  LK_ASSERT(command.files.size() <= kFilesMax);
  auto output = MakePipe();
  if (!output) return std::unexpected(output.error());
  auto errors = command.errors == ChildErrors::kApart ? MakePipe() : Pipe{};
  if (!errors) return std::unexpected(errors.error());
  auto pid = Start(command, *output, *errors);
  if (!pid) return std::unexpected(pid.error());

  ChildOutcome outcome;
  auto deadline = std::chrono::steady_clock::now() + command.time_max;
  while (true) {
    int status = 0;
    pid_t ended = ::waitpid(*pid, &status, WNOHANG);
    Drain(output->read, outcome.output);
    Drain(errors->read, outcome.errors);
    if (ended == *pid) {
      outcome.exit_code = ExitCode(status);
      return outcome;
    }
    if (ended < 0 && errno != EINTR) return FileFailure(errno, "wait for it", command.program);
    if (std::chrono::steady_clock::now() >= deadline) break;
    std::array<pollfd, 2> wait{pollfd{.fd = output->read.get(), .events = POLLIN, .revents = 0},
                               pollfd{.fd = errors->read.get(), .events = POLLIN, .revents = 0}};
    ::poll(wait.data(), wait.size(), kPollMilliseconds);
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
