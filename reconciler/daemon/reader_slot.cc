#include "reconciler/daemon/reader_slot.h"

#include <utility>

#include "reconciler/cli/open_fleet.h"
#include "reconciler/cli/remote.h"

namespace lockkeeper {

CliResult<std::unique_ptr<Repository>> ReaderSlot::Take(const GlobalOptions& options) {
  if (!IsRemote(options.repo)) return OpenRepository(options);
  const std::scoped_lock lock{mutex_};
  if (next_ == nullptr) {
    return Stop(ExitCode::kUnreachable, ShownRepo(options.repo) + ": has not been read yet; try again in a moment");
  }
  return std::move(next_);
}

void ReaderSlot::Refill(Repository& followed) {
  auto* remote = dynamic_cast<RemoteRepository*>(&followed);
  if (remote == nullptr) return;
  const std::scoped_lock lock{mutex_};
  if (next_ != nullptr) return;
  if (auto reader = remote->OpenReader()) next_ = std::move(*reader);
}

}  // namespace lockkeeper
