#pragma once

#include <string_view>
#include <vector>

#include "schemas/inventory/compiled_rule.h"
#include "schemas/inventory/text_pool.h"
#include "schemas/kinds/cluster.h"

namespace lockkeeper {

class DocumentReader;

/// One parsed document of a file.
struct DocumentView {
  SharedText file;
  std::string_view text;  ///< of the whole file
  int document = 0;
  const DocumentReader* reader = nullptr;
  TextPool* texts = nullptr;  ///< for what refs have in common
};

/// The refs of a rule in one document: one, unless the path has a step `[*]`; one with the problem `missing`
/// where nothing stands there. An optional ref that is missing gives none.
std::vector<Ref> FindRefs(const DocumentView& document, const CompiledRef& rule);

/// The ref at one path, judged. `path_text` is how the path is written.
Ref ReadRef(const DocumentView& document, const CompiledRef& rule, const FieldPath& path,
            SharedText path_text);

/// A ref that is not there at all.
Ref MissingRef(SharedText file, int document, Mark mark, const CompiledRef& rule, std::string message);

/// Several places where just one may be: none of them is chosen.
Ref AmbiguousRef(const std::vector<Ref>& found, const CompiledRef& rule);

}  // namespace lockkeeper
