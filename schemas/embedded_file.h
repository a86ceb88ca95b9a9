#pragma once

#include <string_view>

namespace lockkeeper {

/// A file of the source tree whose bytes are part of the program (cmake/LockkeeperEmbed.cmake).
struct EmbeddedFile {
  std::string_view name;  ///< without folder
  std::string_view text;
};

}  // namespace lockkeeper
