#pragma once

#include <string>
#include <string_view>

#include "schemas/error.h"

namespace lockkeeper {

/// A URL with a host: scheme://user@host:port/path.
struct Url {
  std::string scheme;  ///< lower case
  std::string user;    ///< without percent signs; never for messages
  bool has_password = false;
  std::string host;  ///< lower case; an IPv6 address without its brackets
  std::string port;  ///< digits; empty: the scheme's own
  std::string path;  ///< as written, from its slash on, with the query; may be empty

  /// Without the user part.
  std::string Text() const;
  /// Scheme, host and port, the port spelt out: what credentials are bound to.
  std::string Origin() const;
};

/// kInvalid, in words that do not repeat the URL, which may hold a password.
Result<Url> ParseUrl(std::string_view text);

}  // namespace lockkeeper
