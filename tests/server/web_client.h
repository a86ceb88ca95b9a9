#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace lockkeeper {

struct ClientAnswer {
  int status = 0;
  std::string head;  ///< status line and headers
  std::string body;

  /// A header's value, whatever the case of `name`; nullopt: it is not there.
  std::optional<std::string> Header(std::string_view name) const;
};

/// A bare TCP connection, for saying what no well-behaved client says. Throws std::runtime_error where the
/// other side takes longer than kPatience.
class WebClient {
 public:
  static constexpr std::chrono::seconds kPatience{20};

  /// `127.0.0.1:80` or `[::1]:80`.
  explicit WebClient(const std::string& address);
  WebClient(WebClient&& other) noexcept;
  WebClient(const WebClient&) = delete;
  ~WebClient();

  /// False: the other side does not listen any more.
  bool Send(std::string_view bytes);
  /// True: there is something to read, the end among it.
  bool IsReadable(std::chrono::milliseconds wait) const;
  /// Until the other side ends.
  std::string ReadToEnd();
  /// The same as an answer; status 0: there is none.
  ClientAnswer ReadAnswer();

 private:
  int fd_ = -1;
};

/// One request and its answer. `more` are header lines, each with its CRLF.
ClientAnswer Ask(const std::string& address, std::string_view method, std::string_view target,
                 std::string_view more = {}, std::string_view body = {});

}  // namespace lockkeeper
