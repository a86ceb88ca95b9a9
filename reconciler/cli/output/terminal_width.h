#pragma once

#include <cstddef>

namespace lockkeeper {

/// Columns to draw in: those of the terminal behind stdout, or of the variable COLUMNS, or kUsualWidth.
size_t TerminalWidth();

inline constexpr size_t kUsualWidth = 120;

}  // namespace lockkeeper
