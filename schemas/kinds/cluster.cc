#include "schemas/kinds/cluster.h"

#include <algorithm>

namespace lockkeeper {

std::string_view FindLabel(const Labels& labels, std::string_view key) {
  auto it =
      std::ranges::lower_bound(labels, key, {}, [](const auto& l) { return std::string_view{l.first}; });
  return it != labels.end() && it->first == key ? std::string_view{it->second} : std::string_view{};
}

}  // namespace lockkeeper
