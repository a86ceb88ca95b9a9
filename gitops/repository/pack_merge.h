#pragma once

#include <string>
#include <vector>

#include "gitops/repository/object_store.h"
#include "gitops/repository/pack_writer.h"

namespace lockkeeper {

/// Puts the objects of several packs into one new pack of `objects_path`, each object once. Deltas stay
/// deltas, unless their chain grew too long; nothing else is inflated. The old packs (`stems`: paths without
/// their suffix) are left as they are; `store` reads them. The first pack's copy of an object is taken.
/// kInvalid: one of them is damaged.
Result<InstalledPack> MergePacks(ObjectStore& store, const std::string& objects_path,
                                 const std::vector<std::string>& stems);

}  // namespace lockkeeper
