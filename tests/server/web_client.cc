#include "tests/server/web_client.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace lockkeeper {

std::optional<std::string> ClientAnswer::Header(std::string_view name) const {
  size_t at = 0;
  while ((at = head.find("\r\n", at)) != std::string::npos) {
    at += 2;
    const std::string_view line = std::string_view(head).substr(at, head.find("\r\n", at) - at);
    const bool is_it =
        line.size() > name.size() + 1 && line[name.size()] == ':' &&
        std::ranges::equal(line.substr(0, name.size()), name, [](unsigned char a, unsigned char b) {
          return std::tolower(a) == std::tolower(b);
        });
    if (is_it) return std::string(line.substr(name.size() + 2));
  }
  return std::nullopt;
}

WebClient::WebClient(const std::string& address) {
  const size_t colon = address.rfind(':');
  const auto port = htons(static_cast<uint16_t>(std::stoi(address.substr(colon + 1))));
  std::string host = address.substr(0, colon);
  int failed = 0;
  if (host.front() == '[') {
    sockaddr_in6 to{.sin6_family = AF_INET6, .sin6_port = port};
    host = host.substr(1, host.size() - 2);
    ::inet_pton(AF_INET6, host.c_str(), &to.sin6_addr);
    fd_ = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    failed = ::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to);
  } else {
    sockaddr_in to{.sin_family = AF_INET, .sin_port = port};
    ::inet_pton(AF_INET, host.c_str(), &to.sin_addr);
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    failed = ::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to);
  }
  if (failed != 0) {
    const int number = errno;
    ::close(fd_);
    throw std::runtime_error(fmt::format("cannot connect to {}: {}", address, std::strerror(number)));
  }
}

WebClient::WebClient(WebClient&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

WebClient::~WebClient() {
  if (fd_ >= 0) ::close(fd_);
}

bool WebClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool WebClient::IsReadable(std::chrono::milliseconds wait) const {
  pollfd poll{.fd = fd_, .events = POLLIN, .revents = 0};
  return ::poll(&poll, 1, static_cast<int>(wait.count())) > 0;
}

std::string WebClient::ReadToEnd() {
  std::string all;
  char bytes[65536];
  for (;;) {
    if (!IsReadable(kPatience))
      throw std::runtime_error("the server does not answer, nor end the connection");
    const ssize_t got = ::recv(fd_, bytes, sizeof bytes, 0);
    if (got <= 0) return all;
    all.append(bytes, static_cast<size_t>(got));
  }
}

ClientAnswer WebClient::ReadAnswer() {
  std::string all = ReadToEnd();
  ClientAnswer answer;
  // What a server says before the answer, when it is asked whether to go on.
  constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  if (all.starts_with(kContinue)) all.erase(0, kContinue.size());
  const size_t end = all.find("\r\n\r\n");
  if (!all.starts_with("HTTP/1.1 ") || end == std::string::npos) return answer;
  answer.status = std::stoi(all.substr(9, 3));
  answer.head = all.substr(0, end + 2);
  answer.body = all.substr(end + 4);
  return answer;
}

ClientAnswer Ask(const std::string& address, std::string_view method, std::string_view target,
                 std::string_view more, std::string_view body) {
  WebClient client(address);
  std::string request = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n{}", method, target, address, more);
  if (!body.empty()) request += fmt::format("Content-Length: {}\r\n", body.size());
  client.Send(request + "\r\n" + std::string(body));
  return client.ReadAnswer();
}

}  // namespace lockkeeper
