#pragma once

#include <vector>

#include "gitops/repository/object_id.h"
#include "gitops/repository/object_store.h"
#include "gitops/repository/pack_writer.h"
#include "gitops/repository/repository.h"

namespace lockkeeper {

/// The tree of a commit; kNotFound: no such commit.
Result<ObjectId> ReadTreeOfCommit(ObjectStore& store, const ObjectId& commit);

/// Writes the drafts as commits into the pack, each on the one before, the first on `base` (none: a root
/// commit), with all blobs and trees that are new. Returns their ids, which depend on the arguments only.
Result<std::vector<ObjectId>> WriteCommits(ObjectStore& store, PackWriter& pack, const ObjectId& base,
                                           const std::vector<CommitDraft>& drafts);

}  // namespace lockkeeper
