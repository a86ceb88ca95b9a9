#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gitops/remote/clone_view.h"
#include "gitops/repository/commit_reader.h"
#include "gitops/repository/repository.h"

namespace lockkeeper {

/// Reads a clone, whatever is done to it meanwhile. What it finds damaged it complains of to the view.
class CloneReader : public Repository {
 public:
  /// `url` names the remote in messages.
  CloneReader(std::shared_ptr<CloneView> view, const std::string& url, size_t blob_bytes_max);

  /// The commit of the newest fetch; asks nobody.
  Result<std::string> Fetch() override;
  const std::string& branch() const override { return head_.branch; }
  Result<std::string> Resolve(const std::string& revision) override;
  Result<std::vector<TreeDifference>> Diff(const std::string& from, const std::string& to) override;
  Result<std::string_view> ReadBlob(const std::string& id) override;
  Result<TreeEntry> FindFile(const std::string& commit, std::string_view path) override;
  Result<std::string_view> ReadCommit(const std::string& id) override {
    return Watched(reader_.ReadCommit(id));
  }
  Result<void> WalkHistory(const std::string& from,
                           const std::function<bool(const CommitRecord&)>& visit) override;
  /// kInvalid: who reads does not publish.
  Result<std::vector<std::string>> Publish(const std::string& base,
                                           const std::vector<CommitDraft>& commits) override;

  ObjectStore& store() { return reader_.store(); }
  /// The same result; what is wrong with it goes to the view.
  template <class T>
  Result<T> Watched(Result<T> result) {
    if (!result) Look(result.error());
    return result;
  }

 private:
  void Look(Error& error);

  std::shared_ptr<CloneView> view_;
  std::string url_;
  CommitReader reader_;
  BranchHead head_;
};

}  // namespace lockkeeper
