#pragma once

#include <string>

namespace lockkeeper {

/// The files that say whose signatures count. Both empty: nothing is verified.
struct AllowedSigners {
  std::string ssh_file;  ///< as OpenSSH's ALLOWED SIGNERS (ssh-keygen(1)) has it
  /// Lines of a principal and the fingerprint of a key, 40 hexadecimal digits, in the user's keyring
  /// (GNUPGHOME); empty lines, and those that begin with '#', do not count.
  std::string gpg_file;
  bool any() const { return !ssh_file.empty() || !gpg_file.empty(); }
};

}  // namespace lockkeeper
