#include "reconciler/cli/output/style.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

namespace lockkeeper {
namespace {

std::string_view Variable(const char* name) {
  // Nobody changes the environment of this process after its start.
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? std::string_view() : std::string_view(value);
}

std::string_view CodeOf(Paint paint) {
  switch (paint) {
    case Paint::kPlain:
      return "";
    case Paint::kBold:
      return "1";
    case Paint::kDim:
      return "2";
    case Paint::kRed:
      return "31";
    case Paint::kGreen:
      return "32";
    case Paint::kYellow:
      return "33";
    case Paint::kCyan:
      return "36";
  }
  return "";
}

}  // namespace

std::string Style::operator()(Paint paint, std::string_view text) const {
  if (!colored_ || paint == Paint::kPlain || text.empty()) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", CodeOf(paint), text);
}

Style StyleFor(ColorMode mode, int fd) {
  if (mode != ColorMode::kAuto) return Style(mode == ColorMode::kAlways);
  return Style(Variable("NO_COLOR").empty() && Variable("TERM") != "dumb" && ::isatty(fd) == 1);
}

}  // namespace lockkeeper
