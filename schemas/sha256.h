#pragma once

#include <string>
#include <string_view>

namespace lockkeeper {

/// The SHA-256 of the bytes, as 64 small hex digits.
std::string Sha256Hex(std::string_view bytes);

}  // namespace lockkeeper
