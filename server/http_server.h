#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "schemas/error.h"
#include "server/web_message.h"

namespace lockkeeper {

/// What a kind of request may take of the server, so that none of them keeps the probes of an orchestrator
/// from being answered.
enum class Lane : uint8_t { kProbe, kQuery, kWebhook };

/// What is decided by a request's head alone.
struct Admission {
  std::string_view route = "none";  ///< for counting: one of a few constants
  Lane lane = Lane::kProbe;
  size_t body_bytes_max = 0;
  std::optional<WebAnswer> refusal = {};
};

/// What a server serves. Called by several threads at once.
class WebSite {
 public:
  virtual ~WebSite() = default;
  /// Before a byte of the body is read.
  virtual Admission Admit(const WebRequest& head) = 0;
  /// Of what was admitted. To HEAD as to GET: the server leaves the body out.
  virtual WebAnswer Answer(const WebRequest& request) = 0;
  /// One answer has been decided upon, of whatever came from outside.
  virtual void Served(std::string_view route, int status) = 0;
};

struct HttpLimits {
  size_t head_bytes_max = size_t{16} << 10;
  size_t arrivals_max = 256;  ///< connections whose head is not there yet; past it the oldest one goes
  size_t threads = 8;
  size_t queue_max = 64;   ///< requests that wait for a thread; past it: 503
  size_t queries_max = 4;  ///< of Lane::kQuery at once; past it: 503
  size_t webhooks_max = 2;
  size_t answers_bytes_max = size_t{512} << 20;        ///< of all bodies that are being sent; past it: 503
  std::chrono::milliseconds request_time_max{10'000};  ///< from the connection to the body's last byte
  std::chrono::milliseconds answer_idle_max{10'000};   ///< without a byte taken by the other side
  std::chrono::milliseconds answer_time_max{120'000};
  std::chrono::milliseconds stop_time_max{5'000};
  std::chrono::seconds retry_after{5};
};

struct HttpServerOptions {
  std::string listen = "127.0.0.1:9444";  ///< as Listen() reads it
  HttpLimits limits = {};
};

/// HTTP/1.1, one request a connection, without TLS: that is for a proxy or a mesh in front. A connection
/// costs no thread until its head is complete, so that slow ones keep nobody out.
class HttpServer {
 public:
  /// Serves at once, in threads of its own that take no signals. The site must outlive the server.
  /// Errors as Listen().
  static Result<std::unique_ptr<HttpServer>> Start(const HttpServerOptions& options, WebSite& site);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  /// Stops, and waits for whatever answer is still in the making.
  ~HttpServer();

  /// Where it listens, with the port that it got.
  const std::string& address() const;

  enum class Stopped : bool { kNotYet, kAll };
  /// Takes no more connections, lets answers be sent for a moment, cuts the rest. Returns within
  /// HttpLimits::stop_time_max. kNotYet: the site is still making an answer; the destructor waits for it.
  Stopped Stop();

 private:
  struct Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace lockkeeper
