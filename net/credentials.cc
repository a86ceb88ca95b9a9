#include "net/credentials.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

namespace lockkeeper {
namespace {

constexpr size_t kSecretFileBytesMax = size_t{64} << 10;
constexpr size_t kHeadersMax = 100;

std::unexpected<Error> Unreadable(const std::string& path, std::string_view what, int error) {
  return Invalid(
      fmt::format("{}: cannot read the {}: {}", path, what, std::generic_category().message(error)));
}

// A pipe without a writer would keep us for ever, so none is opened.
Result<int> OpenRegular(const std::string& path, std::string_view what) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return Unreadable(path, what, errno);
  struct stat status{};
  if (::fstat(file, &status) == 0 && S_ISREG(status.st_mode)) return file;
  ::close(file);
  return Invalid(fmt::format("{}: the {} must be a file", path, what));
}

Result<Secret> ReadAll(const std::string& path, std::string_view what) {
  auto file = OpenRegular(path, what);
  if (!file) return std::unexpected(file.error());
  std::array<char, kSecretFileBytesMax + 1> bytes;
  size_t size = 0;
  ssize_t got = 1;
  while (size < bytes.size() && got != 0) {
    got = ::read(*file, bytes.data() + size, bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) break;
    size += static_cast<size_t>(got);
  }
  const int error = got < 0 ? errno : 0;
  ::close(*file);
  Secret content(std::string_view(bytes.data(), size));
  ::explicit_bzero(bytes.data(), bytes.size());
  if (error != 0) return Unreadable(path, what, error);
  if (size > kSecretFileBytesMax)
    return Invalid(fmt::format("{}: the {} has more than {} bytes", path, what, kSecretFileBytesMax));
  return content;
}

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool IsTokenCharacter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("!#$%&'*+-.^_`|~").contains(c);
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && std::string_view(" \t\r").contains(text.back())) text.remove_suffix(1);
  return text;
}

// These are the conversation's own: a second one would let the request mean something else.
bool IsOurs(std::string_view name) {
  constexpr std::array<std::string_view, 10> kOurs{
      "host", "content-length", "transfer-encoding", "connection", "expect",
      "te",   "trailer",        "upgrade",           "keep-alive", "content-type"};
  std::string lower(name);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return std::ranges::find(kOurs, lower) != kOurs.end();
}

Result<std::vector<SecretHeader>> ReadHeaders(const std::string& path) {
  auto content = ReadAll(path, "file of headers");
  if (!content) return std::unexpected(content.error());
  std::vector<SecretHeader> headers;
  std::string_view rest = content->Reveal();
  for (int line = 1; !rest.empty(); ++line) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view text = Trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (text.empty() || text.starts_with('#')) continue;
    const size_t colon = text.find(':');
    const std::string_view name = text.substr(0, colon);
    const std::string_view value = colon == std::string_view::npos ? "" : Trimmed(text.substr(colon + 1));
    // The message must not repeat the line: it may be a token.
    if (name.empty() || !std::ranges::all_of(name, IsTokenCharacter) || value.empty() ||
        std::ranges::any_of(value, IsControl))
      return Invalid(fmt::format("{}:{}: this is no header; write 'Name: value'", path, line));
    if (IsOurs(name)) return Invalid(fmt::format("{}:{}: the header {} cannot be set", path, line, name));
    if (headers.size() == kHeadersMax)
      return Invalid(fmt::format("{}: there are more than {} headers", path, kHeadersMax));
    headers.push_back({.name = std::string(name), .value = Secret(value)});
  }
  return headers;
}

}  // namespace

Result<Secret> ReadSecretFile(const std::string& path) {
  auto content = ReadAll(path, "secret");
  if (!content) return content;
  std::string_view line = content->Reveal();
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.empty()) return Invalid(fmt::format("{}: the secret is empty", path));
  if (std::ranges::any_of(line, IsControl))
    return Invalid(fmt::format("{}: the secret must be one line without control characters", path));
  return Secret(line);
}

Result<HttpCredentials> ReadCredentials(const HttpAccess& access) {
  HttpCredentials credentials;
  if (!access.token_file.empty()) {
    auto token = ReadSecretFile(access.token_file);
    if (!token) return std::unexpected(token.error());
    credentials.token = std::move(*token);
  }
  if (!access.headers_file.empty()) {
    auto headers = ReadHeaders(access.headers_file);
    if (!headers) return std::unexpected(headers.error());
    credentials.headers = std::move(*headers);
  }
  return credentials;
}

Result<void> RequireReadable(const std::string& path, std::string_view what) {
  auto file = OpenRegular(path, what);
  if (!file) return std::unexpected(file.error());
  ::close(*file);
  return {};
}

}  // namespace lockkeeper
