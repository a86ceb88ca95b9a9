#pragma once

#include <cstdint>

namespace lockkeeper {

enum class OutputFormat : uint8_t { kText, kJson, kYaml, kSarif };
enum class ColorMode : uint8_t { kAuto, kAlways, kNever };

}  // namespace lockkeeper
