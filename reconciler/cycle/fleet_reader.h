#pragma once

#include <map>
#include <memory>
#include <string>

#include "gitops/repository/repository.h"
#include "reconciler/core/status/record.h"
#include "schemas/error.h"
#include "schemas/kinds/fleet.h"

namespace lockkeeper {

/// Everything that one commit of the repository says.
struct FleetState {
  /// `fleet.diagnostics` are all findings of decoding and of the inventory. The clusters belong to the reader.
  Fleet fleet;
  StatusBook book;
  /// Status files that cannot be read, and why: nothing is decided about these upgrades until somebody mends the file
  /// (`lockkeeper status rebuild`), since what was done already is not known.
  std::map<ObjectName, std::string> broken_status;
};

/// Follows a repository from commit to commit; each step costs what differs between them, not what is there.
class FleetReader {
 public:
  explicit FleetReader(Repository& repository);
  ~FleetReader();

  /// The state at `commit`, valid until the next call. The first call, one after an error, and one where the Fleet's
  /// settings changed in what they name, read everything. Errors are the repository's; whatever a file says wrong is a finding.
  /// A repository without a Fleet is no error: `fleet.settings` is absent, and its objects and clusters are not read.
  Result<const FleetState*> Read(const std::string& commit);

  /// What an inventory or manifest file held at the last Read; kNotFound. The view lives until the next call.
  Result<std::string_view> ReadFile(const std::string& path);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lockkeeper
