#pragma once

#include <memory>
#include <string>

#include "gitops/remote/remote_repository.h"
#include "reconciler/cli/global_options.h"
#include "schemas/error.h"

namespace lockkeeper {

/// Whether --repo names another machine: a URL, or user@host:path where there is no such path here.
bool IsRemote(const std::string& repo);

/// What messages, logs and answers call it: a URL without its user part, which may be a token.
std::string ShownRepo(const std::string& repo);

/// A clone belongs to one process. A daemon must have its own, and is told where somebody else has it; a
/// command takes another one where it is in use.
enum class CloneUse : bool { kCommand, kDaemon };

/// Through a clone in the cache folder. Nothing is asked of the remote yet.
Result<std::unique_ptr<RemoteRepository>> OpenRemote(const GlobalOptions& options, CloneUse use);

/// Where clones are: --cache, else $CACHE_DIRECTORY (systemd's), $XDG_CACHE_HOME/lockkeeper,
/// ~/.cache/lockkeeper. kInvalid: there is none of these.
Result<std::string> CacheFolder(const GlobalOptions& options);

}  // namespace lockkeeper
