#pragma once

#include <cstddef>

namespace lockkeeper {

/// Bounds on one YAML text. Past one of them the text is refused with the place; nothing is parsed in part.
struct YamlLimits {
  size_t bytes_max = size_t{1} << 20;
  size_t documents_max = 1'000;
  size_t nodes_max = 200'000;
  size_t depth_max = 100;
};

}  // namespace lockkeeper
