#pragma once

#include <poll.h>

#include <chrono>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <vector>

#include "server/http_server.h"
#include "server/socket_io.h"

namespace lockkeeper {

/// A connection whose request's head is complete.
struct Arrival {
  int fd = -1;
  std::string bytes;     ///< what has come, which may be more than the head
  size_t head_size = 0;  ///< without the empty line at its end
  SteadyInstant deadline;
};

/// The one thread that accepts connections and waits for their heads, all at once.
class Arrivals {
 public:
  struct Hooks {
    /// Takes over the connection; false: there is no place, and it is told so.
    std::function<bool(const Arrival&)> hand_over;
    std::function<void(int status)> refused;
  };

  /// Takes over the listening socket.
  Arrivals(int listener, const HttpLimits& limits, Hooks hooks);
  Arrivals(const Arrivals&) = delete;
  Arrivals& operator=(const Arrivals&) = delete;
  ~Arrivals();

  /// Until Stop(); then everything that it holds is closed.
  void Run();
  /// From any thread.
  void Stop();
  /// From any thread: takes over a connection that has its answer while the other side may still be sending.
  /// Closing it at once would make the system discard the answer.
  void SeeOff(int fd);

 private:
  struct Waiting {
    int fd = -1;
    std::string bytes;
    SteadyInstant deadline;
    bool is_leaving = false;
    size_t discarded = 0;
  };
  enum class Next : bool { kGone, kStays };

  std::vector<pollfd> Sockets();
  SteadyInstant NextDeadline() const;
  void Accept();
  Next Receive(Waiting& waiting);
  Next Discard(Waiting& waiting);
  Next Expire(Waiting& waiting);
  Next Refuse(Waiting& waiting, int status, std::string_view message);
  void TakeLeaving();
  void Wake();

  int listener_;
  int wake_ = -1;
  HttpLimits limits_;
  Hooks hooks_;
  std::list<Waiting> waiting_;  ///< oldest first
  SteadyInstant accept_again_;  ///< not before

  std::mutex mutex_;
  std::vector<int> leaving_;
  bool stopping_ = false;
};

}  // namespace lockkeeper
