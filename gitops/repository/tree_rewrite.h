#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gitops/repository/object_id.h"
#include "gitops/repository/object_store.h"
#include "gitops/repository/pack_writer.h"
#include "gitops/repository/repository.h"

namespace lockkeeper {

/// Writes files into trees: only the trees on the way to a changed file are read and written. Several commits
/// may follow each other; what one wrote the next one finds, though it is in the unfinished pack only.
class TreeRewriter {
 public:
  TreeRewriter(ObjectStore& store, PackWriter& pack) : store_(store), pack_(pack) {}

  /// The root tree that has these files; `root` is the tree before (none: an empty one), and is what the call
  /// before returned, or a tree of the store. kInvalid where a write and the tree do not fit, with the path.
  Result<ObjectId> Rewrite(const ObjectId& root, const std::vector<FileWrite>& writes);

 private:
  struct Written {
    ObjectId id;
    std::string bytes;
    PackedObject packed;
  };
  struct Group;
  struct Probe;

  Result<ObjectId> RewriteFolder(const std::string& folder, const ObjectId& id, const FileWrite* const* begin,
                                 const FileWrite* const* end);
  Result<std::string> ReadFolder(const std::string& folder, const ObjectId& id);
  static Result<void> Locate(const std::string& folder, std::string_view bytes,
                             const std::vector<Probe*>& ordered);
  Result<void> Apply(const std::string& folder, const Group& group, Probe& file, Probe& subfolder);
  Result<void> ApplyLeaf(const FileWrite& write, Probe& file, const Probe& subfolder);

  Result<ObjectId> Write(const std::string& folder, const ObjectId& old_id, std::string_view old_bytes,
                         const std::vector<Probe*>& ordered);

  ObjectStore& store_;
  PackWriter& pack_;
  // The last tree that was written at each path. That is all that can be asked for again: an older one of the
  // same path is not in the tree that the next commit starts from.
  std::map<std::string, Written> written_;
};

}  // namespace lockkeeper
