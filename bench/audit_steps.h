#pragma once

#include <string>

#include "gitops/repository/repository.h"
#include "schemas/error.h"

namespace lockkeeper {

/// Fills an empty repository with a fleet and its history: each cluster goes through each upgrade, 25 of them
/// in a pass, a commit for each bump. Passes are a minute apart.
Result<std::string> MakeHistory(Repository& repository, int clusters, int upgrades);

/// Audits all of it.
Result<std::string> AuditHistory(Repository& repository, const std::string& head);

}  // namespace lockkeeper
