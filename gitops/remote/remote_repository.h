#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gitops/remote/remote_transport.h"
#include "gitops/repository/repository.h"
#include "schemas/error.h"

namespace lockkeeper {

struct RemoteOptions {
  std::string url;           ///< names the remote in messages, without its user part
  std::string branch;        ///< empty: what the remote's HEAD names, asked at each fetch
  std::string clone_folder;  ///< the clone's own; made where it is missing
  size_t blob_bytes_max = size_t{16} << 20;
};

/// A remote's branch, seen through a bare clone of our own that is a cache: it may be deleted at any time, is
/// mended or made anew where it is damaged, and stays small. One process at a time uses a folder.
class RemoteRepository : public Repository {
 public:
  /// kTransient, and at once: another process has the folder. kInvalid: the folder is not ours to use.
  static Result<std::unique_ptr<RemoteRepository>> Open(const RemoteOptions& options,
                                                        std::unique_ptr<RemoteTransport> transport);

  /// A second pair of eyes on the same clone, for another thread: its Fetch asks nobody and gives the commit
  /// of the newest Fetch here. It cannot publish. It goes on working while the clone is compacted or made
  /// anew.
  virtual Result<std::unique_ptr<Repository>> OpenReader() = 0;

  /// With the last error: what the server asked us to wait.
  virtual std::optional<std::chrono::seconds> retry_after() const = 0;

  /// What was wrong with the clone since the last call, and has been mended or will be tried again: for the
  /// log. The first few, where there are many.
  virtual std::vector<std::string> TakeProblems() = 0;
};

}  // namespace lockkeeper
