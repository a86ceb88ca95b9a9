#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "gitops/repository/repository.h"
#include "gitops/signature/commit_verifier.h"
#include "reconciler/cycle/file_history.h"
#include "reconciler/cycle/fleet_paths.h"
#include "schemas/error.h"

namespace lockkeeper {

/// Whether a file counts, where only signed ones do.
struct FileTrust {
  enum class State : uint8_t {
    kCounts,       ///< it is as an allowed signer left it
    kNeverSigned,  ///< no allowed signer ever brought it, or the last one took it away
    kAltered,      ///< an allowed signer left it in another form
  };
  State state = State::kCounts;
  std::string why;  ///< of a file that does not count: `last changed by 0123456789ab of Ann <...>, ...`
  std::string signed_blob;  ///< of one that is altered: what the signer left; empty: no ordinary file
  std::string signed_by;    ///< likewise: that commit and its signer
};

using JudgeFile = std::function<Result<FileTrust>(const std::string& path)>;

/// Says which files count (docs/signatures.md): those whose content is what the newest commit that changed
/// them with an allowed signer's signature left, if all other such commits are behind that one. What commits
/// without a signature did meanwhile makes no difference then. A function of the commit and of the allowed
/// signers.
class ManifestTrust {
 public:
  explicit ManifestTrust(AllowedSigners allowed) : verifier_(std::move(allowed)) {}

  /// Reads the allowed signers anew; true where others count than before, and then nothing that was said
  /// holds any more.
  Result<bool> Refresh();
  /// Moves to a commit. `paths` say which files are manifests; none: as before.
  Result<void> Follow(Repository& repository, const std::string& commit,
                      const std::optional<FleetPaths>& paths);
  const FileHistory& history() const { return history_; }
  bool Wants(const std::string& path) const;

  Result<FileTrust> Judge(Repository& repository, const std::string& path);
  /// Who signed a commit; nobody: empty.
  Result<std::string> SignerOf(Repository& repository, const CommitRecord& commit);

 private:
  Result<const SignedBy*> Signed(Repository& repository, const std::string& commit);
  Result<FileTrust> Untrusted(Repository& repository, const std::vector<const FileChange*>& changes,
                              const FileChange* newest_signed);
  std::string Short(uint32_t place) const { return history_.commit(place).id.substr(0, 12); }

  CommitVerifier verifier_;
  FileHistory history_;
  std::optional<FleetPaths> paths_;
  FleetPaths default_paths_{std::nullopt};
  std::unordered_map<std::string, SignedBy> signers_;  ///< by commit; looked up only, never gone through
};

}  // namespace lockkeeper
