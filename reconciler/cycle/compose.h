#pragma once

#include <string>
#include <vector>

#include "gitops/repository/repository.h"
#include "reconciler/core/plan/make_plan.h"
#include "reconciler/core/render/changes.h"
#include "reconciler/cycle/fleet_reader.h"
#include "schemas/error.h"

namespace lockkeeper {

/// Changes as bytes: what Publish takes.
struct Composition {
  std::vector<CommitDraft> drafts;
  /// Not empty: plan again with these, and take nothing of the drafts. By cluster, and by path for manifests
  /// that policies ask for where a file is already.
  EditRefusals refused;
  std::vector<std::string>
      problems;  ///< of files that were written anew because they could not be carried on
};

/// Applies the edits to the files of `state`, one change upon the other, and writes the status that goes with
/// each.
Result<Composition> Compose(const std::vector<Change>& changes, const FleetState& state, FleetReader& reader);

}  // namespace lockkeeper
