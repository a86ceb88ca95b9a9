#pragma once

#include <string>
#include <string_view>

#include "schemas/error.h"

namespace lockkeeper {

/// Makes the signature of a commit.
class CommitSigner {
 public:
  virtual ~CommitSigner() = default;

  /// The armoured signature over the bytes of a commit object that has none. It returns within a limited
  /// time. kDenied: the key cannot be used, and what to do; kTransient: it took too long.
  virtual Result<std::string> Sign(std::string_view commit) const = 0;
};

}  // namespace lockkeeper
