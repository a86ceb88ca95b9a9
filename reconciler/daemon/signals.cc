#include "reconciler/daemon/signals.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "schemas/assert.h"

namespace lockkeeper {
namespace {

sigset_t Ours() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  return set;
}

}  // namespace

void BlockSignals() {
  const sigset_t set = Ours();
  LK_ASSERT(pthread_sigmask(SIG_BLOCK, &set, nullptr) == 0);
}

SignalThread::SignalThread(SignalHandlers handlers) : end_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  const sigset_t set = Ours();
  signals_ = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  LK_ASSERT(signals_ >= 0 && end_ >= 0);
  thread_ = std::thread([this, handlers = std::move(handlers)] { Run(handlers); });
}

SignalThread::~SignalThread() {
  const uint64_t one = 1;
  [[maybe_unused]] auto written = write(end_, &one, sizeof one);
  thread_.join();
  close(signals_);
  close(end_);
}

void SignalThread::Run(const SignalHandlers& handlers) const {
  int stops = 0;
  while (true) {
    std::array<pollfd, 2> waiting{
        {{.fd = signals_, .events = POLLIN, .revents = 0}, {.fd = end_, .events = POLLIN, .revents = 0}}};
    poll(waiting.data(), waiting.size(), -1);
    if (waiting[1].revents != 0) return;
    signalfd_siginfo signal;
    while (read(signals_, &signal, sizeof signal) == sizeof signal) {
      if (signal.ssi_signo == SIGHUP) {
        handlers.reload();
      } else if (stops++ == 0) {
        handlers.stop();
      } else {
        // Whoever asks twice wants no tidying up; what is left half done the next start finds as after a
        // crash.
        _exit(1);
      }
    }
  }
}

}  // namespace lockkeeper
