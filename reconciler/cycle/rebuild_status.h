#pragma once

#include <string>
#include <vector>

#include "gitops/repository/repository.h"
#include "reconciler/cycle/fleet_reader.h"
#include "reconciler/cycle/reconcile.h"
#include "schemas/error.h"

namespace lockkeeper {

struct RebuildResult {
  std::string read;                   ///< the commit whose history was read
  std::string pushed;                 ///< empty: everything was as it must be, or a dry run
  std::vector<std::string> written;   ///< paths that differed or were missing
  std::vector<std::string> removed;   ///< status files of what the history does not know
  std::vector<std::string> problems;  ///< commits whose trailers make no sense
  size_t records = 0;                 ///< commits of lockkeeper's that were read
  int retries = 0;
};

/// SPEC 5: writes the status files again from the history alone, in one commit. Other files below the status
/// path stay. Errors as Reconcile's.
Result<RebuildResult> RebuildStatus(Repository& repository, FleetReader& reader,
                                    const ReconcileOptions& options);

/// What RebuildStatus would write at this commit. The state must have settings.
Result<std::vector<FileWrite>> RebuiltFiles(Repository& repository, const FleetState& state);

/// What a rebuild answers for below the status path: `<namespace>/<upgrade>.yaml`, the clusters'
/// histories and the files of tasks.
bool IsStatusFile(std::string_view path);

}  // namespace lockkeeper
