#include "schemas/inventory/release_ref.h"

#include <tuple>

namespace lockkeeper {
namespace {

int RankOf(RefRole role) {
  switch (role) {
    case RefRole::kRelease:
      return 0;
    case RefRole::kControlPlane:
      return 1;
    case RefRole::kNodes:
      break;
  }
  return 2;
}

}  // namespace

const Ref* ReleaseRef(const std::vector<Ref>& refs) {
  auto rank = [](const Ref& ref) { return std::tuple{ref.format.contains("{component."), RankOf(ref.role)}; };
  const Ref* best = nullptr;
  for (const Ref& ref : refs) {
    if (ref.version.empty()) continue;
    if (best == nullptr || rank(ref) < rank(*best)) best = &ref;
  }
  return best;
}

}  // namespace lockkeeper
