#pragma once

#include <map>
#include <string>
#include <string_view>

#include "gitops/signature/allowed_signers.h"
#include "gitops/signature/commit_signature.h"
#include "schemas/error.h"
#include "schemas/instant.h"

namespace lockkeeper {

/// Whose signature a commit has.
struct SignedBy {
  std::string principal;  ///< the signer, as the allowed signers name him; empty: nobody that counts
  std::string problem;    ///< why nobody: `it has no signature`
};

/// Verifies commits' signatures, by ssh-keygen and gpg, each in a limited time. Nothing of a commit reaches a
/// command line.
class CommitVerifier {
 public:
  explicit CommitVerifier(AllowedSigners allowed) : allowed_(std::move(allowed)) {}

  /// Reads the files anew; true where they say something else than before (or it is the first time). kDenied:
  /// they cannot be read, or one of the lines for GPG makes no sense.
  Result<bool> Refresh();

  /// Of a commit's bytes; `time` is its committer's, at which an SSH key must be valid. A GPG key must not
  /// have expired before the signature says that it was made, and not be revoked. The error: it cannot be
  /// told, since a program is missing (kDenied) or took too long (kTransient).
  Result<SignedBy> Verify(std::string_view commit, Instant time) const;

 private:
  Result<SignedBy> VerifySsh(const CommitSignature& signature, Instant time) const;
  Result<SignedBy> VerifyGpg(const CommitSignature& signature) const;
  Result<void> ReadGpgLines(std::string_view text);

  AllowedSigners allowed_;
  bool read_ = false;
  std::string ssh_;                            ///< the file's content
  std::string gpg_;                            ///< likewise
  std::map<std::string, std::string> owners_;  ///< principals by fingerprint, in capitals
};

}  // namespace lockkeeper
