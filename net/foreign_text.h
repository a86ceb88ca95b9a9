#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/secret.h"

namespace lockkeeper {

/// What a server said, as one line for messages: its lines joined by "; ", without control characters and
/// those that reorder a line; the first `bytes_max` bytes of it, and ... where there is more.
std::string OneLine(std::string_view foreign, size_t bytes_max);

/// `text` with *** in place of every secret in it and of every user part of a URL in it.
std::string WithoutSecrets(std::string text, const std::vector<Secret>& secrets);

/// `text` with *** in place of a name where it stands as a word of its own.
std::string WithoutName(std::string text, std::string_view name);

}  // namespace lockkeeper
