#pragma once

#include <string>
#include <vector>

#include "gitops/repository/git_library.h"
#include "gitops/repository/object_id.h"
#include "gitops/repository/receive_hooks.h"
#include "gitops/repository/repository.h"
#include "schemas/error.h"

namespace lockkeeper {

/// A work tree that has the branch checked out: the main one, or a linked one.
struct CheckedOut {
  std::string git_dir;    ///< its own: `.git`, or `.git/worktrees/NAME`
  std::string work_tree;  ///< for people
};

/// What receive.denyCurrentBranch says.
enum class CurrentBranchRule { kRefuse, kIgnore, kUpdateInstead };

/// Work trees that have `ref` checked out, or are in the middle of a rebase or bisect of it.
Result<std::vector<CheckedOut>> FindCheckedOut(git_repository* repository, const std::string& ref);

Result<CurrentBranchRule> ReadCurrentBranchRule(git_repository* repository);

/// kDenied with what to do: the branch is checked out, and may not be updated.
std::unexpected<Error> RefuseCheckedOut(const std::string& ref, const CheckedOut& place);

/// Brings the work tree and its index from one commit to the next, as git's updateInstead does. kDenied
/// unless both are exactly at `move.old_id` (nothing at all where that is none); untracked files that are not
/// in the way may be.
Result<void> UpdateWorkTree(const CheckedOut& place, const RefMove& move, const ReceiveHooks& hooks,
                            const std::vector<TreeDifference>& differences);

}  // namespace lockkeeper
