#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lockkeeper {

/// The folder of a path in the repository, without a final '/'; empty at the root.
std::string_view FolderOf(std::string_view path);
std::string_view NameOf(std::string_view path);

/// `relative` as seen from `folder`, with `.` and `..` taken out; nullopt where it leaves the repository.
std::optional<std::string> ResolveTreePath(std::string_view folder, std::string_view relative);

}  // namespace lockkeeper
