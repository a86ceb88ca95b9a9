#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "reconciler/cli/output/output_format.h"

namespace lockkeeper {

enum class Paint : uint8_t { kPlain, kBold, kDim, kRed, kGreen, kYellow, kCyan };

/// Colours for one stream; without them every text stays as it is.
class Style {
 public:
  Style() = default;
  explicit Style(bool colored) : colored_(colored) {}

  std::string operator()(Paint paint, std::string_view text) const;
  bool colored() const { return colored_; }

 private:
  bool colored_ = false;
};

/// `auto`: on a terminal that knows colours, unless NO_COLOR (no-color.org) is set.
Style StyleFor(ColorMode mode, int fd);

}  // namespace lockkeeper
