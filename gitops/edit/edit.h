#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schemas/error.h"

namespace lockkeeper {

/// One scalar to set. `expected`: the decoded value that was seen when the edit was decided; another one
/// there now is kConflict. No expectation (nullptr) for people's own edits.
struct ScalarEdit {
  int document = 0;  ///< counted from 0
  std::string path;  ///< field path
  const std::string* expected = nullptr;
  std::string value;
};

/// Changes exactly the bytes of those values and keeps quote style, line ends and everything else. The result
/// is parsed again with both parsers: it must differ from `text` at these paths only, and hold the new values
/// there. kInvalid with a reason where that cannot be had (alias, folded block, multi-line plain scalar,
/// null, template, duplicate key, a value that does not fit the style). A plain value that would change type
/// (1.20, yes) is quoted.
Result<std::string> SetScalars(std::string_view text, const std::vector<ScalarEdit>& edits);

}  // namespace lockkeeper
