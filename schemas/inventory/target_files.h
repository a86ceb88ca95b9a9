#pragma once

#include <deque>
#include <list>
#include <string>

#include "schemas/inventory/document_reader.h"
#include "schemas/inventory/inventory.h"
#include "schemas/inventory/ref_search.h"

namespace lockkeeper {

/// A file that a ref rule names, parsed.
struct TargetFile {
  std::string path;
  std::string text;
  YamlStream stream;
  std::deque<DocumentReader> readers;
  std::vector<DocumentView> documents;
  Mark error_mark;
  std::string error;  ///< why it cannot be read; empty: it can
};

/// The files that were read last, for clusters that share them. Valid for one update.
class TargetFiles {
 public:
  explicit TargetFiles(TextPool& texts) : texts_(texts) {}
  /// Only errors that a later attempt may not meet are errors here. The pointer lives until the next call.
  Result<const TargetFile*> Open(const TreeFile& file, const ReadBlob& read);

 private:
  TextPool& texts_;
  std::list<TargetFile> files_;  ///< last used first
};

}  // namespace lockkeeper
