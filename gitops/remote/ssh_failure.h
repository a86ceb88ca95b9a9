#pragma once

#include <string>
#include <string_view>

#include "gitops/remote/remote_access.h"
#include "gitops/remote/remote_url.h"
#include "schemas/error.h"

namespace lockkeeper {

/// What it means that ssh, or the service behind it, ended with this exit code and these words on stderr:
/// which of the kinds of RemoteTransport, and what to do. Without the URL's user.
Error SshError(const RemoteUrl& url, const RemoteAccess& access, int exit_code, std::string_view said);

}  // namespace lockkeeper
