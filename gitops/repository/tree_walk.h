#pragma once

#include <string_view>
#include <vector>

#include "gitops/repository/object_id.h"
#include "gitops/repository/object_store.h"
#include "gitops/repository/repository.h"

namespace lockkeeper {

/// A tree may name the same subtree again and again, so a few kilobytes can stand for more files than there
/// are atoms. Past a limit a walk ends with kInvalid.
struct TreeLimits {
  size_t folders = 1'000'000;
  size_t entries = 20'000'000;
  size_t open_bytes = size_t{1} << 30;  ///< of the trees on the way down
  size_t result_bytes = size_t{1} << 30;
};

/// Files that differ between two trees, in path order. `from` may be none: everything in `to`.
Result<std::vector<TreeDifference>> DiffTrees(ObjectStore& store, const ObjectId& from, const ObjectId& to,
                                              const TreeLimits& limits = {});

/// One file of a tree; kNotFound also where `path` is a folder.
Result<TreeEntry> FindInTree(ObjectStore& store, const ObjectId& tree, std::string_view path);

}  // namespace lockkeeper
