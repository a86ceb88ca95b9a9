#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gitops/repository/repository.h"

namespace lockkeeper {

/// A repository that fails on purpose, for runs of the kind "fail call N for N = 1, 2, 3 ... and reach the
/// same end". Calls are counted from 1 over the whole interface; branch() is none.
class FaultyRepository : public Repository {
 public:
  enum class Mode {
    kBefore,          ///< the call does nothing and fails
    kUnknownOutcome,  ///< a Publish happens, and its answer gets lost; other calls fail as with kBefore
  };
  struct Fault {
    int call = 0;
    ErrorKind kind = ErrorKind::kTransient;
    Mode mode = Mode::kBefore;
  };

  explicit FaultyRepository(std::unique_ptr<Repository> real) : real_(std::move(real)) {}

  /// Call number `fault.call` of all fails, once; several faults may wait.
  void FailAt(Fault fault) { faults_.push_back(fault); }
  int calls() const { return calls_; }
  /// The names of the calls so far, in order.
  const std::vector<std::string>& journal() const { return journal_; }

  Result<std::string> Fetch() override;
  const std::string& branch() const override { return real_->branch(); }
  Result<std::string> Resolve(const std::string& revision) override;
  Result<std::vector<TreeDifference>> Diff(const std::string& from, const std::string& to) override;
  Result<std::string_view> ReadBlob(const std::string& id) override;
  Result<TreeEntry> FindFile(const std::string& commit, std::string_view path) override;
  Result<std::string_view> ReadCommit(const std::string& id) override;
  Result<void> WalkHistory(const std::string& from,
                           const std::function<bool(const CommitRecord&)>& visit) override;
  Result<std::vector<std::string>> Publish(const std::string& base,
                                           const std::vector<CommitDraft>& commits) override;

 private:
  std::optional<Fault> Count(std::string name);
  Error FailureOf(const Fault& fault) const;

  std::unique_ptr<Repository> real_;
  std::vector<Fault> faults_;
  std::vector<std::string> journal_;
  int calls_ = 0;
};

}  // namespace lockkeeper
