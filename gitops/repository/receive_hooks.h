#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gitops/repository/object_id.h"
#include "schemas/error.h"

namespace lockkeeper {

struct RefMove {
  std::string ref;
  ObjectId old_id;
  ObjectId new_id;
};

/// Runs the hooks that `git receive-pack` would run, so that publishing into a repository on this machine
/// passes the same policies as a push: with the same input, arguments, folder and GIT_DIR, each for at most
/// kHookTimeMax.
class ReceiveHooks {
 public:
  /// `hooks_dir` relative to `git_dir`, or absolute.
  ReceiveHooks(std::string git_dir, std::string hooks_dir);

  /// kDenied with what the hook said; nothing where there is no such hook. `name` is pre-receive,
  /// post-receive.
  Result<void> RunWithInput(std::string_view name, const RefMove& move) const;
  Result<void> RunUpdate(const RefMove& move) const;
  Result<void> RunPostUpdate(const RefMove& move) const;
  /// `state` is prepared, committed or aborted.
  Result<void> RunReferenceTransaction(std::string_view state, const RefMove& move) const;
  /// Whether the hook exists and can be run.
  bool Has(std::string_view name) const;
  Result<void> RunPushToCheckout(const std::string& work_tree, const ObjectId& new_id) const;

 private:
  Result<void> Run(std::string_view name, std::vector<std::string> arguments, std::string input,
                   std::vector<std::string> environment) const;

  std::string git_dir_;
  std::string hooks_dir_;
};

}  // namespace lockkeeper
