#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace lockkeeper {

/// How a remote is reached and with what. Every `*_file` is a path, empty for none, whose content is read
/// anew for each conversation, since tokens and keys change while the daemon runs. No secret itself stands
/// here.
struct RemoteAccess {
  std::string username;      ///< HTTP basic, with the token as its password; empty: bearer
  std::string token_file;    ///< one line; a newline at its end does not count
  std::string headers_file;  ///< further HTTP headers, `Name: value`, one a line; never sent to another host
  std::string ca_file;       ///< PEM; instead of the system's authorities
  std::string client_certificate_file;  ///< PEM
  std::string client_key_file;          ///< PEM; empty: it stands in the certificate's file
  std::string proxy;                    ///< URL; empty: the environment's http_proxy, https_proxy, no_proxy
  std::string ssh_key_file;             ///< empty: the agent's, and what the user's ssh configuration says
  std::string ssh_passphrase_file;      ///< of ssh_key_file
  std::string known_hosts_file;         ///< empty: the user's; an unknown host is refused in any case
};

/// What a server may take of our time and memory.
struct RemoteLimits {
  std::chrono::milliseconds connect_time_max{10'000};
  std::chrono::milliseconds idle_time_max{30'000};    ///< without a byte in either direction
  std::chrono::milliseconds total_time_max{900'000};  ///< of one Fetch or Push
  uint64_t advertisement_bytes_max = uint64_t{64} << 20;
  uint64_t pack_bytes_max = uint64_t{8} << 30;
};

}  // namespace lockkeeper
