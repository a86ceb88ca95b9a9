#include "gitops/repository/library_version.h"

#include <fmt/format.h>
#include <git2.h>

namespace lockkeeper {

std::string Libgit2Version() {
  int major = 0;
  int minor = 0;
  int patch = 0;
  git_libgit2_version(&major, &minor, &patch);
  return fmt::format("{}.{}.{}", major, minor, patch);
}

}  // namespace lockkeeper
