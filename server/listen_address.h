#pragma once

#include <string>
#include <string_view>

#include "schemas/error.h"

namespace lockkeeper {

/// A socket that listens, and where.
struct Listener {
  int fd = -1;          ///< non-blocking; the caller closes it
  std::string address;  ///< with the port that it got: `127.0.0.1:9444`, `[::1]:9444`
};

/// `ADDRESS:PORT`, `[IPV6]:PORT`, `localhost:PORT` or `:PORT`, the latter two on loopback. Port 0 takes a
/// free one. kInvalid: it is none of these, or nobody may listen there. kTransient: somebody else does.
Result<Listener> Listen(std::string_view text);

}  // namespace lockkeeper
