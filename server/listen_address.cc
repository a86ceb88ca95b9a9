#include "server/listen_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <system_error>

namespace lockkeeper {
namespace {

struct Endpoint {
  sockaddr_storage storage{};
  socklen_t size = 0;
  sockaddr* address() { return reinterpret_cast<sockaddr*>(&storage); }
};

std::optional<Endpoint> ReadEndpoint(std::string host, uint16_t port) {
  if (host.empty() || host == "localhost") host = "127.0.0.1";
  Endpoint endpoint;
  sockaddr_in v4{.sin_family = AF_INET, .sin_port = htons(port)};
  sockaddr_in6 v6{.sin6_family = AF_INET6, .sin6_port = htons(port)};
  if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    std::memcpy(&endpoint.storage, &v4, endpoint.size = sizeof v4);
    return endpoint;
  }
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (!bracketed || ::inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &v6.sin6_addr) != 1)
    return std::nullopt;
  std::memcpy(&endpoint.storage, &v6, endpoint.size = sizeof v6);
  return endpoint;
}

std::string AddressOf(int fd) {
  Endpoint bound;
  bound.size = sizeof bound.storage;
  if (::getsockname(fd, bound.address(), &bound.size) != 0) return {};
  char text[INET6_ADDRSTRLEN] = {};
  if (bound.storage.ss_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &bound.storage, sizeof v4);
    ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
    return fmt::format("{}:{}", text, ntohs(v4.sin_port));
  }
  sockaddr_in6 v6;
  std::memcpy(&v6, &bound.storage, sizeof v6);
  ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
  return fmt::format("[{}]:{}", text, ntohs(v6.sin6_port));
}

}  // namespace

Result<Listener> Listen(std::string_view text) {
  const size_t colon = text.rfind(':');
  const std::string_view digits = colon == std::string_view::npos ? "" : text.substr(colon + 1);
  uint16_t port = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  const bool is_port = !digits.empty() && read.ec == std::errc{} && read.ptr == digits.data() + digits.size();
  auto endpoint = is_port ? ReadEndpoint(std::string(text.substr(0, colon)), port) : std::nullopt;
  if (!endpoint) {
    return Invalid(
        fmt::format("'{}' is no address to listen on: write ADDRESS:PORT, such as 127.0.0.1:9444, "
                    "0.0.0.0:9444 for all of IPv4, or [::]:9444 for all; port 0 takes a free one",
                    text));
  }
  auto refused = [&](ErrorKind kind, int number, std::string_view advice) {
    return Fail(kind, fmt::format("{}: cannot listen there: {}{}", text,
                                  std::generic_category().message(number), advice));
  };
  const int fd = ::socket(endpoint->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return refused(ErrorKind::kInvalid, errno, "");
  const int yes = 1;
  // Without it a restart waits for minutes for the connections of the run before.
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (::bind(fd, endpoint->address(), endpoint->size) != 0 || ::listen(fd, SOMAXCONN) != 0) {
    const int number = errno;
    ::close(fd);
    if (number == EADDRINUSE) {
      return refused(ErrorKind::kTransient, number, "; another program does, perhaps another lockkeeper");
    }
    return refused(ErrorKind::kInvalid, number,
                   number == EACCES ? "; ports below 1024 need CAP_NET_BIND_SERVICE" : "");
  }
  return Listener{.fd = fd, .address = AddressOf(fd)};
}

}  // namespace lockkeeper
