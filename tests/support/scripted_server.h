#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace lockkeeper {

/// A server on loopback that does with each connection what a test says, one after the other, in a thread of
/// its own.
class ScriptedServer {
 public:
  class Peer {
   public:
    Peer(int fd, int stop) : fd_(fd), stop_(stop) {}
    /// One HTTP request, its body included; empty: the client left.
    std::string ReadRequest();
    /// False once the client has left.
    bool Send(std::string_view bytes);
    /// Says nothing until the client leaves, this long, or for ever: then true if the client still is there.
    bool Silent(std::chrono::milliseconds time = std::chrono::milliseconds(-1));

   private:
    int fd_;
    int stop_;
  };
  /// `serve` gets each connection, which is closed when it returns.
  explicit ScriptedServer(std::function<void(Peer&)> serve);
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;
  ~ScriptedServer();

  int port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  /// Of all connections so far.
  int connections() const { return connections_; }

 private:
  void Run();

  std::function<void(Peer&)> serve_;
  int listening_ = -1;
  int stop_[2] = {-1, -1};
  int port_ = 0;
  std::atomic<int> connections_ = 0;
  std::thread thread_;
};

/// Answers each request of a connection by `answer`, until it gives nothing; what was asked is kept.
class HttpScript {
 public:
  explicit HttpScript(std::function<std::string(const std::string& request)> answer);

  std::string url() const { return server_.url(); }
  int port() const { return server_.port(); }
  std::vector<std::string> requests() const;

 private:
  std::function<std::string(const std::string&)> answer_;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  ScriptedServer server_;
};

/// A whole answer with its length.
std::string HttpAnswerText(std::string_view status, std::string_view type, std::string_view body,
                           std::string_view more_headers = {});

}  // namespace lockkeeper
