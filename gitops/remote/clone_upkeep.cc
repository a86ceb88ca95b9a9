#include "gitops/remote/clone_upkeep.h"

#include <unistd.h>

#include <algorithm>
#include <ranges>

#include "gitops/repository/pack_merge.h"

namespace lockkeeper {

std::vector<ClonePack> ChoosePacksToMerge(std::vector<ClonePack> packs, const CloneLimits& limits) {
  // There are few large ones: their sum is bounded, and each time they double the clone is made anew.
  std::erase_if(packs, [&](const ClonePack& pack) { return pack.bytes > limits.merged_bytes_max / 2; });
  if (packs.size() < limits.packs_max) return {};
  std::ranges::sort(packs, [](const ClonePack& a, const ClonePack& b) {
    return a.bytes != b.bytes ? a.bytes < b.bytes : a.stem < b.stem;
  });
  uint64_t sum = 0;
  size_t taken = 0;
  while (taken < packs.size() && (taken < limits.packs_merged_min || packs[taken].bytes <= 2 * sum) &&
         sum + packs[taken].bytes <= limits.merged_bytes_max) {
    sum += packs[taken++].bytes;
  }
  if (taken < 2) return {};
  packs.resize(taken);
  return packs;
}

Result<void> MergeClonePacks(ObjectStore& store, ObjectsPlace& place, const std::vector<ClonePack>& packs) {
  std::vector<std::string> stems;
  // The largest first: it has been merged before, and where an object is in several packs, its chains stay.
  for (const ClonePack& pack : std::views::reverse(packs)) stems.push_back(pack.stem);
  auto merged = MergePacks(store, place.path(), stems);
  if (!merged) return std::unexpected(merged.error());
  place.Change([&] {
    // The index first: without it nobody looks for the pack.
    for (const std::string& stem : stems) {
      if (stem == merged->stem()) continue;
      ::unlink((stem + ".idx").c_str());
      ::unlink((stem + ".pack").c_str());
    }
  });
  merged->Release();
  return {};
}

}  // namespace lockkeeper
