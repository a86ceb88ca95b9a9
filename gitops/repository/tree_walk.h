#pragma once

#include <string_view>
#include <vector>

#include "gitops/repository/object_id.h"
#include "gitops/repository/object_store.h"
#include "gitops/repository/repository.h"

namespace lockkeeper {

/// A tree may name the same subtree again and again, so a few kilobytes can stand for more files than there
/// are atoms.
constexpr size_t kMaxEntriesVisited = 20'000'000;
constexpr size_t kMaxOpenTreeBytes = size_t{1} << 30;
constexpr size_t kMaxDifferenceBytes = size_t{1} << 30;

/// Files that differ between two trees, in path order. `from` may be none: everything in `to`.
Result<std::vector<TreeDifference>> DiffTrees(ObjectStore& store, const ObjectId& from, const ObjectId& to);

/// One file of a tree; kNotFound also where `path` is a folder.
Result<TreeEntry> FindInTree(ObjectStore& store, const ObjectId& tree, std::string_view path);

}  // namespace lockkeeper
