#pragma once

#include <string>
#include <vector>

#include "reconciler/core/plan/decision.h"
#include "reconciler/core/status/transition.h"
#include "schemas/kinds/fleet_settings.h"

namespace lockkeeper {

/// One commit to make.
struct Change {
  std::vector<RefEdit> edits;  ///< sorted, each once; empty: it only records
  Record record;
  std::vector<Document> documents;  ///< sorted by path
  /// Who wanted the edits, by the file's path: whom to hold when the bytes refuse.
  std::vector<std::pair<std::string, std::string>> clusters;  ///< file -> cluster, sorted
};

/// What a plan wants written: first what is only recorded, in one change, then the bumps, in groups (SPEC 2.2
/// groupBy). Clusters that share a ref are never parted. Empty: nothing is new (SPEC 1.8). Pure.
std::vector<Change> RenderChanges(const Plan& plan, GroupBy group_by);

/// SPEC 5: subject, body and trailers.
std::string CommitMessage(const Change& change);

}  // namespace lockkeeper
