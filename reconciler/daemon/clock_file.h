#pragma once

#include <mutex>
#include <string>

#include "schemas/error.h"
#include "schemas/instant.h"

namespace lockkeeper {

/// A clock that somebody sets by writing an instant (RFC 3339) into a file, for rehearsals: a month of
/// windows in a minute. Replace the file by renaming another over it; what cannot be read leaves the clock as
/// it was. Thread-safe.
class ClockFile {
 public:
  explicit ClockFile(std::string path) : path_(std::move(path)) {}

  /// kInvalid: there is no file, or no instant in it.
  Result<Instant> Read() const;
  /// The newest that could be read.
  Instant Now();

 private:
  std::string path_;
  std::mutex mutex_;
  Instant last_{};
};

}  // namespace lockkeeper
