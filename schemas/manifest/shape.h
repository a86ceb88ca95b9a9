#pragma once

#include <cstddef>

#include "schemas/manifest/collector.h"

namespace lockkeeper {

/// One object is written by people; past that it is something else, and judging it would cost too much.
inline constexpr size_t kObjectNodesMax = 50'000;
inline constexpr size_t kKeyBytesMax = 256;

/// Reports what no object of ours may hold, whatever its schema says: aliases and anchors, tags, keys that
/// are no text or too long, characters that cannot be printed. False where the object is too large to be
/// judged further.
bool CheckShape(const Place& document, Collector& findings);

}  // namespace lockkeeper
