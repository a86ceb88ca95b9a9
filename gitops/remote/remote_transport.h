#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "gitops/remote/remote_access.h"
#include "schemas/error.h"

namespace lockkeeper {

struct FetchRequest {
  std::string git_dir;  ///< a bare repository of ours that takes the objects
  std::string branch;   ///< without refs/heads/; empty: what the remote's HEAD names
  std::string known;    ///< the commit that we have of it; empty: none
};

struct FetchOutcome {
  std::string branch;
  std::string commit;  ///< equal to `known` where nothing is new: then it was one round trip
};

struct PushRequest {
  std::string ref;        ///< full name
  std::string old_id;     ///< where it must be; empty: it must not exist
  std::string new_id;     ///< empty: it is deleted
  std::string pack_path;  ///< a pack with all that the remote does not have; empty for a deletion
};

/// Conversations with one remote repository. Each has a deadline and ends by then, whatever the server does.
/// No message holds a secret, nor a URL's user part. Not thread-safe.
///
/// Errors of all: kDenied: the server knows us and refuses, or does not know us, or is not who it should be
/// (certificate, host key). kTransient: not reached, cut, too slow, busy, nonsense. kInvalid: it can never
/// work as configured: a SHA-256 repository, an unreadable key file, a wrong URL.
class RemoteTransport {
 public:
  virtual ~RemoteTransport() = default;

  /// Brings the branch's newest commit, with all that it needs, into `git_dir`. Moves no ref there.
  /// kNotFound: the repository has no such branch, or no commit. A branch that was rewritten is brought like
  /// any other.
  virtual Result<FetchOutcome> Fetch(const FetchRequest& request) = 0;

  /// Compare and swap on the remote. kConflict: the ref is not at `old_id` any more. kDenied: refused by
  /// protection or a hook, with what the server said. kTransient with a lost answer: the ref may have moved;
  /// only reading it again tells, and that is left to the caller.
  virtual Result<void> Push(const PushRequest& request) = 0;

  /// What the server asked us to wait before we come again, with the last error (Retry-After, RFC 9110
  /// 10.2.3).
  virtual std::optional<std::chrono::seconds> retry_after() const = 0;
};

/// For https://, http://, ssh:// and user@host:path. kInvalid: another kind of URL, or one with a password.
Result<std::unique_ptr<RemoteTransport>> OpenTransport(const std::string& url, const RemoteAccess& access,
                                                       const RemoteLimits& limits);

}  // namespace lockkeeper
