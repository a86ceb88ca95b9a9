#pragma once

#include <string>
#include <vector>

#include "gitops/repository/object_id.h"
#include "schemas/error.h"

namespace lockkeeper {

/// Commits of a bare repository that a server may have too, so that it sends only what is new: `known`, where
/// it is there, older ones of its first-parent history at growing distances (the branch may have been
/// rewritten), and what the refs name. At most kSharedHistoryMax.
Result<std::vector<ObjectId>> FindSharedHistory(const std::string& git_dir, const std::string& known);

inline constexpr size_t kSharedHistoryMax = 64;

/// Whether the objects of a bare repository hold this commit. kInvalid: it is another kind of object.
Result<bool> HasCommit(const std::string& git_dir, const ObjectId& id);

}  // namespace lockkeeper
