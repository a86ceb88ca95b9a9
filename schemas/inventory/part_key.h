#pragma once

#include <string>
#include <string_view>

namespace lockkeeper {

/// Keys of the inventory's parts: refs that clusters of other files may claim. Join, folder and JoinKey make
/// the group that a cluster asks for; within it parts are ordered by path, then by their order in the file.
/// NUL separates; it is in no path, and JoinKey has none.
std::string PartGroup(int join, std::string_view folder, std::string_view join_key);
std::string PartKey(int join, std::string_view folder, std::string_view join_key, std::string_view path,
                    size_t number);

/// The group of a part's key.
std::string_view PartGroupOf(std::string_view part_key);
/// The path in a part's key.
std::string_view PathOfPart(std::string_view part_key);

/// In place of a JoinKey: the file may hold parts of any key, but cannot be read.
inline constexpr std::string_view kBrokenKey = "!";

}  // namespace lockkeeper
