#pragma once

#include <functional>
#include <thread>

namespace lockkeeper {

struct SignalHandlers {
  std::function<void()> stop;    ///< the first SIGTERM or SIGINT; a second one ends the process at once
  std::function<void()> reload;  ///< SIGHUP
};

/// Blocks the signals for this thread and those that it starts from now on. Before any other thread is there.
void BlockSignals();

/// Waits for the signals in a thread of its own, so that a handler may do whatever it likes.
class SignalThread {
 public:
  explicit SignalThread(SignalHandlers handlers);
  SignalThread(const SignalThread&) = delete;
  SignalThread& operator=(const SignalThread&) = delete;
  ~SignalThread();

 private:
  void Run(const SignalHandlers& handlers) const;

  int signals_;
  int end_;
  std::thread thread_;
};

}  // namespace lockkeeper
