#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "gitops/repository/repository.h"
#include "gitops/signature/allowed_signers.h"
#include "reconciler/core/status/record.h"
#include "reconciler/core/status/task_record.h"
#include "schemas/error.h"
#include "schemas/kinds/fleet.h"

namespace lockkeeper {

/// Everything that one commit of the repository says.
struct FleetState {
  /// `fleet.diagnostics` are all findings of decoding, of the inventory and of the status files, sorted. The
  /// clusters belong to the reader. A manifest file that is no YAML is in `unreadable_files` and not in
  /// `broken`; one with an object of a kind that nobody knows is in both. A file that only spec.releases
  /// names gives Releases, broken objects and findings. Objects of lockkeeper.yaml other than the Fleet
  /// count.
  Fleet fleet;
  StatusBook book;
  /// Status files that cannot be read, and why: nothing is decided about these upgrades until somebody mends
  /// the file
  /// (`lockkeeper status rebuild`), since what was done already is not known.
  std::map<ObjectName, std::string> broken_status;
  /// Status files that somebody else than lockkeeper altered, below the status path: Record::held of whatever
  /// is written now.
  std::vector<std::string> altered_files{};
  TaskStatus tasks;
};

/// Follows a repository from commit to commit; each step costs what differs between them, not what is there.
class FleetReader {
 public:
  /// With allowed signers manifests count only as these left them (docs/signatures.md): the settings too,
  /// and the author of an approval is its signer then. The files with the signers are read anew at each
  /// Read.
  explicit FleetReader(Repository& repository, AllowedSigners allowed = {});
  FleetReader(FleetReader&&) noexcept;
  FleetReader& operator=(FleetReader&&) noexcept;
  ~FleetReader();

  /// The state at `commit`, valid until the next call. It is a function of the commit alone, whatever was
  /// read before (and of the allowed signers). The first call, and one after an error, read everything; a
  /// change of the Fleet's settings makes that be read again which is found by other rules, globs or paths
  /// than before. Errors are the repository's; whatever a file says wrong is a finding. A repository without
  /// a Fleet, or with a broken one, is no error: `fleet.settings` is absent, findings say why (codes
  /// `no-fleet`, `several-fleets`, or what is wrong with it), there are no clusters and no status, and the
  /// objects are those of the default folder for manifests.
  Result<const FleetState*> Read(const std::string& commit);

  /// What a file held at the last Read; kNotFound where there is none, kInvalid where it is a manifest that
  /// does not count: whoever changes it would sign what nobody signed. The view lives until the next call.
  Result<std::string_view> ReadFile(const std::string& path);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lockkeeper
