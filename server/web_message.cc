#include "server/web_message.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace lockkeeper {
namespace {

constexpr size_t kHeadersMax = 100;

std::unexpected<WebProblem> Wrong(int status, std::string message) {
  return std::unexpected(WebProblem{status, std::move(message)});
}

/// RFC 9110 5.6.2: what names of methods and headers are made of.
bool IsToken(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

bool IsControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string_view Trimmed(std::string_view text) {
  const size_t from = text.find_first_not_of(" \t");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

enum class PlusIs { kPlus, kSpace };

std::optional<std::string> Decoded(std::string_view text, PlusIs plus) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const int high = i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? HexDigit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus == PlusIs::kSpace) {
      c = ' ';
    }
    out += c;
  }
  return out;
}

bool HasControl(std::string_view text) { return std::ranges::any_of(text, IsControl); }

std::expected<void, WebProblem> ReadTarget(std::string_view target, WebRequest& request) {
  // RFC 9112 3.2.2: a server accepts the whole URL, which proxies send.
  for (std::string_view scheme : {"http://", "https://"}) {
    if (!target.starts_with(scheme)) continue;
    target.remove_prefix(std::min(target.size(), target.find_first_of("/?", scheme.size())));
  }
  const size_t mark = target.find('?');
  auto path = Decoded(target.substr(0, mark), PlusIs::kPlus);
  if (!path || !path->starts_with('/') || HasControl(*path)) {
    return Wrong(400, "the request's target is no path: write one such as /api/v1/plan");
  }
  request.path = std::move(*path);
  if (mark == std::string_view::npos) return {};
  auto query = ParseQuery(target.substr(mark + 1));
  if (!query) return Wrong(400, "the query has a % without two hexadecimal digits, or a control character");
  request.query = std::move(*query);
  return {};
}

std::expected<void, WebProblem> ReadRequestLine(std::string_view line, WebRequest& request) {
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return Wrong(400, "this is no HTTP request");
  const std::string_view version = line.substr(last + 1);
  if (!version.starts_with("HTTP/")) return Wrong(400, "this is no HTTP request");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return Wrong(505, "only HTTP/1.1 is spoken here");
  request.method = line.substr(0, first);
  if (!IsToken(request.method)) return Wrong(400, "the request's method is no word");
  const std::string_view target = line.substr(first + 1, last - first - 1);
  if (target.find(' ') != std::string_view::npos) return Wrong(400, "the request's target holds a space");
  return ReadTarget(target, request);
}

std::expected<void, WebProblem> ReadHeader(std::string_view line, WebRequest& request) {
  const size_t colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  // A folded line begins with a space, which no name does.
  if (colon == std::string_view::npos || !IsToken(name)) return Wrong(400, "a line is no header");
  const std::string_view value = Trimmed(line.substr(colon + 1));
  if (std::ranges::any_of(value, [](char c) { return c != '\t' && IsControl(c); })) {
    return Wrong(400, fmt::format("header {} holds a control character", name));
  }
  if (request.headers.size() == kHeadersMax) {
    return Wrong(431, fmt::format("there are more than {} headers", kHeadersMax));
  }
  request.headers.emplace_back(Lower(name), value);
  return {};
}

std::expected<void, WebProblem> ReadFraming(std::string_view version, WebRequest& request) {
  auto count = [&](std::string_view name) {
    return std::ranges::count(request.headers, name, [](const auto& header) { return header.first; });
  };
  if (count("host") > 1 || (count("host") == 0 && version == "HTTP/1.1")) {
    return Wrong(400, "there must be one Host header");
  }
  if (count("transfer-encoding") != 0) {
    return Wrong(411, "Transfer-Encoding is not spoken here: send the body with a Content-Length");
  }
  if (count("content-length") > 1) return Wrong(400, "there is more than one Content-Length");
  const std::string* length = request.Header("content-length");
  if (length == nullptr) return {};
  const char* end = length->data() + length->size();
  const bool digits =
      !length->empty() && std::ranges::all_of(*length, [](char c) { return c >= '0' && c <= '9'; });
  const auto read = std::from_chars(length->data(), end, request.content_length);
  if (!digits || read.ptr != end) return Wrong(400, "Content-Length is no number");
  if (read.ec != std::errc{}) return Wrong(413, "the body is too large");
  return {};
}

}  // namespace

const std::string* WebRequest::Header(std::string_view name) const {
  auto found =
      std::ranges::find(headers, name, [](const auto& header) -> std::string_view { return header.first; });
  return found == headers.end() ? nullptr : &found->second;
}

std::optional<std::vector<std::pair<std::string, std::string>>> ParseQuery(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> query;
  while (!text.empty()) {
    const size_t end = std::min(text.find('&'), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (part.empty()) continue;
    const size_t equals = std::min(part.find('='), part.size());
    auto name = Decoded(part.substr(0, equals), PlusIs::kSpace);
    auto value = Decoded(part.substr(std::min(equals + 1, part.size())), PlusIs::kSpace);
    if (!name || !value || HasControl(*name) || HasControl(*value)) return std::nullopt;
    query.emplace_back(std::move(*name), std::move(*value));
  }
  return query;
}

std::optional<std::string> DecodeFormValue(std::string_view text) { return Decoded(text, PlusIs::kSpace); }

std::expected<WebRequest, WebProblem> ParseHead(std::string_view head) {
  WebRequest request;
  bool first = true;
  std::string_view version;
  while (first || !head.empty()) {
    const size_t end = std::min(head.find("\r\n"), head.size());
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(end + 2, head.size()));
    if (line.find_first_of("\r\n") != std::string_view::npos) {
      return Wrong(400, "a line does not end in CRLF");
    }
    auto read = first ? ReadRequestLine(line, request) : ReadHeader(line, request);
    if (!read) return std::unexpected(read.error());
    if (first) version = line.substr(line.rfind(' ') + 1);
    first = false;
  }
  if (auto framing = ReadFraming(version, request); !framing) return std::unexpected(framing.error());
  return request;
}

WebAnswer ErrorAnswer(int status, std::string_view message) {
  using nlohmann::ordered_json;
  const ordered_json body{{"error", message}};
  // Bytes that are no UTF-8 came from the asker.
  return {.status = status, .body = body.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n"};
}

std::string HeadOf(const WebAnswer& answer) {
  std::string head = fmt::format("HTTP/1.1 {} {}\r\n", answer.status, ReasonOf(answer.status));
  head += fmt::format("Content-Type: {}\r\nContent-Length: {}\r\n", answer.content_type, answer.body.size());
  for (const auto& [name, value] : answer.headers) head += fmt::format("{}: {}\r\n", name, value);
  // Answers change with every pass and may be for one asker only; none of them is a page.
  head +=
      "Server: lockkeeper\r\n"
      "Cache-Control: no-store\r\n"
      "X-Content-Type-Options: nosniff\r\n"
      "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
      "Connection: close\r\n"
      "\r\n";
  return head;
}

std::string_view ReasonOf(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 202:
      return "Accepted";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Status";
  }
}

}  // namespace lockkeeper
