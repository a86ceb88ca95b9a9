#include "reconciler/cli/output/terminal_width.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string_view>

namespace lockkeeper {
namespace {

// Narrower than this nothing can be drawn, and wider nobody can read.
constexpr size_t kWidthMin = 40;
constexpr size_t kWidthMax = 1000;

size_t WrittenWidth() {
  // Nobody changes the environment of this process after its start.
  const char* value = std::getenv("COLUMNS");  // NOLINT(concurrency-mt-unsafe)
  if (value == nullptr) return 0;
  const std::string_view text = value;
  size_t columns = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), columns);
  return error == std::errc{} && end == text.data() + text.size() ? columns : 0;
}

}  // namespace

size_t TerminalWidth() {
  winsize size{};
  size_t columns = WrittenWidth();
  if (columns == 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) columns = size.ws_col;
  return columns == 0 ? kUsualWidth : std::clamp(columns, kWidthMin, kWidthMax);
}

}  // namespace lockkeeper
