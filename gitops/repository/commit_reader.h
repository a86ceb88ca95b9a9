#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "gitops/repository/object_id.h"
#include "gitops/repository/object_store.h"
#include "gitops/repository/repository.h"

namespace lockkeeper {

/// What Repository promises about reading, over one store of objects. Not thread-safe.
class CommitReader {
 public:
  struct Options {
    std::string location;      ///< names the repository in messages
    std::string shallow_path;  ///< the file that lists where a shallow clone ends; empty: there is none
    size_t blob_bytes_max = size_t{16} << 20;
  };
  CommitReader(ObjectStore store, Options options);

  Result<std::vector<TreeDifference>> Diff(const std::string& from, const std::string& to);
  Result<std::string_view> ReadBlob(const std::string& id);
  Result<TreeEntry> FindFile(const std::string& commit, std::string_view path);
  Result<std::string_view> ReadCommit(const std::string& id);
  Result<void> WalkHistory(const std::string& from, const std::function<bool(const CommitRecord&)>& visit);
  /// As Repository::Resolve; `of_name` gives what a ref's name stands for, kNotFound where there is none.
  Result<std::string> Resolve(const std::string& revision,
                              const std::function<Result<ObjectId>(const std::string&)>& of_name);

  ObjectStore& store() { return store_; }

 private:
  Result<ObjectId> TreeOf(const std::string& commit);
  std::unexpected<Error> MissingParent(const ObjectId& id, const ObjectId& child) const;

  ObjectStore store_;
  Options options_;
  ObjectBytes blob_;
};

/// kInvalid: no full id; `what` names its kind.
Result<ObjectId> RequireObjectId(std::string_view what, std::string_view text);

}  // namespace lockkeeper
