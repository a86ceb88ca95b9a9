#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "gitops/repository/git_library.h"
#include "schemas/error.h"

namespace lockkeeper {

/// The Git configuration as it is at this moment; names in lower case. kInvalid where a value does not parse.
class RepositoryConfig {
 public:
  /// A repository's, with the user's and the system's.
  static Result<RepositoryConfig> Of(git_repository* repository);
  /// The user's and the system's.
  static Result<RepositoryConfig> OfUser();
  /// One file alone.
  static Result<RepositoryConfig> OfFile(const std::string& path);

  Result<std::optional<std::string>> Text(const char* name) const;
  /// With a leading `~/` resolved.
  Result<std::optional<std::string>> Path(const char* name) const;
  Result<bool> Bool(const char* name, bool absent) const;
  /// Names that begin with `prefix`.
  Result<std::vector<std::string>> Names(const std::string& prefix) const;

  /// core.sharedRepository: the bits of a new file's mode that stay, then those that are added.
  struct FileSharing {
    mode_t kept = 0777;
    mode_t added = 0;
  };
  Result<FileSharing> ReadFileSharing() const;

 private:
  GitConfigHandle config_;
};

}  // namespace lockkeeper
