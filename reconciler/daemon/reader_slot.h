#pragma once

#include <memory>
#include <mutex>

#include "gitops/repository/repository.h"
#include "reconciler/cli/exit_code.h"
#include "reconciler/cli/global_options.h"

namespace lockkeeper {

/// Hands the API its own view of the repository that the loop follows. A view of a remote's clone can only be
/// made where the loop has it, so one is kept ready here. Thread-safe.
class ReaderSlot {
 public:
  /// What the API reads of: it asks no network. kUnreachable: the loop has not got that far.
  CliResult<std::unique_ptr<Repository>> Take(const GlobalOptions& options);

  /// What was taken last is of a repository that the loop has closed since, so it stays where it is; there is
  /// one of its successor.
  bool HasSuccessor();

  /// From the loop: sees that there is one. null: the loop has closed its repository.
  void Refill(Repository* followed);

 private:
  std::mutex mutex_;
  std::unique_ptr<Repository> next_;
  const Repository* followed_ = nullptr;  ///< that `next_` is of, or whoever took it has a view of
  bool is_successor_ = false;
};

}  // namespace lockkeeper
