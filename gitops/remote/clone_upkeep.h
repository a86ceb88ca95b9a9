#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gitops/remote/clone_contents.h"
#include "gitops/repository/object_store.h"
#include "gitops/repository/objects_place.h"
#include "schemas/error.h"

namespace lockkeeper {

/// When a clone is tidied up. Each fetch with something new adds a pack.
struct CloneLimits {
  size_t packs_max = 32;                            ///< at so many small ones they become one
  size_t packs_merged_min = 16;                     ///< of them at once
  uint64_t merged_bytes_max = uint64_t{256} << 20;  ///< a pack of more than half of it stays as it is
  uint64_t growth_free = uint64_t{16} << 20;  ///< a clone is made anew at twice its size when made, and this
};

/// The packs to be made one: none while there are few small ones. Each comes with the smaller ones, up to
/// where the next is more than twice as large as all of these together: so a byte is copied about as often as
/// the clone doubles.
std::vector<ClonePack> ChoosePacksToMerge(std::vector<ClonePack> packs, const CloneLimits& limits);

/// Makes them one pack and removes them, while others read. A crash at any moment leaves every object in one
/// pack or in two.
Result<void> MergeClonePacks(ObjectStore& store, ObjectsPlace& place, const std::vector<ClonePack>& packs);

}  // namespace lockkeeper
