#include "tests/support/scripted_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <stdexcept>

namespace lockkeeper {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";

// False: told to stop, or the time is over.
bool WaitFor(int fd, int stop, std::chrono::milliseconds time) {
  std::array<pollfd, 2> wait{pollfd{.fd = fd, .events = POLLIN, .revents = 0},
                             pollfd{.fd = stop, .events = POLLIN, .revents = 0}};
  ::poll(wait.data(), wait.size(), static_cast<int>(time.count()));
  return wait[1].revents == 0 && wait[0].revents != 0;
}

size_t ContentLength(std::string_view head) {
  constexpr std::string_view kName = "Content-Length: ";
  const size_t at = head.find(kName);
  size_t length = 0;
  if (at != std::string_view::npos)
    std::from_chars(head.data() + at + kName.size(), head.data() + head.size(), length);
  return length;
}

}  // namespace

std::string ScriptedServer::Peer::ReadRequest() {
  std::string text;
  size_t wanted = std::string::npos;
  while (text.size() < wanted) {
    std::array<char, 4096> bytes;
    if (!WaitFor(fd_, stop_, std::chrono::milliseconds(-1))) return "";
    const ssize_t got = ::recv(fd_, bytes.data(), bytes.size(), 0);
    if (got <= 0) return "";
    text.append(bytes.data(), static_cast<size_t>(got));
    const size_t end = text.find(kHeadEnd);
    if (end != std::string::npos)
      wanted = end + kHeadEnd.size() + ContentLength(std::string_view(text).substr(0, end));
  }
  return text;
}

bool ScriptedServer::Peer::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool ScriptedServer::Peer::Silent(std::chrono::milliseconds time) {
  while (WaitFor(fd_, stop_, time)) {
    std::array<char, 4096> bytes;
    if (::recv(fd_, bytes.data(), bytes.size(), 0) <= 0) return false;
  }
  pollfd stop{.fd = stop_, .events = POLLIN, .revents = 0};
  return ::poll(&stop, 1, 0) == 0;
}

ScriptedServer::ScriptedServer(std::function<void(Peer&)> serve) : serve_(std::move(serve)) {
  listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listening_, any, size) != 0 || ::listen(listening_, 16) != 0 ||
      ::getsockname(listening_, any, &size) != 0 || ::pipe2(stop_, O_CLOEXEC) != 0)
    throw std::runtime_error("cannot listen on loopback");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Run(); });
}

ScriptedServer::~ScriptedServer() {
  ::close(stop_[1]);
  thread_.join();
  ::close(stop_[0]);
  ::close(listening_);
}

void ScriptedServer::Run() {
  while (WaitFor(listening_, stop_[0], std::chrono::milliseconds(-1))) {
    const int fd = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    ++connections_;
    Peer peer(fd, stop_[0]);
    serve_(peer);
    ::close(fd);
  }
}

HttpScript::HttpScript(std::function<std::string(const std::string&)> answer)
    : answer_(std::move(answer)), server_([this](ScriptedServer::Peer& peer) {
        for (std::string request = peer.ReadRequest(); !request.empty(); request = peer.ReadRequest()) {
          {
            const std::lock_guard lock(mutex_);
            requests_.push_back(request);
          }
          const std::string text = answer_(request);
          if (text.empty() || !peer.Send(text) || text.contains("Connection: close")) return;
        }
      }) {}

std::vector<std::string> HttpScript::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::string HttpAnswerText(std::string_view status, std::string_view type, std::string_view body,
                           std::string_view more_headers) {
  return fmt::format("HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n{}\r\n{}", status, type,
                     body.size(), more_headers, body);
}

}  // namespace lockkeeper
