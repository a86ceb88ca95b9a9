#include "reconciler/daemon/reader_slot.h"

#include <utility>

#include "reconciler/cli/open_fleet.h"
#include "reconciler/cli/remote.h"

namespace lockkeeper {

CliResult<std::unique_ptr<Repository>> ReaderSlot::Take(const GlobalOptions& options) {
  if (!IsRemote(options.repo)) return OpenRepository(options);
  const std::scoped_lock lock{mutex_};
  if (next_ == nullptr) {
    return Stop(ExitCode::kUnreachable,
                ShownRepo(options.repo) + ": has not been read yet; try again in a moment");
  }
  is_successor_ = false;
  return std::move(next_);
}

bool ReaderSlot::HasSuccessor() {
  const std::scoped_lock lock{mutex_};
  return is_successor_ && next_ != nullptr;
}

void ReaderSlot::Refill(Repository* followed) {
  const std::scoped_lock lock{mutex_};
  if (followed == nullptr) {
    // The next one may be at the same address. Until it is there, what the last one had read is an answer.
    followed_ = nullptr;
    return;
  }
  auto* remote = dynamic_cast<RemoteRepository*>(followed);
  if (remote == nullptr) return;
  const bool is_other = followed != followed_;
  if (next_ != nullptr && !is_other) return;
  auto reader = remote->OpenReader();
  if (!reader) return;
  next_ = std::move(*reader);
  followed_ = followed;
  is_successor_ = is_successor_ || is_other;
}

}  // namespace lockkeeper
