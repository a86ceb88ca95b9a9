#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reconciler/cycle/commit_files.h"
#include "schemas/kinds/approval.h"

namespace lockkeeper {

struct ApprovalRequest {
  std::string upgrade;  ///< NAME or NAMESPACE/NAME
  std::string stage;    ///< empty: the upgrade as a whole
  std::string by;
  std::string note;                      ///< for the commit's message; may be empty
  std::optional<Seconds> expires_after;  ///< no longer than the upgrade, or the stage, says; absent: as that
  Instant now;
};

/// What an approval lets happen to one cluster.
struct ApprovedMove {
  std::string cluster;
  std::string from;   ///< empty: nobody knows what it runs
  std::string hop;    ///< the release that its next bump goes to
  bool over = false;  ///< no bump is left for it
};

struct ApprovalChange {
  FileChanges changes;  ///< no writes: the same approval, by the same person, stands and counts
  UpgradeApproval approval;
  std::string path;
  std::vector<ApprovedMove> moves;  ///< sorted by cluster
  /// Of the releases that the clusters come past, oldest first: name and where its notes are.
  std::vector<std::pair<std::string, std::string>> notes;
  std::vector<std::pair<std::string, std::string>> checklist;  ///< stage, and what people tick off
  std::vector<std::string> approvers;                          ///< who counts; empty: everybody
};

/// SPEC 6, `approve`: an UpgradeApproval for the clusters that the upgrade, or a stage of it, selects now.
/// One that is void or has expired gives way to it. kNotFound: no such upgrade or stage. kInvalid: it needs
/// no approval, it selects no cluster, its plan is missing, or there is no place for the manifest.
Result<ApprovalChange> DecideApproval(const FleetState& state, FleetReader& reader,
                                      const ApprovalRequest& request);

}  // namespace lockkeeper
