#pragma once

#include <string_view>
#include <vector>

#include "schemas/inventory/compiled_rule.h"
#include "schemas/kinds/cluster.h"

namespace lockkeeper {

class DocumentReader;

/// One parsed document of a file.
struct DocumentView {
  std::string_view file;
  std::string_view text;  ///< of the whole file
  int document = 0;
  const DocumentReader* reader = nullptr;
};

/// The refs of a rule in one document: one, unless the path has a step `[*]`; one with the problem `missing`
/// where nothing stands there. An optional ref that is missing gives none.
std::vector<Ref> FindRefs(const DocumentView& document, const CompiledRef& rule);

/// The ref at one path, judged. `path_text` is how the path is written.
Ref ReadRef(const DocumentView& document, const CompiledRef& rule, const FieldPath& path,
            std::string_view path_text);

/// A ref that is not there at all.
Ref MissingRef(std::string_view file, int document, Mark mark, const CompiledRef& rule, std::string message);

/// Several places where just one may be: none of them is chosen.
Ref AmbiguousRef(const std::vector<Ref>& found, const CompiledRef& rule);

}  // namespace lockkeeper
