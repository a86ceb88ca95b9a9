#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gitops/repository/object_id.h"
#include "gitops/repository/object_store.h"
#include "schemas/error.h"

namespace lockkeeper {

/// The refs of a clone are ours: `refs/lockkeeper/heads/BRANCH` is the newest commit of BRANCH that was
/// fetched. It tells the remote what we have, and is where the next start goes on.
struct CloneRef {
  std::string branch;
  ObjectId commit;
};

struct ClonePack {
  std::string stem;  ///< path without .pack
  uint64_t bytes = 0;
  bool operator==(const ClonePack&) const = default;
};

struct CloneContents {
  std::vector<CloneRef> refs;
  std::vector<ClonePack> packs;  ///< by stem

  uint64_t pack_bytes() const;
};

/// What stands in a clone, from names and sizes alone. kInvalid: it is damaged, and how: no bare repository
/// of ours, a ref without an id, a pack without its index, packs and no ref.
Result<CloneContents> ReadClone(const std::string& git_dir);

/// Whether all packs are whole, by the checksums of their indexes. kInvalid: damaged.
Result<void> CheckPacks(const CloneContents& contents);

/// Whether the commit, its trees and its files are there; files are not opened. kInvalid: something is
/// missing, or damaged.
Result<void> CheckComplete(ObjectStore& store, const ObjectId& commit);

/// Moves our ref of the branch, durably; refs of other branches go.
Result<void> MoveCloneRef(const std::string& git_dir, const CloneRef& ref);

/// Whether the name can stand in a ref. A server may say anything.
bool IsBranchName(const std::string& branch);

/// Unfinished packs, locks and marks that a process left behind which is no more.
void RemoveRemainsOfCrash(const std::string& git_dir);

/// Of all files below a folder; what has been counted once it reaches `enough`.
uint64_t BytesBelow(const std::string& path, uint64_t enough);

}  // namespace lockkeeper
