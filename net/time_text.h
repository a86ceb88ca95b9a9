#pragma once

#include <chrono>
#include <string>

namespace lockkeeper {

/// 30 s, 1.5 s, 250 ms.
std::string TimeText(std::chrono::milliseconds time);

}  // namespace lockkeeper
