#pragma once

#include <functional>
#include <string>
#include <vector>

#include "gitops/repository/caller_identity.h"
#include "gitops/repository/repository.h"
#include "reconciler/cycle/fleet_reader.h"
#include "reconciler/cycle/reconcile.h"
#include "schemas/error.h"
#include "schemas/instant.h"

namespace lockkeeper {

/// What a person's commit is to change. No writes: everything is as it is wanted, and no commit is made.
struct FileChanges {
  std::vector<FileWrite> writes;
  std::string message;
};

/// Decides from one state of the branch; called anew for every attempt, since what was decided on another
/// commit is worth nothing. Its error ends the whole.
using DecideChanges = std::function<Result<FileChanges>(const FleetState& state, FleetReader& reader)>;

struct CommitFilesOptions {
  Identity author;
  Instant now;  ///< the commit's date
  DryRun dry_run = DryRun::kNo;
  SigningKey signing_key{};                   ///< used where the Fleet asks for signatures
  std::function<void(int retry)> back_off{};  ///< as ReconcileOptions'
};

struct CommittedFiles {
  std::string read;    ///< the commit that was decided from
  std::string pushed;  ///< empty: there was nothing to write, or a dry run
  bool changes = false;
  int retries = 0;
};

/// One commit of a person's on the branch, never through a work tree: read the branch, decide, compare and
/// swap; on a conflict read and decide again, at most ReconcileOptions::kRetriesMax times. Errors as
/// Reconcile's, and those of `decide`.
Result<CommittedFiles> CommitFiles(Repository& repository, FleetReader& reader,
                                   const CommitFilesOptions& options, const DecideChanges& decide);

}  // namespace lockkeeper
