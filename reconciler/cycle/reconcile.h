#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gitops/repository/repository.h"
#include "gitops/signature/open_signer.h"
#include "reconciler/core/plan/make_plan.h"
#include "reconciler/core/render/changes.h"
#include "reconciler/cycle/fleet_reader.h"
#include "schemas/error.h"
#include "schemas/instant.h"

namespace lockkeeper {

enum class DryRun : bool { kNo, kYes };

/// What an earlier pass has left: nothing to do at this commit until that instant (nullopt: ever), since time
/// alone changes nothing in a plan before its next wake.
struct Settled {
  std::string commit;
  std::optional<Instant> until;
};

struct ReconcileOptions {
  Instant now;
  /// Asked for `now` after each fetch, which may have taken long; empty: it is what it is.
  std::function<Instant()> clock{};
  DryRun dry_run = DryRun::kNo;
  Observations observations{};
  /// Where the branch is still there and it is not time yet, the pass ends after the fetch.
  std::optional<Settled> settled{};
  /// Called with the commit of each fetch, before anything is decided about it.
  std::function<void(const std::string& commit)> fetched{};
  SigningKey signing_key{};  ///< used where the Fleet asks for signatures
  /// Called before each new attempt, with its number from 1: the caller waits there as long as it sees fit.
  std::function<void(int retry)> back_off;
  static constexpr int kRetriesMax = 10;
};

/// A commit that was made, or would be.
struct MadeCommit {
  std::string id;  ///< empty in a dry run
  Change change;
  std::string message;
};

struct ReconcileResult {
  std::string read;          ///< the commit that the plan was made from
  bool was_settled = false;  ///< there was nothing to decide: no plan was made
  std::string pushed;        ///< what the branch is at now; empty: nothing was to be written, or a dry run
  std::vector<MadeCommit> commits;
  std::vector<std::string> problems;  ///< what people should know and nothing was held for
  Plan plan;                          ///< as carried out
  int retries = 0;
};

/// One pass: read the branch, decide, write, compare and swap; on a conflict read and decide again (SPEC 5).
/// Where an edit is refused, its cluster is held and the others go on. kNotFound: there is no Fleet.
/// kInvalid: the Fleet is broken. kConflict: beaten by others kRetriesMax times. Else as the repository says;
/// then nothing was published, or the next pass will find it done.
Result<ReconcileResult> Reconcile(Repository& repository, FleetReader& reader,
                                  const ReconcileOptions& options);

/// Why nothing can be decided about this state; the Error that Reconcile would give. Success: it has
/// settings.
Result<void> RequireFleet(const FleetState& state);

}  // namespace lockkeeper
