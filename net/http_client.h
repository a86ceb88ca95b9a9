#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_access.h"
#include "schemas/error.h"

namespace lockkeeper {

struct HttpCredentials;

/// What is sent, of known size, once; its bytes are asked for as the server takes them.
struct HttpBody {
  uint64_t size = 0;
  /// Fills a part of the room, at least a byte of it.
  std::function<Result<size_t>(std::span<char> room)> read;
};

/// Where a server may send us on to: other addresses of its kind, at most five one after the other, never
/// from https to http.
enum class Redirects { kFollow, kRefuse };

struct HttpRequest {
  std::string url;                   ///< http or https, without a user part
  std::vector<std::string> headers;  ///< `Name: value`; no secrets
  std::optional<HttpBody> body;      ///< with one it is a POST, else a GET
  Redirects redirects = Redirects::kRefuse;
  std::string answer_type;  ///< the Content-Type that the answer must have
  /// Takes the bytes of an answer with status 200, as they come. An error ends the conversation and is what
  /// Send returns.
  std::function<Result<void>(std::string_view bytes)> take;
  std::chrono::steady_clock::time_point deadline;
  /// What the whole time until `deadline` was, for the message.
  std::chrono::milliseconds total_max{0};
};

struct HttpAnswer {
  std::string url;  ///< where the answer came from in the end
};

/// Requests to one server, over connections that are kept. Credentials go to its scheme, host and port only,
/// certificates are always verified, TLS is 1.2 or later. Not thread-safe.
///
/// Errors of Send name `where`, the status and, where it is plain text, what the server said; no secret.
/// kDenied: 401, 403, 404, other refusals, a certificate that is not trusted. kTransient: 408, 429, 5xx, not
/// reached, cut, too slow, an answer of another type. kInvalid: a file of `access` is unreadable.
class HttpClient {
 public:
  struct Options {
    std::string where;   ///< names the server in messages
    std::string server;  ///< a URL of it
    std::string agent;   ///< User-Agent
    HttpAccess access;
    HttpTimes times;
  };
  explicit HttpClient(Options options);
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  ~HttpClient();

  Result<HttpAnswer> Send(const HttpRequest& request);

  /// What the last answer asked us to wait.
  std::optional<std::chrono::seconds> retry_after() const { return retry_after_; }
  /// The answers so far were about something else.
  void ForgetRetryAfter() { retry_after_.reset(); }

 private:
  struct Connections;
  Result<HttpAnswer> SendOn(const HttpRequest& request, const HttpCredentials& credentials);

  Options options_;
  std::unique_ptr<Connections> connections_;
  std::optional<std::chrono::seconds> retry_after_;
};

}  // namespace lockkeeper
