#pragma once

#include <string>

#include "gitops/repository/object_id.h"
#include "schemas/error.h"
#include "schemas/instant.h"

namespace lockkeeper {

/// core.logAllRefUpdates.
enum class ReflogRule { kExistingOnly, kBranches };

struct ReflogEntry {
  ObjectId old_id;
  ObjectId new_id;
  std::string name;
  std::string email;
  Instant time;
  std::string message;
};

/// Appends to the log of `ref` (`refs/heads/x` or `HEAD`) in `git_dir` where git would.
Result<void> AppendReflog(const std::string& git_dir, const std::string& ref, ReflogRule rule,
                          const ReflogEntry& entry);

}  // namespace lockkeeper
