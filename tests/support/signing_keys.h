#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "tests/support/temp_repository.h"

namespace lockkeeper {

/// A pair of SSH keys that ssh-keygen made.
struct SshKey {
  std::string file;         ///< the private one
  std::string public_line;  ///< type, key and comment
};

struct SshKeyOptions {
  std::string type = "ed25519";
  std::string passphrase;
};

/// In files `name` and `name.pub` of the folder.
SshKey MakeSshKey(const std::string& folder, const std::string& name, const SshKeyOptions& options = {});

/// What ssh-keygen signs `text` with.
std::string SshSignature(const SshKey& key, std::string_view text, const std::string& name_space = "git");

/// A GNUPGHOME of its own that this process and its children use while it lives; its agent is stopped then.
class GpgHome {
 public:
  GpgHome();
  GpgHome(const GpgHome&) = delete;
  GpgHome& operator=(const GpgHome&) = delete;
  ~GpgHome();

  const std::string& path() const { return folder_.path(); }
  /// A key that can sign; its fingerprint. `expires` as gpg takes it.
  std::string MakeKey(const std::string& user, const std::string& passphrase = "",
                      const std::string& expires = "never");
  std::string Sign(const std::string& fingerprint, std::string_view text) const;
  /// gpg with these arguments, batch mode; its output. Throws std::runtime_error where it fails.
  std::string Gpg(const std::string& arguments, std::string_view input = {}) const;

 private:
  TempFolder folder_;
};

/// Runs a line of the shell; its output. Throws std::runtime_error where it fails.
std::string RunShell(const std::string& line, std::string_view input = {});

/// The bytes of a commit with this signature in a header.
std::string WithSignature(std::string commit, std::string_view signature, std::string_view header = "gpgsig");

/// Puts a commit with other bytes in the place of a branch's newest one; its id.
std::string ReplaceHead(TempRepository& repository, const std::function<std::string(std::string)>& change,
                        const std::string& branch = "main");

/// Signs the branch's newest commit; its new id.
std::string SignHead(TempRepository& repository, const SshKey& key, const std::string& branch = "main");

}  // namespace lockkeeper
