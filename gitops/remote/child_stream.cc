#include "gitops/remote/child_stream.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace lockkeeper {
namespace {

constexpr size_t kChunk = size_t{64} << 10;
constexpr size_t kSaidMax = size_t{16} << 10;
constexpr std::chrono::milliseconds kLookMax{1000};
constexpr std::chrono::milliseconds kLookForEnd{5};

void MakeNonBlocking(const FileDescriptor& file) { ::fcntl(file.get(), F_SETFL, O_NONBLOCK); }

int PollTime(std::chrono::steady_clock::duration time) {
  return static_cast<int>(std::max<int64_t>(std::chrono::ceil<std::chrono::milliseconds>(time).count(), 0));
}

}  // namespace

Result<std::unique_ptr<ChildStream>> ChildStream::Start(const ProgramCall& call) {
  std::unique_ptr<ChildStream> child(new ChildStream());
  auto output = MakePipe();
  if (!output) return std::unexpected(output.error());
  auto errors = MakePipe();
  if (!errors) return std::unexpected(errors.error());
  // A socket can be written to without a signal where the other side is gone.
  std::array<int, 2> input{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, input.data()) != 0)
    return FileFailure(errno, "make a pair of sockets", call.program);
  child->input_ = FileDescriptor(input[0]);
  child->output_ = std::move(output->read);
  child->errors_ = std::move(errors->read);
  for (const FileDescriptor* file : {&child->input_, &child->output_, &child->errors_})
    MakeNonBlocking(*file);
  auto process = Spawn(call, {.input = FileDescriptor(input[1]),
                              .output = std::move(output->write),
                              .errors = std::move(errors->write)});
  if (!process) return std::unexpected(process.error());
  child->process_ = *process;
  return child;
}

ChildStream::~ChildStream() {
  if (process_ == 0) return;
  // Not reaped yet, so the number is still its own.
  ::kill(-process_, SIGKILL);
  while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

Result<ChildStream::End> ChildStream::Exchange(const ServiceRequest* request, AnswerReader& reader,
                                               const Times& times) {
  left_ = request == nullptr ? 0 : request->size;
  auto last_move = std::chrono::steady_clock::now();
  while (true) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= times.deadline) return End::kLate;
    if (now - last_move >= times.idle_max) return End::kIdle;
    const bool writes = input_.is_open() && (left_ > 0 || !pending_.empty());
    std::array<pollfd, 3> wait{
        pollfd{.fd = writes ? input_.get() : -1, .events = POLLOUT, .revents = 0},
        pollfd{.fd = output_.get(), .events = POLLIN, .revents = 0},
        pollfd{.fd = errors_.is_open() ? errors_.get() : -1, .events = POLLIN, .revents = 0}};
    const auto until = std::min({times.deadline, last_move + times.idle_max, now + kLookMax});
    if (::poll(wait.data(), wait.size(), PollTime(until - now)) <= 0) continue;
    if (wait[0].revents != 0) {
      auto wrote = WriteSome(*request);
      if (!wrote) return std::unexpected(wrote.error());
      if (*wrote) last_move = std::chrono::steady_clock::now();
    }
    if (wait[2].revents != 0 && ReadErrors()) last_move = std::chrono::steady_clock::now();
    if (wait[1].revents == 0) continue;
    last_move = std::chrono::steady_clock::now();
    auto end = ReadSome(reader);
    if (!end) return std::unexpected(end.error());
    if (*end) return **end;
  }
}

// Whether something went.
Result<bool> ChildStream::WriteSome(const ServiceRequest& request) {
  if (pending_.empty()) {
    pending_.resize(std::min<uint64_t>(kChunk, left_));
    auto given = request.read(pending_);
    if (!given) return std::unexpected(given.error());
    pending_.resize(*given);
    left_ -= *given;
  }
  const ssize_t sent = ::send(input_.get(), pending_.data(), pending_.size(), MSG_NOSIGNAL);
  if (sent > 0) pending_.erase(0, static_cast<size_t>(sent));
  // It reads no more; why, stands in what it writes.
  if (sent < 0 && errno != EAGAIN && errno != EINTR) input_.Close();
  return sent > 0;
}

Result<std::optional<ChildStream::End>> ChildStream::ReadSome(AnswerReader& reader) {
  std::array<char, kChunk> bytes;
  const ssize_t got = ::read(output_.get(), bytes.data(), bytes.size());
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return std::optional<End>();
  if (got <= 0) return std::optional(End::kClosed);
  auto wants = reader.Take({bytes.data(), static_cast<size_t>(got)});
  if (!wants) return std::unexpected(wants.error());
  return *wants == Wants::kNothing ? std::optional(End::kEnough) : std::nullopt;
}

// Whether something came.
bool ChildStream::ReadErrors() {
  std::array<char, 4096> bytes;
  const ssize_t got = ::read(errors_.get(), bytes.data(), bytes.size());
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (got <= 0) {
    errors_.Close();
    return false;
  }
  said_.append(bytes.data(), static_cast<size_t>(got));
  if (said_.size() > kSaidMax) said_.erase(0, said_.size() - kSaidMax);
  return true;
}

std::optional<int> ChildStream::Finish(std::chrono::steady_clock::time_point until) {
  input_.Close();
  std::array<char, 4096> rest;
  while (true) {
    // What it still writes must not keep it from ending.
    while (output_.is_open() && ::read(output_.get(), rest.data(), rest.size()) > 0 &&
           std::chrono::steady_clock::now() < until) {
    }
    while (errors_.is_open() && ReadErrors() && std::chrono::steady_clock::now() < until) {
    }
    siginfo_t info{};
    // It stays unreaped: its number is its group's, which is killed in the end.
    if (::waitid(P_PID, static_cast<id_t>(process_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
        info.si_pid != 0) {
      while (errors_.is_open() && ReadErrors() && std::chrono::steady_clock::now() < until) {
      }
      return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
    }
    const auto now = std::chrono::steady_clock::now();
    if (now >= until) return std::nullopt;
    pollfd wait{.fd = errors_.is_open() ? errors_.get() : -1, .events = POLLIN, .revents = 0};
    ::poll(&wait, 1, PollTime(std::min<std::chrono::steady_clock::duration>(until - now, kLookForEnd)));
  }
}

}  // namespace lockkeeper
