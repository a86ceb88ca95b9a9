#pragma once

#include <chrono>
#include <string>

namespace lockkeeper {

/// With what a server is asked. The files are read anew for each request.
struct HttpAccess {
  std::string username;      ///< basic, with the token as its password; empty: bearer
  std::string token_file;    ///< empty: no Authorization
  std::string headers_file;  ///< `Name: value`, one a line
  std::string ca_file;       ///< PEM; empty: the system's authorities
  std::string client_certificate_file;
  std::string client_key_file;  ///< empty: it stands in the certificate's file
  std::string proxy;            ///< URL; empty: the environment's
};

struct HttpTimes {
  std::chrono::milliseconds connect_max{0};  ///< name, TCP, proxy and TLS
  std::chrono::milliseconds idle_max{0};     ///< without a byte of the conversation in either direction
};

}  // namespace lockkeeper
