#pragma once

#include <string>
#include <string_view>

#include "schemas/error.h"

namespace lockkeeper {

/// Where a remote repository is, taken apart.
struct RemoteUrl {
  enum class Way { kHttp, kSsh };
  Way way = Way::kHttp;
  std::string user;  ///< empty: none
  std::string host;
  std::string port;  ///< empty: the way's own
  std::string path;  ///< ssh: as the server's git gets it
  std::string text;  ///< without the user part: names the remote in messages, and for http is what is asked
};

/// https://, http://, ssh:// and user@host:path. kInvalid, without the user part in its words: another kind
/// of URL, or one with a password.
Result<RemoteUrl> ParseRemoteUrl(std::string_view text);

}  // namespace lockkeeper
