#include "gitops/repository/location.h"

#include <fmt/format.h>

#include <charconv>

#include "gitops/repository/file_io.h"

namespace lockkeeper {
namespace {

constexpr std::string_view kFileScheme = "file://";

Result<std::string> DecodePercents(std::string_view url, std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    unsigned byte = 0;
    std::string_view digits = text.substr(i + 1, 2);
    auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (digits.size() != 2 || parsed.ptr != digits.data() + 2 || byte == 0) {
      return Invalid(
          fmt::format("{}: '%' must be followed by two hexadecimal digits (write %25 for '%')", url));
    }
    decoded += static_cast<char>(byte);
    i += 2;
  }
  return decoded;
}

bool IsUrl(std::string_view location) {
  size_t colon = location.find("://");
  return colon != std::string_view::npos && colon > 0 &&
         location.substr(0, colon).find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-") == std::string_view::npos;
}

// `host:path` and `user@host:path`, as ssh and scp write it; git takes a path with a colon before the first
// slash so.
bool IsScpLike(std::string_view location) {
  size_t colon = location.find(':');
  return colon != std::string_view::npos && colon > 0 && location.find('/') > colon;
}

}  // namespace

Result<std::string> PathOfLocation(std::string_view location) {
  if (location.empty()) return Invalid("the repository's location is empty: give a path or a file:// URL");
  if (location.find('\0') != std::string_view::npos)
    return Invalid("the repository's location holds a NUL character");
  if (location.starts_with(kFileScheme)) {
    std::string_view rest = location.substr(kFileScheme.size());
    std::string_view host = rest.substr(0, rest.find('/'));
    if (!host.empty() && host != "localhost") {
      return Invalid(
          fmt::format("{}: a file:// URL cannot name the machine '{}'; write file:///path", location, host));
    }
    rest.remove_prefix(host.size());
    if (rest.empty()) return Invalid(fmt::format("{}: the path is missing; write file:///path", location));
    return DecodePercents(location, rest);
  }
  std::string path(location);
  if ((IsUrl(location) || IsScpLike(location)) && !FileExists(path)) {
    return Invalid(fmt::format(
        "{}: only paths and file:// URLs can be opened; clone it first ('git clone --bare')", location));
  }
  return path;
}

}  // namespace lockkeeper
