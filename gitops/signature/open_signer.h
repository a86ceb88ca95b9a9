#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "gitops/repository/commit_signer.h"
#include "schemas/error.h"

namespace lockkeeper {

/// With what lockkeeper signs; what stands in the files is read anew for each signature.
struct SigningKey {
  /// For ssh a private key's file, or a public key's whose private part an ssh agent has; for gpg a key id,
  /// a fingerprint or what else gpg takes for a name, of the user's keyring (GNUPGHOME).
  std::string key;
  std::string passphrase_file;  ///< empty: the key has none, or an agent knows it
};

/// A signer as `commit.signing` of the Fleet wants it: none (nothing is signed, whatever key there is: a null
/// pointer), ssh or gpg. kDenied where no key is given, the program is missing, or a file cannot be read. An
/// Ed25519 key always makes the same signature; others do not, so with them a commit that is made again has
/// another id.
Result<std::shared_ptr<const CommitSigner>> OpenSigner(std::string_view signing, const SigningKey& key);

}  // namespace lockkeeper
