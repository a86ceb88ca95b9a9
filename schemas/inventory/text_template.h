#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "schemas/error.h"
#include "schemas/yaml/field_path.h"

namespace lockkeeper {

class DocumentReader;

/// The text of InventoryRule::cluster and of its like: literal text and sources in braces.
class TextTemplate {
 public:
  /// Which sources besides field paths may stand in it.
  enum class Sources { kDocument, kDocumentAndCluster, kClusterOnly };
  /// What the sources are read from. `reader` may be null where only {cluster} and {namespace} can occur.
  struct Context {
    const DocumentReader* reader = nullptr;
    std::string_view path;  ///< the manifest's
    std::string_view cluster;
    std::string_view cluster_namespace;
  };
  struct Text {
    std::string value;
    std::string missing;  ///< the first source that gave nothing, as it was written; empty: all are there
    Mark mark;            ///< of the first value that a document gave
  };

  /// A text without braces is one source. kInvalid says what is wrong with it.
  static Result<TextTemplate> Parse(std::string_view text, Sources sources);
  /// As Parse, but a text without braces is literal.
  static Result<TextTemplate> ParseLiteral(std::string_view text, Sources sources);

  Text Evaluate(const Context& context) const;

 private:
  /// `path[N]` (from the back where negative), or `path[NAME+N]`.
  struct PathPart {
    std::string anchor;
    int offset = 0;
  };
  enum class Variable { kCluster, kNamespace, kFileStem };
  using Source = std::variant<FieldPath, PathPart, Variable>;
  struct Piece {
    std::string written;  ///< the literal, or what stood in the braces
    std::vector<Source> any_of;
  };

  Result<void> AddSources(std::string_view text, Sources sources);
  static Result<PathPart> ParsePathPart(std::string_view text);
  static std::string FindPathPart(const PathPart& part, std::string_view path);

  std::vector<Piece> pieces_;
};

}  // namespace lockkeeper
