#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "gitops/repository/object_id.h"
#include "gitops/repository/object_store.h"
#include "schemas/error.h"

namespace lockkeeper {

/// The commit that a person's words name; Repository::Resolve has the grammar and the errors. `of_name` gives
/// the object that a ref's name stands for, kNotFound where there is none.
Result<ObjectId> ResolveRevision(ObjectStore& store, std::string_view revision,
                                 const std::function<Result<ObjectId>(const std::string&)>& of_name);

}  // namespace lockkeeper
