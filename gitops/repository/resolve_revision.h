#pragma once

#include <string_view>

#include "gitops/repository/git_library.h"
#include "gitops/repository/object_id.h"
#include "gitops/repository/object_store.h"
#include "schemas/error.h"

namespace lockkeeper {

/// The commit that a person's words name; Repository::Resolve has the grammar and the errors.
Result<ObjectId> ResolveRevision(git_repository* repository, ObjectStore& store, std::string_view revision);

}  // namespace lockkeeper
