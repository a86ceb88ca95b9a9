#pragma once

#include <set>
#include <string>
#include <string_view>

#include "schemas/error.h"

namespace lockkeeper {

/// Takes whole documents out of a text, each with the `---` above it and the comments in it; every other byte
/// stays. `documents` are counted from 0, as parsers count them. Empty where no document with content is
/// left: then the file can go. The result is parsed again with both parsers: the documents that are left must
/// be what they were. kInvalid, with a reason, where that cannot be had (`...` lines, %directives) or there
/// is no such document.
Result<std::string> RemoveDocuments(std::string_view text, const std::set<int>& documents);

}  // namespace lockkeeper
