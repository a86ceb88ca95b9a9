#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "schemas/yaml/field_path.h"
#include "schemas/yaml/node.h"

namespace lockkeeper {

/// Reads values of one document by field path, also inside strings that hold YAML. For what is only looked
/// at; what is to be changed is found by Locate, which is stricter. Borrows the document. Not thread-safe.
class DocumentReader {
 public:
  struct Place {
    const YamlNode* node = nullptr;  ///< nullptr: nothing there (or an alias, which is never followed)
    Mark mark;                       ///< in the file; of the outermost string where the node is inside one
    const YamlNode* last = nullptr;  ///< the deepest node on the way
  };

  explicit DocumentReader(const YamlNode& root) : root_(&root) {}

  const YamlNode& root() const { return *root_; }
  Place Find(const FieldPath& path) const { return Find(path, path.steps.size()); }
  /// Only the first `steps` of the path.
  Place Find(const FieldPath& path, size_t steps) const;
  /// The text of a scalar; empty where there is none.
  std::string_view Text(const FieldPath& path) const;

 private:
  static const YamlNode* Step(const YamlNode& node, const FieldPathStep& step);

  const YamlNode* root_;
  /// Strings that were entered, so that each is parsed once.
  mutable std::unordered_map<const YamlNode*, std::unique_ptr<YamlStream>> embedded_;
};

}  // namespace lockkeeper
