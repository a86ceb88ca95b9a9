#pragma once

#include <string>

#include "gitops/repository/repository.h"

namespace lockkeeper {

// The steps between a branch and its plan. Those that time a part of their work themselves end their result
// in `milliseconds N`, of the wall clock; they run on one thread.

/// Everything that a commit says: a cold start.
Result<std::string> ReadFleet(Repository& repository, const std::string& head);

/// The same and a plan at an instant.
Result<std::string> StartFleet(Repository& repository, const std::string& head, const std::string& now);

/// A cold start at `from`, which is not timed, then reading and planning when the branch moves to `to`.
Result<std::string> FollowFleet(Repository& repository, const std::string& from, const std::string& to,
                                const std::string& now);

/// A cold start, which is not timed, then a plan of a fleet that has one upgrade only.
Result<std::string> PlanUpgrade(Repository& repository, const std::string& head, const std::string& upgrade,
                                const std::string& now);

/// A cold start, which is not timed, then one pass: fetch, plan, edit, commit and push to the repository
/// itself.
Result<std::string> ReconcileFleet(Repository& repository, const std::string& head, const std::string& now);

}  // namespace lockkeeper
