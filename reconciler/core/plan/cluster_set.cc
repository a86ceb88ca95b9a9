#include "reconciler/core/plan/cluster_set.h"

#include <algorithm>
#include <functional>

#include "schemas/assert.h"
#include "schemas/sha256.h"

namespace lockkeeper {

std::string HashClusterSet(const std::vector<std::string>& sorted_names) {
  LK_ASSERT(std::ranges::adjacent_find(sorted_names, std::ranges::greater_equal{}) == sorted_names.end());
  std::string text;
  for (const std::string& name : sorted_names) {
    text += name;
    text += '\n';
  }
  return "sha256:" + Sha256Hex(text);
}

}  // namespace lockkeeper
