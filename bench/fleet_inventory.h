#pragma once

#include <string>

#include "gitops/repository/repository.h"

namespace lockkeeper {

/// Everything between the branch and the decision at a cold start: all manifests, all clusters.
Result<std::string> ReadFleet(Repository& repository, const std::string& head);

/// A cold start at `from`, which is not timed, then what the clusters cost when the branch moves to `to`. The
/// last line of the result is `milliseconds N`.
Result<std::string> FollowFleet(Repository& repository, const std::string& from, const std::string& to);

}  // namespace lockkeeper
