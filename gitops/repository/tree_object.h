#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "gitops/repository/repository.h"
#include "schemas/error.h"

namespace lockkeeper {

constexpr size_t kMaxTreeBytes = size_t{256} << 20;
constexpr size_t kMaxPathBytes = 4096;  ///< as Linux has it; bounds the depth of folders too
constexpr uint32_t kFolderMode = 0040000;

/// One entry of a raw tree. The views point into the tree's bytes.
struct RawTreeEntry {
  std::string_view bytes;  ///< the whole entry: mode, name and id
  std::string_view name;
  std::string_view id;  ///< 20 bytes
  uint32_t mode = 0;

  bool IsFolder() const { return (mode & 0170000) == kFolderMode; }
  /// As git reads modes: any regular file is 644 or 755, what nobody knows is a submodule. Not for folders.
  FileMode file_mode() const;
};

/// Git's order within a tree: a folder's name sorts as if it ended in '/'. The same name as a file and as a
/// folder are two different keys.
std::strong_ordering CompareTreeKeys(std::string_view a, bool a_is_folder, std::string_view b,
                                     bool b_is_folder);

/// Reads a tree entry by entry. Refuses what no path can express or what would make a merge of two trees
/// wrong: empty names, names with a slash, and entries that are out of order or repeated.
class TreeCursor {
 public:
  explicit TreeCursor(std::string_view tree) : tree_(tree) {}

  /// Moves to the next entry, the first to begin with; then entry() is it, or the tree is at its end.
  Result<void> Next();
  bool at_end() const { return at_end_; }
  const RawTreeEntry& entry() const { return entry_; }
  /// Where the current entry begins; the tree's size at the end.
  size_t offset() const { return offset_; }

 private:
  std::string_view tree_;
  size_t offset_ = 0;
  RawTreeEntry entry_;
  bool at_end_ = false;
};

/// Appends one entry.
void AppendTreeEntry(std::string& tree, uint32_t mode, std::string_view name, std::string_view raw_id);

}  // namespace lockkeeper
