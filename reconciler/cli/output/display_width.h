#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lockkeeper {

/// Columns that a terminal takes for it: 0 for combining marks, 2 for East Asian wide characters and most
/// emoji. Bytes that are no UTF-8 count 1 each.
size_t DisplayWidth(std::string_view text);

/// Text of others made fit for a terminal: control characters (escape sequences among them), characters that
/// reorder a line, and bytes that are no UTF-8 become `\x1b` or `\u202e`. Tabs and line ends too.
std::string ForTerminal(std::string_view text);
/// The same, except that line ends stay.
std::string LinesForTerminal(std::string_view text);

}  // namespace lockkeeper
