#include "gitops/remote/ssh_failure.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

#include "net/foreign_text.h"

namespace lockkeeper {
namespace {

constexpr size_t kWordsMax = 800;
constexpr int kSshFailed = 255;
constexpr int kNoCommand = 127;

bool SaysAny(std::string_view said, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return said.contains(word); });
}

std::string KnownHostsName(const RemoteUrl& url) {
  return url.port.empty() || url.port == "22" ? url.host : fmt::format("[{}]:{}", url.host, url.port);
}

std::string KeyScan(const RemoteUrl& url, const RemoteAccess& access) {
  return fmt::format("ssh-keyscan {}{} >> {}", url.port.empty() ? "" : fmt::format("-p {} ", url.port),
                     url.host,
                     access.known_hosts_file.empty() ? "~/.ssh/known_hosts" : access.known_hosts_file);
}

// The messages of OpenSSH's client about hosts and keys. These are ours alone: its own are a page long.
std::string_view KeyFile(const RemoteAccess& access) {
  return access.ssh_key_file.empty() ? std::string_view("the key") : std::string_view(access.ssh_key_file);
}

// ssh does not say that a passphrase was wrong or missing: it goes on as if there were no such key.
std::string PassphraseAdvice(const RemoteAccess& access) {
  if (!access.ssh_passphrase_file.empty())
    return fmt::format("; or the passphrase in {} does not open the key", access.ssh_passphrase_file);
  return access.ssh_key_file.empty() ? "" : "; a key with a passphrase needs the file that holds it";
}

Error Make(ErrorKind kind, const RemoteUrl& url, std::string_view what) {
  return Error{kind, fmt::format("{}: {}", url.text, what)};
}

}  // namespace

Error SshError(const RemoteUrl& url, const RemoteAccess& access, int exit_code, std::string_view said) {
  const std::string words = WithoutName(OneLine(said, kWordsMax), url.user == "git" ? "" : url.user);
  if (SaysAny(said,
              {"REMOTE HOST IDENTIFICATION HAS CHANGED", "POSSIBLE DNS SPOOFING", "REVOKED HOST KEY"})) {
    return Make(
        ErrorKind::kDenied, url,
        fmt::format(
            "the host's key is another one than in the file of known hosts: either the server got a new "
            "key, or somebody is between us and it; ask its owner for the new key's fingerprint, and only "
            "where it is right remove the old one (ssh-keygen -R '{}') and add the new one ({})",
            KnownHostsName(url), KeyScan(url, access)));
  }
  if (SaysAny(said, {"host key is known for", "Host key verification failed"})) {
    return Make(
        ErrorKind::kDenied, url,
        fmt::format(
            "the host's key is not in the file of known hosts; add it ({}), and compare its fingerprint "
            "with what the server's owner says",
            KeyScan(url, access)));
  }
  if (SaysAny(said, {"UNPROTECTED PRIVATE KEY", "bad permissions"})) {
    return Make(ErrorKind::kInvalid, url,
                fmt::format("{}: others can read it, so ssh does not use it: chmod 600", KeyFile(access)));
  }
  if (SaysAny(said, {"Bad configuration option", "Bad owner or permissions", "terminating, ",
                     "invalid format", "error in libcrypto"})) {
    return Make(ErrorKind::kInvalid, url, fmt::format("ssh cannot work so: {}", words));
  }
  if (said.contains("Permission denied (")) {
    return Make(
        ErrorKind::kDenied, url,
        fmt::format("the server accepts none of our keys: {}; give it the public key, or name another key or "
                    "user{}",
                    words, PassphraseAdvice(access)));
  }
  if (exit_code == kSshFailed) return Make(ErrorKind::kTransient, url, fmt::format("not reached: {}", words));
  if (SaysAny(said, {"does not appear to be a git repository", "epository not found", "o such repository",
                     "could not be found", "does not exist"})) {
    return Make(
        ErrorKind::kDenied, url,
        fmt::format(
            "there is no such repository, or the server does not show it to us: {}; check the path, and "
            "the key's rights",
            words));
  }
  if (SaysAny(said, {"denied", "not allowed", "unauthorized", "Unauthorized", "forbidden", "Forbidden",
                     "read-only"}))
    return Make(ErrorKind::kDenied, url, fmt::format("the server does not let us do this: {}", words));
  if (exit_code == kNoCommand)
    return Make(ErrorKind::kDenied, url,
                fmt::format("the server has no Git, or lets us run none: {}", words));
  return Make(ErrorKind::kTransient, url,
              fmt::format("the server ended the conversation (exit code {}){}{}", exit_code,
                          words.empty() ? "" : ": ", words));
}

}  // namespace lockkeeper
