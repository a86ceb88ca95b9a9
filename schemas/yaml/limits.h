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

/// For files that people own and lockkeeper only reads refs from: such a file may hold a whole fleet. A node
/// takes about 200 bytes, so a tree stays below some 150 MB; libfyaml itself takes up to 140 bytes for each
/// byte of a hostile text (`[]` in every line) before it refuses it.
inline constexpr YamlLimits kUserFileLimits{
    .bytes_max = size_t{8} << 20, .documents_max = 20'000, .nodes_max = 500'000, .depth_max = 100};

}  // namespace lockkeeper
