#pragma once

#include <string>

namespace lockkeeper {

/// Of the libgit2 that is loaded, `1.5.1`.
std::string Libgit2Version();

}  // namespace lockkeeper
