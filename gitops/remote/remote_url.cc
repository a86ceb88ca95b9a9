#include "gitops/remote/remote_url.h"

#include <fmt/format.h>

#include <algorithm>

#include "net/url.h"

namespace lockkeeper {
namespace {

constexpr std::string_view kForms = "write https://HOST/PATH, ssh://USER@HOST/PATH or USER@HOST:PATH";

// What would be an option to ssh, or more than one word to it.
bool IsSshName(std::string_view name) {
  return !name.starts_with('-') && std::ranges::none_of(name, [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f ||
           std::string_view("'\"`$\\;&<>|(){}*?!%@/").contains(c);
  });
}

Result<RemoteUrl> CheckedSsh(RemoteUrl remote) {
  if (remote.host.empty() || !IsSshName(remote.host))
    return Invalid("the URL has no host, or one that cannot be");
  if (!IsSshName(remote.user)) return Invalid("the URL's user cannot be a user's name");
  if (remote.path.empty() || remote.path == "/") return Invalid("the URL has no path to a repository");
  if (remote.path.starts_with('-')) return Invalid("the URL's path begins with '-'");
  if (std::ranges::any_of(remote.path,
                          [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }))
    return Invalid("the URL's path has a control character in it");
  return remote;
}

Result<RemoteUrl> FromSshUrl(const Url& url) {
  if (url.path.find_first_of("?#") != std::string::npos)
    return Invalid("the URL has a query or fragment; a repository has none");
  RemoteUrl remote{.way = RemoteUrl::Way::kSsh, .user = url.user, .host = url.host, .port = url.port};
  // ssh://host/~user/x is below that user's home.
  remote.path = url.path.starts_with("/~") ? url.path.substr(1) : url.path;
  remote.text = url.Text();
  return CheckedSsh(std::move(remote));
}

// user@host:path, as scp has it. The host may stand in brackets.
Result<RemoteUrl> FromScpForm(std::string_view text) {
  RemoteUrl remote{.way = RemoteUrl::Way::kSsh};
  const size_t bracket = text.find("[");
  const size_t colon =
      bracket == 0 || (bracket != std::string_view::npos && text[bracket - 1] == '@')
          ? text.find("]:") == std::string_view::npos ? std::string_view::npos : text.find("]:") + 1
          : text.find(':');
  if (colon == std::string_view::npos || colon == 0 || text.find('/') < colon)
    return Invalid(fmt::format("this is no URL of a remote repository; {}", kForms));
  std::string_view host = text.substr(0, colon);
  const size_t user_end = host.rfind('@');
  if (user_end != std::string_view::npos) {
    remote.user = host.substr(0, user_end);
    host.remove_prefix(user_end + 1);
  }
  const std::string written(host);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  remote.host = host;
  remote.path = text.substr(colon + 1);
  remote.text = fmt::format("{}:{}", written, remote.path);
  return CheckedSsh(std::move(remote));
}

}  // namespace

Result<RemoteUrl> ParseRemoteUrl(std::string_view text) {
  if (!text.contains("://")) return FromScpForm(text);
  auto url = ParseUrl(text);
  if (!url) return std::unexpected(url.error());
  if (url->has_password) {
    return Invalid(
        fmt::format("{}: the URL has a password in it, which ends up in logs and lists of processes; put "
                    "it into a file that only you can read, and name that as the token file",
                    url->Text()));
  }
  if (url->scheme == "ssh" || url->scheme == "git+ssh" || url->scheme == "ssh+git") return FromSshUrl(*url);
  if (url->scheme != "https" && url->scheme != "http") {
    return Invalid(fmt::format("{}: repositories are reached over https, http and ssh, not '{}'; {}",
                               url->Text(), url->scheme, kForms));
  }
  if (url->path.find_first_of("?#") != std::string::npos)
    return Invalid(fmt::format("{}: the URL has a query or fragment; a repository has none",
                               Url{.scheme = url->scheme, .host = url->host, .port = url->port}.Text()));
  while (url->path.ends_with('/')) url->path.pop_back();
  if (url->path.empty()) return Invalid(fmt::format("{}: the URL has no path to a repository", url->Text()));
  return RemoteUrl{.way = RemoteUrl::Way::kHttp,
                   .user = url->user,
                   .host = url->host,
                   .port = url->port,
                   .path = url->path,
                   .text = url->Text()};
}

}  // namespace lockkeeper
