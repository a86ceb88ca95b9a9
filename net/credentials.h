#pragma once

#include <string>
#include <vector>

#include "net/http_access.h"
#include "net/secret.h"
#include "schemas/error.h"

namespace lockkeeper {

/// A header whose value is nobody else's business.
struct SecretHeader {
  std::string name;
  Secret value;
};

/// What an HttpAccess's files hold at this moment.
struct HttpCredentials {
  Secret token;
  std::vector<SecretHeader> headers;

  bool empty() const { return token.empty() && headers.empty(); }
};

/// kInvalid, with the file's path and without its content: it cannot be read, is empty, or is not of its
/// form.
Result<HttpCredentials> ReadCredentials(const HttpAccess& access);

/// A token or passphrase: one line of printable characters, without the newline at its end. kInvalid
/// likewise.
Result<Secret> ReadSecretFile(const std::string& path);

/// kInvalid: the file cannot be read. For those that a library opens by itself and reports badly.
Result<void> RequireReadable(const std::string& path, std::string_view what);

}  // namespace lockkeeper
