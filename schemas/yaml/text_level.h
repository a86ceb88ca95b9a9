#pragma once

#include <map>
#include <memory>
#include <string_view>

#include "schemas/yaml/field_path.h"
#include "schemas/yaml/offset_table.h"

namespace lockkeeper {

/// A text that field paths lead through: a file, or a string in one that holds YAML or JSON itself. Embedded
/// texts are parsed once and kept, so that several paths into one text share the work and the nodes.
struct TextLevel {
  std::string_view text;
  const TextLevel* outer = nullptr;  ///< nullptr: the file
  const YamlNode* scalar = nullptr;  ///< in `outer`: the string that is this text
  OffsetTable table;                 ///< from this text to the one of `outer`
  YamlStream stream;                 ///< of an embedded text
  std::map<const YamlNode*, std::unique_ptr<TextLevel>> embedded;
};

/// The scalar at the end of a path. Bytes [begin, end) of `level->text` equal `value`.
struct PathEnd {
  TextLevel* level = nullptr;
  const YamlNode* node = nullptr;
  std::string_view value;  ///< of a block scalar without its final line break
  size_t begin = 0;
  size_t end = 0;
};

/// Follows `path` from `root`, a document of file.text. Adds the texts that it enters to `file`.
std::expected<PathEnd, PathProblem> FollowPath(TextLevel& file, const YamlNode& root, const FieldPath& path);

/// Follows `path` to a mapping of the file itself, not of a text in it, that no alias shares. Codes as
/// PathProblem's, or not-a-mapping | embedded.
std::expected<const YamlNode*, PathProblem> FollowToMapping(TextLevel& file, const YamlNode& root,
                                                            const FieldPath& path);

/// Bytes of the file behind a place in an embedded text, and that place for people.
struct FilePlace {
  size_t begin = 0;
  size_t end = 0;
  Mark mark;
  int embedded = 0;
};
std::expected<FilePlace, PathProblem> PlaceInFile(const PathEnd& end);

}  // namespace lockkeeper
