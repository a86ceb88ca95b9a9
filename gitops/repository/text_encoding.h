#pragma once

#include <string>
#include <string_view>

namespace lockkeeper {

std::string Latin1ToUtf8(std::string_view text);

}  // namespace lockkeeper
