#pragma once

#include <string>
#include <string_view>

namespace lockkeeper {

bool IsUtf8(std::string_view text);
/// Bytes that are no UTF-8 become U+FFFD.
std::string ToUtf8Lossy(std::string_view text);
std::string Latin1ToUtf8(std::string_view text);

}  // namespace lockkeeper
