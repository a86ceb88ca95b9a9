#pragma once

#include <chrono>

#include "gitops/remote/git_service.h"
#include "gitops/remote/remote_access.h"
#include "gitops/remote/remote_url.h"
#include "gitops/repository/file_io.h"
#include "gitops/repository/spawn.h"
#include "schemas/error.h"

namespace lockkeeper {

/// How to call ssh for a service of a remote.
struct SshCall {
  ProgramCall program;
  /// Keeps the little program alive that gives ssh the passphrase; it is in memory only, and reads the
  /// passphrase's file when ssh asks.
  FileDescriptor askpass;
};

/// kInvalid: a file of `access` cannot be read or named to ssh. kDenied: there is no ssh.
Result<SshCall> MakeSshCall(const RemoteUrl& url, const RemoteAccess& access,
                            std::chrono::milliseconds connect_max, GitService service);

}  // namespace lockkeeper
