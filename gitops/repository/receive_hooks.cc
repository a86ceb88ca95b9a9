#include "gitops/repository/receive_hooks.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <utility>

#include "gitops/repository/child_process.h"
#include "gitops/repository/spawn.h"
#include "schemas/utf8.h"

namespace lockkeeper {
namespace {

constexpr std::chrono::seconds kHookTimeMax{60};

std::string Line(const RefMove& move) {
  return fmt::format("{} {} {}\n", move.old_id.Hex(), move.new_id.Hex(), move.ref);
}

}  // namespace

ReceiveHooks::ReceiveHooks(std::string git_dir, std::string hooks_dir)
    : git_dir_(std::move(git_dir)), hooks_dir_(std::move(hooks_dir)) {
  if (!hooks_dir_.starts_with('/')) hooks_dir_ = fmt::format("{}/{}", git_dir_, hooks_dir_);
}

bool ReceiveHooks::Has(std::string_view name) const {
  std::string path = fmt::format("{}/{}", hooks_dir_, name);
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && !S_ISDIR(status.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

Result<void> ReceiveHooks::Run(std::string_view name, std::vector<std::string> arguments, std::string input,
                               std::vector<std::string> environment) const {
  if (!Has(name)) return {};
  ChildCommand command{.program = fmt::format("{}/{}", hooks_dir_, name),
                       .arguments = std::move(arguments),
                       .folder = git_dir_,
                       .environment = InheritedEnvironment(),
                       .input = std::move(input),
                       .time_max = kHookTimeMax};
  for (std::string& variable : environment) command.environment.push_back(std::move(variable));
  auto outcome = RunChild(command);
  // A policy that cannot be asked has not agreed.
  if (!outcome) return Fail(ErrorKind::kDenied, fmt::format("hook {}: {}", name, outcome.error().message));
  if (outcome->timed_out) {
    return Fail(ErrorKind::kDenied, fmt::format("{}: the hook did not end within {} s and was stopped",
                                                command.program, kHookTimeMax.count()));
  }
  if (outcome->exit_code == 0) return {};
  std::string said = ToUtf8(outcome->output);
  while (said.ends_with('\n')) said.pop_back();
  return Fail(ErrorKind::kDenied, fmt::format("{}: the hook refused (exit code {}){}{}", command.program,
                                              outcome->exit_code, said.empty() ? "" : ": ", said));
}

Result<void> ReceiveHooks::RunWithInput(std::string_view name, const RefMove& move) const {
  return Run(name, {}, Line(move), {"GIT_DIR=."});
}

Result<void> ReceiveHooks::RunUpdate(const RefMove& move) const {
  return Run("update", {move.ref, move.old_id.Hex(), move.new_id.Hex()}, "", {"GIT_DIR=."});
}

Result<void> ReceiveHooks::RunPostUpdate(const RefMove& move) const {
  return Run("post-update", {move.ref}, "", {"GIT_DIR=."});
}

Result<void> ReceiveHooks::RunReferenceTransaction(std::string_view state, const RefMove& move) const {
  return Run("reference-transaction", {std::string(state)}, Line(move), {"GIT_DIR=."});
}

Result<void> ReceiveHooks::RunPushToCheckout(const std::string& work_tree, const ObjectId& new_id) const {
  return Run("push-to-checkout", {new_id.Hex()}, "", {"GIT_DIR=" + git_dir_, "GIT_WORK_TREE=" + work_tree});
}

}  // namespace lockkeeper
