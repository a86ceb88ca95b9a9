#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "schemas/yaml/node.h"
#include "schemas/yaml/scalar_decoder.h"

namespace lockkeeper {

/// Where the bytes of a decoded scalar stand in its source: runs of bytes that are the same in both. What
/// lies between runs (escapes, line breaks, indentation) has no place of its own.
class OffsetTable {
 public:
  /// For a scalar of ParseUserYaml(source). The source is decoded again on the way and must give the scalar's
  /// value; nullopt where it does not.
  static std::optional<OffsetTable> Of(std::string_view source, const YamlNode& scalar);

  /// The source offset of decoded bytes [begin, end), if they stand there together and unchanged.
  std::optional<size_t> SourceOf(size_t begin, size_t end) const;
  /// The source offset that is shown to people for a decoded offset: at it, or at the end of the run before
  /// it.
  size_t Nearest(size_t decoded) const;

 private:
  const SourceRun* RunAt(size_t decoded) const;

  std::vector<SourceRun> runs_;
  size_t begin_ = 0;
};

}  // namespace lockkeeper
