#pragma once

#include <string>
#include <string_view>

#include "schemas/error.h"

namespace lockkeeper {

/// Puts new bytes in the place of a regular file, all or nothing: readers see the old or the new ones, also
/// after a crash. Its mode stays, its owner where that is allowed. A symbolic link stays one; the file that
/// it leads to is replaced.
Result<void> ReplaceFile(const std::string& path, std::string_view bytes);

/// Writes a file that was not there, with the folders that it needs. kConflict: it is there already.
Result<void> WriteNewFile(const std::string& path, std::string_view bytes);

}  // namespace lockkeeper
