#include "net/url.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace lockkeeper {
namespace {

constexpr size_t kUrlBytesMax = 4096;

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

std::optional<std::string> WithoutPercents(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    unsigned value = 0;
    const char* const digits = text.data() + i + 1;
    if (i + 2 >= text.size() || std::from_chars(digits, digits + 2, value, 16).ptr != digits + 2 ||
        value < 0x20)
      return std::nullopt;
    plain += static_cast<char>(value);
    i += 2;
  }
  return plain;
}

std::string_view OwnPort(std::string_view scheme) {
  if (scheme == "https") return "443";
  if (scheme == "http") return "80";
  if (scheme == "ssh") return "22";
  return "";
}

bool IsPort(std::string_view text) {
  unsigned port = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), port);
  return read.ec == std::errc() && read.ptr == text.data() + text.size() && port >= 1 && port <= 65535;
}

bool IsScheme(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' ||
           c == '-' || c == '.';
  });
}

bool IsHost(std::string_view host) {
  if (host.empty() || host.starts_with('-')) return false;
  return std::ranges::none_of(host,
                              [](char c) { return std::string_view("/\\?#@:<>[]%'\"`$&|;()*").contains(c); });
}

bool IsAddress(std::string_view host) {
  return !host.empty() && std::ranges::all_of(host, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == ':' || c == '.';
  });
}

Result<void> ReadHost(std::string_view text, Url& url) {
  std::string_view port;
  if (text.starts_with('[')) {
    const size_t end = text.find(']');
    const bool closed = end != std::string_view::npos;
    if (closed) url.host = Lower(text.substr(1, end - 1));
    const std::string_view rest = closed ? text.substr(end + 1) : "";
    if (!IsAddress(url.host) || (!rest.empty() && !rest.starts_with(':')))
      return Invalid("the URL's host is no IPv6 address in brackets");
    if (!rest.empty()) port = rest.substr(1);
  } else {
    const size_t colon = std::min(text.find(':'), text.size());
    url.host = Lower(text.substr(0, colon));
    if (!IsHost(url.host)) return Invalid("the URL has no host, or one that cannot be");
    if (colon < text.size()) port = text.substr(colon + 1);
  }
  if (!port.empty() && !IsPort(port)) return Invalid("the URL's port is no number from 1 to 65535");
  url.port = port;
  return {};
}

}  // namespace

std::string Url::Text() const {
  const bool brackets = host.contains(':');
  return fmt::format("{}://{}{}{}{}{}{}", scheme, brackets ? "[" : "", host, brackets ? "]" : "",
                     port.empty() ? "" : ":", port, path);
}

std::string Url::Origin() const {
  return fmt::format("{}://{}:{}", scheme, host, port.empty() ? OwnPort(scheme) : port);
}

Result<Url> ParseUrl(std::string_view text) {
  if (text.size() > kUrlBytesMax)
    return Invalid(fmt::format("the URL is longer than {} bytes", kUrlBytesMax));
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; }))
    return Invalid("the URL has a space or control character in it; write it as %20");
  const size_t scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos || !IsScheme(text.substr(0, scheme_end)))
    return Invalid("the URL has no scheme such as https");
  Url url{.scheme = Lower(text.substr(0, scheme_end))};
  text.remove_prefix(scheme_end + 3);
  const size_t authority_end = std::min(text.find_first_of("/?#"), text.size());
  std::string_view authority = text.substr(0, authority_end);
  url.path = text.substr(authority_end);
  const size_t user_end = authority.rfind('@');
  if (user_end != std::string_view::npos) {
    const std::string_view user = authority.substr(0, user_end);
    const size_t colon = user.find(':');
    url.has_password = colon != std::string_view::npos;
    const auto plain = WithoutPercents(user.substr(0, colon));
    if (!plain) return Invalid("the URL's user part has a percent sign that is none");
    url.user = *plain;
    authority.remove_prefix(user_end + 1);
  }
  if (auto read = ReadHost(authority, url); !read) return std::unexpected(read.error());
  return url;
}

}  // namespace lockkeeper
