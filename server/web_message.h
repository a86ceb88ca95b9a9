#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lockkeeper {

/// A request as it came over the wire.
struct WebRequest {
  std::string method;
  std::string path;                                          ///< decoded; begins with /
  std::vector<std::pair<std::string, std::string>> query;    ///< decoded, in its order
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
  size_t content_length = 0;
  std::string body;

  /// The first of that name (in lower case); nullptr: there is none.
  const std::string* Header(std::string_view name) const;
};

struct WebAnswer {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers = {};
};

/// What is wrong with a request, before anybody has looked at what it asks for.
struct WebProblem {
  int status = 400;
  std::string message;
};

/// Reads a request's line and headers, up to and without the empty line. Strict where readers of HTTP differ,
/// since that is how requests are smuggled past a proxy: lines end in CRLF, no folded lines, at most one
/// Content-Length, no Transfer-Encoding.
std::expected<WebRequest, WebProblem> ParseHead(std::string_view head);

/// `a=1&b=%20`, as URLs and forms have it; nullopt: a % without two hex digits, or a control character.
std::optional<std::vector<std::pair<std::string, std::string>>> ParseQuery(std::string_view text);

/// One value of a form: percent-decoded, + is a space. nullopt: a % without two hex digits.
std::optional<std::string> DecodeFormValue(std::string_view text);

/// `{"error": message}` and a line's end.
WebAnswer ErrorAnswer(int status, std::string_view message);

/// The status line and headers, up to and with the empty line. The connection ends with the answer.
std::string HeadOf(const WebAnswer& answer);

/// The words of RFC 9110 for a status.
std::string_view ReasonOf(int status);

}  // namespace lockkeeper
