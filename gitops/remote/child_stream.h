#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "gitops/remote/git_service.h"
#include "gitops/repository/file_io.h"
#include "gitops/repository/spawn.h"
#include "schemas/error.h"

namespace lockkeeper {

/// A program that runs in its own process group while we speak with it. What is left of the group is killed
/// at the end.
class ChildStream {
 public:
  static Result<std::unique_ptr<ChildStream>> Start(const ProgramCall& call);
  ChildStream(const ChildStream&) = delete;
  ChildStream& operator=(const ChildStream&) = delete;
  ~ChildStream();

  enum class End {
    kEnough,  ///< the reader wants nothing more
    kClosed,  ///< the program has no more to say
    kIdle,
    kLate
  };
  struct Times {
    std::chrono::milliseconds idle_max{0};
    std::chrono::steady_clock::time_point deadline;
  };
  /// Writes what `request` gives, where there is one, and hands on what the program writes, both at once. The
  /// reader's errors are returned.
  Result<End> Exchange(const ServiceRequest* request, AnswerReader& reader, const Times& times);

  /// Ends what the program reads, and waits for its end, so long: its exit code.
  std::optional<int> Finish(std::chrono::steady_clock::time_point until);

  /// What it wrote to stderr: the end of it, at most 16 KiB.
  const std::string& said() const { return said_; }

 private:
  ChildStream() = default;
  Result<bool> WriteSome(const ServiceRequest& request);
  Result<std::optional<End>> ReadSome(AnswerReader& reader);
  bool ReadErrors();

  pid_t process_ = 0;
  FileDescriptor input_;
  FileDescriptor output_;
  FileDescriptor errors_;
  std::string said_;
  uint64_t left_ = 0;    // Of the request, not yet asked for.
  std::string pending_;  // Asked for, and not yet written.
};

}  // namespace lockkeeper
